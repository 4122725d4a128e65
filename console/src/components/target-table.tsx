import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { ReactNode } from "react";
import { type Column, ResourceTable } from "./resource-table";
import { TargetStatus } from "./statuses";

export const targetKey = (target: TargetHealthDescription) => `${target.Target?.Id}:${target.Target?.Port}`;

const COLUMNS: Column<TargetHealthDescription>[] = [
  { id: "id", header: "Target", value: (t) => t.Target?.Id, cell: (t) => t.Target?.Id, minWidth: 190 },
  { id: "port", header: "Port", value: (t) => t.Target?.Port, cell: (t) => t.Target?.Port, minWidth: 90 },
  {
    id: "zone",
    header: "Zone",
    value: (t) => t.Target?.AvailabilityZone,
    cell: (t) => t.Target?.AvailabilityZone ?? "-",
    minWidth: 120,
  },
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
  return <ResourceTable noun="targets" columns={COLUMNS} rowKey={targetKey} sortBy="id" {...props} />;
}
