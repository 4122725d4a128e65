import {
  AttachInternetGatewayCommand,
  CreateInternetGatewayCommand,
  CreateVpcCommand,
  type Vpc,
} from "@aws-sdk/client-ec2";
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
import { ec2, named, namedOption, tagName, vpcsQuery } from "../lib/ec2";
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

function commands({ name, block, hasGateway }: typeof EMPTY): string {
  const made = awsCommand("ec2 create-vpc", {
    "cidr-block": block,
    "tag-specifications": namedOption("vpc", name),
  });
  if (!hasGateway) return made;
  return [
    `vpc=$(${made} --query Vpc.VpcId --output text)`,
    "gateway=$(aws ec2 create-internet-gateway --query InternetGateway.InternetGatewayId --output text)",
    "aws ec2 attach-internet-gateway --internet-gateway-id $gateway --vpc-id $vpc",
  ].join("\n");
}

/** Makes a VPC, and its gateway where one is wanted; another try goes on where the last one failed. */
function CreateVpc() {
  const [form, setForm] = useState(EMPTY);
  const made = useRef<{ vpcId?: string | undefined; gatewayId?: string | undefined }>({});
  const create = async () => {
    const done = made.current;
    const asked = { CidrBlock: form.block, ...named("vpc", form.name) };
    done.vpcId ??= (await ec2.send(new CreateVpcCommand(asked))).Vpc?.VpcId;
    if (!form.hasGateway) return;
    done.gatewayId ??= (
      await ec2.send(new CreateInternetGatewayCommand(named("internet-gateway", form.name)))
    ).InternetGateway?.InternetGatewayId;
    const both = { VpcId: done.vpcId, InternetGatewayId: done.gatewayId };
    await ec2.send(new AttachInternetGatewayCommand(both));
  };
  return (
    <Action
      label="Create VPC"
      title="Create VPC"
      isPrimary
      command={commands(form)}
      run={create}
      done={`VPC ${form.name || form.block} was created. It needs subnets next.`}
      kinds={["vpc", "security-group"]}
      onOpen={() => {
        made.current = {};
        setForm(EMPTY);
      }}
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
    </Action>
  );
}
