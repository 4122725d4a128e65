import type { ScalingActivity } from "@aws-sdk/client-application-auto-scaling";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { useQuery } from "@tanstack/react-query";
import { activitiesQuery, scalingCommand } from "../lib/scaling";
import { moment } from "../lib/times";
import { CopyCommand } from "./copy-command";
import { type Column, ResourceTable } from "./resource-table";

const STATUS: Record<string, StatusIndicatorProps.Type> = {
  Successful: "success",
  Failed: "error",
  Unfulfilled: "warning",
  Overridden: "stopped",
  InProgress: "in-progress",
  Pending: "pending",
};

/** AWS calls failed what a bound forbids, too: nothing is wrong with it. */
function statusType({ StatusCode, NotScaledReasons }: ScalingActivity): StatusIndicatorProps.Type {
  return NotScaledReasons?.length ? "info" : (STATUS[StatusCode ?? ""] ?? "pending");
}

/** Why nothing was done, in words; AWS's code is told with it. */
const WHY: Record<string, string> = {
  AlreadyAtMaxCapacity: "the maximum allows no more",
  AlreadyAtMinCapacity: "the minimum allows no fewer",
  AlreadyAtDesiredCapacity: "the policy asks for what is there",
  AutoScalingAnticipatedFlapping: "with one task fewer the metric would be above the target",
  TargetServicePutResourceAsUnscalable: "a deployment is in progress",
};

function reasons({ NotScaledReasons }: ScalingActivity): string {
  return (NotScaledReasons ?? [])
    .map(({ Code = "", MaxCapacity, MinCapacity, CurrentCapacity }) => {
      const numbers = [
        CurrentCapacity !== undefined && `current ${CurrentCapacity}`,
        MinCapacity !== undefined && `minimum ${MinCapacity}`,
        MaxCapacity !== undefined && `maximum ${MaxCapacity}`,
      ].filter(Boolean);
      return [`${Code}${WHY[Code] ? `: ${WHY[Code]}` : ""}`, ...numbers].join(", ");
    })
    .join("; ");
}

const what = ({ StatusMessage, Description }: ScalingActivity) => StatusMessage || Description || "-";

const COLUMNS: Column<ScalingActivity>[] = [
  {
    id: "at",
    header: "Time",
    value: (a) => a.StartTime?.getTime(),
    cell: (a) => moment(a.StartTime),
    minWidth: 200,
  },
  {
    id: "status",
    header: "Status",
    value: (a) => a.StatusCode,
    cell: (a) => <StatusIndicator type={statusType(a)}>{a.StatusCode ?? "-"}</StatusIndicator>,
    minWidth: 140,
  },
  { id: "what", header: "Activity", value: what, cell: what, minWidth: 300 },
  {
    id: "why",
    header: "Not scaled because",
    value: reasons,
    cell: (a) => reasons(a) || "-",
    minWidth: 190,
  },
  { id: "cause", header: "Cause", value: (a) => a.Cause, cell: (a) => a.Cause ?? "-", minWidth: 240 },
];

/** What scaling did, and what it did not, with AWS's reasons. */
export function ScalingActivities({ cluster, service }: { cluster: string; service: string }) {
  const query = useQuery(activitiesQuery(cluster, service));
  const command = scalingCommand("describe-scaling-activities", cluster, service, {
    "include-not-scaled-activities": true,
  });
  return (
    <ResourceTable
      noun="activities"
      title="Scaling activities"
      description="The newest fifty, those that changed nothing included."
      columns={COLUMNS}
      query={query}
      rowKey={({ ActivityId }) => ActivityId ?? ""}
      sortBy="at"
      isDescending
      actions={<CopyCommand command={command} />}
      empty="Nothing was to be scaled yet."
    />
  );
}
