import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { progressText, weightsText } from "../lib/ab-text";
import type { Shift } from "../lib/tidegate-api";
import { moment } from "../lib/times";
import { PageLink, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";

const SHOWN: Record<Shift["Status"], { type: StatusIndicatorProps.Type; text: string }> = {
  IN_PROGRESS: { type: "in-progress", text: "in progress" },
  SUCCEEDED: { type: "success", text: "succeeded" },
  ROLLED_BACK: { type: "error", text: "rolled back" },
  STOPPED: { type: "stopped", text: "stopped" },
};

export function ShiftStatus({ status }: { status: Shift["Status"] }) {
  const { type, text } = SHOWN[status];
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

/** When something was, as the API tells it: in seconds. */
export const at = (seconds: number | undefined): string =>
  moment(seconds === undefined ? undefined : new Date(seconds * 1000));

const COLUMNS: Column<Shift>[] = [
  {
    id: "id",
    header: "Shift",
    value: (s) => s.ShiftId,
    cell: (s) => <PageLink to={paths.abTest(s.RuleArn)}>{s.ShiftId}</PageLink>,
    minWidth: 200,
  },
  {
    id: "status",
    header: "Status",
    value: (s) => s.Status,
    cell: (s) => <ShiftStatus status={s.Status} />,
    minWidth: 150,
  },
  { id: "step", header: "Reached", value: progressText, cell: progressText, minWidth: 200 },
  {
    id: "weights",
    header: "Weights",
    value: (s) => weightsText(s.Weights),
    cell: (s) => weightsText(s.Weights),
    minWidth: 150,
  },
  {
    id: "reason",
    header: "Reason",
    value: (s) => s.StatusReason,
    cell: (s) => s.StatusReason ?? "-",
    minWidth: 180,
  },
  { id: "at", header: "Started", value: (s) => s.CreatedAt, cell: (s) => at(s.CreatedAt), minWidth: 190 },
];

interface Props {
  query: { data: Shift[] | undefined; error: Error | null; isPending: boolean };
}

/** Shifts of the last six weeks, newest first. */
export function ShiftTable({ query }: Props) {
  return (
    <ResourceTable
      noun="shifts"
      title="Shifts"
      columns={COLUMNS}
      query={query}
      rowKey={(shift) => shift.ShiftId}
      sortBy="at"
      isDescending
      empty="No weights have been shifted step by step yet."
    />
  );
}
