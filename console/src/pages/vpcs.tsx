import type { Vpc } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { PlainStatus } from "../components/statuses";
import { tagName, vpcsQuery } from "../lib/ec2";
import { createVpc, type MadeVpc, vpcCommands } from "../lib/new-vpc";
import { madeText } from "../lib/once";
import { awsCommand } from "../lib/text";

const COLUMNS: Column<Vpc>[] = [
  {
    id: "id",
    header: "VPC",
    value: (v) => v.VpcId,
    cell: (v) => <PageLink to={paths.vpc(v.VpcId ?? "")}>{v.VpcId}</PageLink>,
    minWidth: 200,
  },
  { id: "name", header: "Name", value: (v) => tagName(v.Tags), cell: (v) => tagName(v.Tags) || "-" },
  {
    id: "state",
    header: "State",
    value: (v) => v.State,
    cell: (v) => <PlainStatus status={v.State} />,
    minWidth: 120,
  },
  { id: "block", header: "Addresses", value: (v) => v.CidrBlock, cell: (v) => v.CidrBlock, minWidth: 150 },
  {
    id: "default",
    header: "Default",
    value: (v) => (v.IsDefault ? "yes" : "no"),
    cell: (v) => (v.IsDefault ? "yes" : "no"),
  },
];

export default function Vpcs() {
  return (
    <ResourceTable
      variant="full-page"
      noun="VPCs"
      title="VPCs"
      description="A load balancer, its target groups and the instances behind it are in one VPC."
      columns={COLUMNS}
      query={useQuery(vpcsQuery)}
      rowKey={(vpc) => vpc.VpcId ?? ""}
      sortBy="id"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("ec2 describe-vpcs", {})} />
          <CreateVpc />
        </SpaceBetween>
      }
      empty="There is no VPC: create the one that instances and load balancers are to be in."
    />
  );
}

const EMPTY = { name: "", block: "172.16.0.0/16", hasGateway: true };

/** Makes a VPC; what a try that failed has made is told, and used by the next. */
function CreateVpc() {
  const [form, setForm] = useState(EMPTY);
  const [told, setTold] = useState("");
  const made = useRef<MadeVpc>({ parts: {}, gateway: {} });
  return (
    <Action
      label="Create VPC"
      title="Create VPC"
      isPrimary
      command={vpcCommands(form, made.current)}
      run={() => createVpc(made.current, form).finally(() => setTold(madeText(made.current.parts)))}
      done={`VPC ${form.name || form.block} was created. It needs subnets next.`}
      kinds={["vpc", "security-group"]}
      typed={form}
      onOpen={() => setForm(EMPTY)}
    >
      <FormField label="VPC name" description="May be empty.">
        <Input value={form.name} onChange={({ detail }) => setForm({ ...form, name: detail.value })} />
      </FormField>
      <FormField label="Addresses" description="A block of private addresses, /16 to /28.">
        <Input
          value={form.block}
          onChange={({ detail }) => setForm({ ...form, block: detail.value.trim() })}
        />
      </FormField>
      <Checkbox
        checked={form.hasGateway}
        description="An internet-facing load balancer needs one in its VPC."
        onChange={({ detail }) => setForm({ ...form, hasGateway: detail.checked })}
      >
        With an internet gateway
      </Checkbox>
      {told && <Box>{told}</Box>}
    </Action>
  );
}
