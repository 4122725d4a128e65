import { CreateSubnetCommand, DeleteSubnetCommand, type Subnet } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ec2, named, namedOption, subnetsQuery, tagName, zonesQuery } from "../lib/ec2";
import { listState } from "../lib/list-state";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { PageLink, paths } from "./link";
import { VpcField } from "./network-fields";
import { type Column, ResourceTable } from "./resource-table";

const COLUMNS: Column<Subnet>[] = [
  { id: "id", header: "Subnet", value: (s) => s.SubnetId, cell: (s) => s.SubnetId, minWidth: 220 },
  { id: "name", header: "Name", value: (s) => tagName(s.Tags), cell: (s) => tagName(s.Tags) || "-" },
  {
    id: "zone",
    header: "Zone",
    value: (s) => s.AvailabilityZone,
    cell: (s) => s.AvailabilityZone,
    minWidth: 120,
  },
  { id: "block", header: "Addresses", value: (s) => s.CidrBlock, cell: (s) => s.CidrBlock, minWidth: 150 },
  {
    id: "free",
    header: "Free addresses",
    value: (s) => s.AvailableIpAddressCount,
    cell: (s) => s.AvailableIpAddressCount,
  },
  {
    id: "vpc",
    header: "VPC",
    value: (s) => s.VpcId,
    cell: (s) => <PageLink to={paths.vpc(s.VpcId ?? "")}>{s.VpcId}</PageLink>,
    minWidth: 200,
  },
  {
    id: "default",
    header: "Default of its zone",
    value: (s) => (s.DefaultForAz ? "yes" : "no"),
    cell: (s) => (s.DefaultForAz ? "yes" : "no"),
    minWidth: 150,
  },
];

interface Props {
  /** Only those of one VPC. */
  vpcId?: string;
  variant?: TableProps.Variant;
}

export function SubnetTable({ vpcId, variant }: Props) {
  const [selected, setSelected] = useState<string | null>(null);
  const query = useQuery({
    ...subnetsQuery,
    select: (all) => all.filter((subnet) => !vpcId || subnet.VpcId === vpcId),
  });
  const chosen = query.data?.find(({ SubnetId }) => SubnetId === selected);
  const filters = vpcId ? `Name=vpc-id,Values=${vpcId}` : undefined;
  return (
    <ResourceTable
      {...(variant && { variant })}
      noun="subnets"
      title="Subnets"
      columns={vpcId ? COLUMNS.filter(({ id }) => id !== "vpc") : COLUMNS}
      query={query}
      rowKey={(subnet) => subnet.SubnetId ?? ""}
      sortBy="zone"
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <DeleteSubnet id={chosen?.SubnetId ?? null} />
          <CopyCommand command={awsCommand("ec2 describe-subnets", { filters })} />
          <CreateSubnet vpcId={vpcId ?? ""} />
        </SpaceBetween>
      }
      empty="There is no subnet yet: a load balancer needs two of its VPC, in different zones."
    />
  );
}

const EMPTY = { vpcId: "", zone: "", block: "", name: "" };

function CreateSubnet({ vpcId }: { vpcId: string }) {
  const [form, setForm] = useState(EMPTY);
  const zones = useQuery(zonesQuery);
  const options = (zones.data ?? []).map((value) => ({ value, label: value }));
  return (
    <Action
      label="Create subnet"
      title="Create subnet"
      isPrimary
      command={awsCommand("ec2 create-subnet", {
        "vpc-id": form.vpcId,
        "availability-zone": form.zone || undefined,
        "cidr-block": form.block,
        "tag-specifications": namedOption("subnet", form.name),
      })}
      run={() => {
        if (!form.vpcId) throw new Error("Choose a VPC.");
        return ec2.send(
          new CreateSubnetCommand({
            VpcId: form.vpcId,
            CidrBlock: form.block,
            ...(form.zone && { AvailabilityZone: form.zone }),
            ...named("subnet", form.name),
          }),
        );
      }}
      done={`Subnet ${form.block} was created.`}
      kinds={["subnet"]}
      typed={form}
      onOpen={() => setForm({ ...EMPTY, vpcId })}
    >
      <VpcField label="VPC" value={form.vpcId} onChange={(id) => setForm({ ...form, vpcId: id })} />
      <FormField label="Availability zone">
        <Select
          options={options}
          {...listState(zones)}
          placeholder="Any"
          selectedOption={options.find(({ value }) => value === form.zone) ?? null}
          onChange={({ detail }) => setForm({ ...form, zone: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField label="Addresses" description="A block of the VPC's, as 172.16.1.0/24.">
        <Input
          value={form.block}
          onChange={({ detail }) => setForm({ ...form, block: detail.value.trim() })}
        />
      </FormField>
      <FormField label="Name" description="May be empty.">
        <Input value={form.name} onChange={({ detail }) => setForm({ ...form, name: detail.value })} />
      </FormField>
    </Action>
  );
}

function DeleteSubnet({ id }: { id: string | null }) {
  return (
    <Action
      label="Delete"
      title={`Delete ${id}?`}
      command={awsCommand("ec2 delete-subnet", { "subnet-id": id ?? "" })}
      run={() => ec2.send(new DeleteSubnetCommand({ SubnetId: id ?? "" }))}
      done={`${id} was deleted.`}
      kinds={["subnet"]}
      isDisabled={id === null || id === undefined}
    >
      <Box>Only one without instances and load balancers can be deleted.</Box>
    </Action>
  );
}
