import { DeleteScheduledActionCommand, type ScheduledAction } from "@aws-sdk/client-application-auto-scaling";
import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { scaled, scaling, scalingCommand, scheduledActionsQuery } from "../lib/scaling";
import { EMPTY_SCHEDULE, putSchedule, scheduleCommand, scheduleFaults } from "../lib/scheduled-action";
import { moment } from "../lib/times";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { TextField } from "./fields";
import { type Column, ResourceTable } from "./resource-table";
import { useForm } from "./use-form";

interface Props {
  cluster: string;
  service: string;
  isScaled: boolean;
}

function bounds({ ScalableTargetAction: to }: ScheduledAction): string {
  const given = [
    to?.MinCapacity !== undefined && `minimum ${to.MinCapacity}`,
    to?.MaxCapacity !== undefined && `maximum ${to.MaxCapacity}`,
  ];
  return given.filter(Boolean).join(", ");
}

function when({ StartTime, EndTime }: ScheduledAction): string {
  const given = [StartTime && `from ${moment(StartTime)}`, EndTime && `until ${moment(EndTime)}`];
  return given.filter(Boolean).join(" ") || "always";
}

const COLUMNS: Column<ScheduledAction>[] = [
  {
    id: "name",
    header: "Action",
    value: (a) => a.ScheduledActionName,
    cell: (a) => a.ScheduledActionName,
    minWidth: 150,
  },
  { id: "schedule", header: "Schedule", value: (a) => a.Schedule, cell: (a) => a.Schedule, minWidth: 230 },
  {
    id: "zone",
    header: "Time zone",
    value: (a) => a.Timezone,
    cell: (a) => a.Timezone ?? "UTC",
    minWidth: 140,
  },
  { id: "bounds", header: "Bounds that it sets", value: bounds, cell: bounds, minWidth: 200 },
  { id: "when", header: "In effect", value: when, cell: when, minWidth: 160 },
];

/** What moves a service's bounds by the clock. */
export function ScalingSchedules({ cluster, service, isScaled }: Props) {
  const query = useQuery(scheduledActionsQuery(cluster, service));
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = query.data?.some(({ ScheduledActionName }) => ScheduledActionName === selected);
  return (
    <ResourceTable
      noun="scheduled actions"
      title="Scheduled actions"
      description="Each sets the bounds at its time; the desired count is brought within them."
      columns={COLUMNS}
      query={query}
      rowKey={({ ScheduledActionName }) => ScheduledActionName ?? ""}
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <DeleteSchedule cluster={cluster} service={service} name={chosen ? selected : null} />
          {isScaled && <CreateSchedule cluster={cluster} service={service} />}
          <CopyCommand command={scalingCommand("describe-scheduled-actions", cluster, service)} />
        </SpaceBetween>
      }
      empty={isScaled ? "Nothing is scheduled." : "Set the bounds of the service first."}
    />
  );
}

function CreateSchedule({ cluster, service }: { cluster: string; service: string }) {
  const { props, check, start } = useForm(EMPTY_SCHEDULE, scheduleFaults);
  return (
    <Action
      label="Create scheduled action"
      title="Create scheduled action"
      command={scheduleCommand(cluster, service, props.form)}
      run={async () => {
        check();
        await putSchedule(cluster, service, props.form);
      }}
      done={`${props.form.actionName} is scheduled.`}
      kinds={["scaling"]}
      typed={props.form}
      onOpen={() => start(EMPTY_SCHEDULE)}
    >
      <TextField {...props} field="actionName" hasSpaces label="Action name" placeholder="morning" />
      <TextField
        {...props}
        field="schedule"
        hasSpaces
        label="Schedule"
        description="cron(minutes hours day-of-month month day-of-week year), rate(10 minutes), at(2030-01-31T08:00:00)."
      />
      <TextField
        {...props}
        field="timezone"
        label="Time zone"
        description="Whose clocks a cron or at goes by, as Europe/Berlin."
      />
      <ColumnLayout columns={2}>
        <TextField {...props} field="minimum" label="Minimum number of tasks" isNumber />
        <TextField {...props} field="maximum" label="Maximum number of tasks" isNumber />
      </ColumnLayout>
    </Action>
  );
}

interface DeleteProps {
  cluster: string;
  service: string;
  name: string | null;
}

function DeleteSchedule({ cluster, service, name }: DeleteProps) {
  const ScheduledActionName = name ?? "";
  const asked = { ...scaled(cluster, service), ScheduledActionName };
  return (
    <Action
      label="Delete action"
      title={`Delete ${ScheduledActionName}?`}
      command={scalingCommand("delete-scheduled-action", cluster, service, {
        "scheduled-action-name": ScheduledActionName,
      })}
      run={() => scaling.send(new DeleteScheduledActionCommand(asked))}
      done={`${ScheduledActionName} was deleted.`}
      kinds={["scaling"]}
      isDisabled={name === null}
    >
      <Box>The bounds stay as they are now.</Box>
    </Action>
  );
}
