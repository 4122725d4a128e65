import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { ec2InstancesQuery, zonesOf } from "../lib/ec2";
import { PageLink, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { TargetStatus } from "./statuses";

export const targetKey = (target: TargetHealthDescription) => `${target.Target?.Id}:${target.Target?.Port}`;

const isInstance = (id: string) => id.startsWith("i-");

const STATES: Column<TargetHealthDescription>[] = [
  {
    id: "state",
    header: "Status",
    value: (t) => t.TargetHealth?.State,
    cell: (t) => <TargetStatus state={t.TargetHealth?.State} />,
    minWidth: 130,
  },
  {
    id: "reason",
    header: "Reason",
    value: (t) => t.TargetHealth?.Reason,
    cell: (t) => t.TargetHealth?.Reason ?? "-",
    minWidth: 220,
  },
  {
    id: "description",
    header: "Details",
    value: (t) => t.TargetHealth?.Description,
    cell: (t) => t.TargetHealth?.Description ?? "-",
    minWidth: 260,
  },
];

/** `zones` are those of instances: a description of target health has none for them. */
function columns(zones: ReadonlyMap<string, string>): Column<TargetHealthDescription>[] {
  const zoneOf = ({ Target }: TargetHealthDescription) =>
    Target?.AvailabilityZone ?? zones.get(Target?.Id ?? "") ?? "-";
  return [
    { id: "id", header: "Target", value: (t) => t.Target?.Id, cell: targetLink, minWidth: 190 },
    { id: "port", header: "Port", value: (t) => t.Target?.Port, cell: (t) => t.Target?.Port, minWidth: 90 },
    { id: "zone", header: "Zone", value: zoneOf, cell: zoneOf, minWidth: 120 },
    ...STATES,
  ];
}

function targetLink({ Target }: TargetHealthDescription) {
  const id = Target?.Id ?? "";
  return isInstance(id) ? <PageLink to={paths.instance(id)}>{id}</PageLink> : id;
}

interface Props {
  title: string;
  description?: ReactNode;
  query: { data: TargetHealthDescription[] | undefined; error: Error | null; isPending: boolean };
  empty: ReactNode;
  actions?: ReactNode;
  selected?: string | null;
  onSelect?: (key: string | null) => void;
}

/** Targets with their health and AWS's reasons for it. */
export function TargetTable(props: Props) {
  const hasInstances = props.query.data?.some(({ Target }) => isInstance(Target?.Id ?? "")) ?? false;
  const instances = useQuery({ ...ec2InstancesQuery, enabled: hasInstances }).data;
  const shown = useMemo(() => columns(zonesOf(instances ?? [])), [instances]);
  return <ResourceTable noun="targets" columns={shown} rowKey={targetKey} sortBy="id" {...props} />;
}
