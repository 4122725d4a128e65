import { type Instance, TerminateInstancesCommand } from "@aws-sdk/client-ec2";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { TableProps } from "@cloudscape-design/components/table";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ec2, ec2InstancesQuery, tagName } from "../lib/ec2";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { Age } from "./age";
import { CopyCommand } from "./copy-command";
import { PageButton, PageLink, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { PlainStatus } from "./statuses";

const VPC: Column<Instance> = {
  id: "vpc",
  header: "VPC",
  value: (i) => i.VpcId,
  cell: (i) => <PageLink to={paths.vpc(i.VpcId ?? "")}>{i.VpcId}</PageLink>,
  minWidth: 220,
};

const FIRST: Column<Instance>[] = [
  {
    id: "id",
    header: "Instance",
    value: (i) => i.InstanceId,
    cell: (i) => <PageLink to={paths.instance(i.InstanceId ?? "")}>{i.InstanceId}</PageLink>,
    minWidth: 185,
  },
  { id: "name", header: "Name", value: (i) => tagName(i.Tags), cell: (i) => tagName(i.Tags) || "-" },
  {
    id: "state",
    header: "State",
    value: (i) => i.State?.Name,
    cell: (i) => <PlainStatus status={i.State?.Name} />,
    minWidth: 120,
  },
  { id: "type", header: "Type", value: (i) => i.InstanceType, cell: (i) => i.InstanceType, minWidth: 100 },
  {
    id: "address",
    header: "Private address",
    value: (i) => i.PrivateIpAddress,
    cell: (i) => i.PrivateIpAddress ?? "-",
    minWidth: 130,
  },
  {
    id: "zone",
    header: "Zone",
    value: (i) => i.Placement?.AvailabilityZone,
    cell: (i) => i.Placement?.AvailabilityZone,
    minWidth: 110,
  },
];

const LAUNCHED: Column<Instance> = {
  id: "age",
  header: "Launched",
  // Counted from the past, so that the newest is first in ascending order as in "3 s, 2 min".
  value: (i) => -(i.LaunchTime?.getTime() ?? 0),
  cell: (i) => (
    <>
      <Age since={i.LaunchTime} /> ago
    </>
  ),
  minWidth: 120,
};

const COLUMNS = [...FIRST, VPC, LAUNCHED];
const COLUMNS_OF_VPC = [...FIRST, LAUNCHED];

interface Props {
  /** Only those of one VPC. */
  vpcId?: string;
  variant?: TableProps.Variant;
}

export function InstanceTable({ vpcId, variant }: Props) {
  const [selected, setSelected] = useState<string | null>(null);
  const query = useQuery({
    ...ec2InstancesQuery,
    select: (all) => all.filter((instance) => !vpcId || instance.VpcId === vpcId),
  });
  const chosen = query.data?.find(({ InstanceId }) => InstanceId === selected);
  const filters = vpcId ? `Name=vpc-id,Values=${vpcId}` : undefined;
  return (
    <ResourceTable
      {...(variant && { variant })}
      noun="instances"
      title="Instances"
      columns={vpcId ? COLUMNS_OF_VPC : COLUMNS}
      query={query}
      rowKey={(instance) => instance.InstanceId ?? ""}
      sortBy="age"
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <Terminate instance={chosen} />
          <CopyCommand command={awsCommand("ec2 describe-instances", { filters })} />
          {!vpcId && <PageButton to={paths.createCluster()}>Run instances</PageButton>}
        </SpaceBetween>
      }
      empty={
        vpcId
          ? "No instance runs in this VPC."
          : "No instance runs: create a cluster with some, or run some for a cluster that is there."
      }
    />
  );
}

/** Ends an instance, after a question. */
export function Terminate({ instance }: { instance: Instance | undefined }) {
  const id = instance?.InstanceId ?? "";
  return (
    <Action
      label="Terminate"
      title={`Terminate ${id}?`}
      command={awsCommand("ec2 terminate-instances", { "instance-ids": id })}
      run={() => ec2.send(new TerminateInstancesCommand({ InstanceIds: [id] }))}
      done={`${id} is being terminated.`}
      kinds={["instance", "container-instance", "task"]}
      isDisabled={!instance || instance.State?.Name === "terminated"}
    >
      <Box>
        It leaves its cluster, and its tasks stop at once. To let services replace them first, drain the
        container instance on the cluster's page. This cannot be taken back.
      </Box>
    </Action>
  );
}
