import {
  CreateSecurityGroupCommand,
  DeleteSecurityGroupCommand,
  type SecurityGroup,
} from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ec2, securityGroupsQuery } from "../lib/ec2";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { PageLink, paths } from "./link";
import { VpcField } from "./network-fields";
import { type Column, ResourceTable } from "./resource-table";

const COLUMNS: Column<SecurityGroup>[] = [
  {
    id: "name",
    header: "Security group",
    value: (g) => g.GroupName,
    cell: (g) => <PageLink to={paths.securityGroup(g.GroupId ?? "")}>{g.GroupName}</PageLink>,
    minWidth: 180,
  },
  { id: "id", header: "Id", value: (g) => g.GroupId, cell: (g) => g.GroupId, minWidth: 190 },
  {
    id: "vpc",
    header: "VPC",
    value: (g) => g.VpcId,
    cell: (g) => <PageLink to={paths.vpc(g.VpcId ?? "")}>{g.VpcId}</PageLink>,
    minWidth: 200,
  },
  {
    id: "description",
    header: "Description",
    value: (g) => g.Description,
    cell: (g) => g.Description ?? "-",
    minWidth: 220,
  },
];

interface Props {
  /** Only those of one VPC. */
  vpcId?: string;
  variant?: TableProps.Variant;
}

export function SecurityGroupTable({ vpcId, variant }: Props) {
  const [selected, setSelected] = useState<string | null>(null);
  const query = useQuery({
    ...securityGroupsQuery,
    select: (all) => all.filter((group) => !vpcId || group.VpcId === vpcId),
  });
  const chosen = query.data?.find(({ GroupId }) => GroupId === selected);
  const filters = vpcId ? `Name=vpc-id,Values=${vpcId}` : undefined;
  return (
    <ResourceTable
      {...(variant && { variant })}
      noun="security groups"
      title="Security groups"
      columns={vpcId ? COLUMNS.filter(({ id }) => id !== "vpc") : COLUMNS}
      query={query}
      rowKey={(group) => group.GroupId ?? ""}
      sortBy="name"
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <DeleteSecurityGroup group={chosen} />
          <CopyCommand command={awsCommand("ec2 describe-security-groups", { filters })} />
          <CreateSecurityGroup vpcId={vpcId ?? ""} />
        </SpaceBetween>
      }
      empty="There is no security group: each VPC comes with a default one."
    />
  );
}

const EMPTY = { name: "", description: "", vpcId: "" };

function CreateSecurityGroup({ vpcId }: { vpcId: string }) {
  const [form, setForm] = useState(EMPTY);
  const asked = { GroupName: form.name, Description: form.description, VpcId: form.vpcId };
  return (
    <Action
      label="Create security group"
      title="Create security group"
      isPrimary
      command={awsCommand("ec2 create-security-group", {
        "group-name": form.name,
        description: form.description,
        "vpc-id": form.vpcId,
      })}
      run={() => {
        if (!form.vpcId) throw new Error("Choose a VPC.");
        return ec2.send(new CreateSecurityGroupCommand(asked));
      }}
      done={`Security group ${form.name} was created: nobody is let in yet.`}
      kinds={["security-group"]}
      typed={form}
      onOpen={() => setForm({ ...EMPTY, vpcId })}
    >
      <FormField label="Security group name">
        <Input value={form.name} onChange={({ detail }) => setForm({ ...form, name: detail.value })} />
      </FormField>
      <FormField label="Description">
        <Input
          value={form.description}
          onChange={({ detail }) => setForm({ ...form, description: detail.value })}
        />
      </FormField>
      <VpcField label="VPC" value={form.vpcId} onChange={(id) => setForm({ ...form, vpcId: id })} />
    </Action>
  );
}

/** Deletes a group, after a question. */
export function DeleteSecurityGroup(props: { group: SecurityGroup | undefined; onDone?: () => void }) {
  const { GroupId = "", GroupName } = props.group ?? {};
  return (
    <Action
      label="Delete"
      title={`Delete ${GroupName}?`}
      command={awsCommand("ec2 delete-security-group", { "group-id": GroupId })}
      run={() => ec2.send(new DeleteSecurityGroupCommand({ GroupId }))}
      done={`Security group ${GroupName} was deleted.`}
      kinds={["security-group"]}
      isDisabled={!props.group}
      {...(props.onDone && { onDone: props.onDone })}
    >
      <Box>Only one that no instance, load balancer and rule names can be deleted.</Box>
    </Action>
  );
}
