import { conditionOf } from "../lib/alarm-form";
import type { AnyAlarm } from "../lib/alarm-list";
import { moment } from "../lib/times";
import { PageLink, paths } from "./link";
import type { Column } from "./resource-table";
import { AlarmStatus } from "./statuses";

/** What an alarm looks at, in one line. */
export function condition(alarm: AnyAlarm): string {
  return alarm.AlarmRule ?? conditionOf(alarm);
}

/** The columns of tables of alarms. */
export const ALARMS: Column<AnyAlarm>[] = [
  {
    id: "name",
    header: "Alarm",
    value: (a) => a.AlarmName,
    cell: (a) => <PageLink to={paths.alarm(a.AlarmName ?? "")}>{a.AlarmName}</PageLink>,
    minWidth: 150,
  },
  {
    id: "state",
    header: "State",
    value: (a) => a.StateValue,
    cell: (a) => <AlarmStatus state={a.StateValue} />,
    minWidth: 175,
  },
  {
    id: "since",
    header: "Since",
    value: (a) => a.StateTransitionedTimestamp?.getTime(),
    cell: (a) => moment(a.StateTransitionedTimestamp),
    minWidth: 190,
  },
  { id: "condition", header: "Condition", value: condition, cell: condition, minWidth: 210 },
  {
    id: "reason",
    header: "Reason",
    value: (a) => a.StateReason,
    cell: (a) => a.StateReason ?? "-",
    minWidth: 260,
  },
  {
    id: "actions",
    header: "Actions",
    value: (a) => (a.ActionsEnabled ? "enabled" : "disabled"),
    cell: (a) => (a.ActionsEnabled ? "enabled" : "disabled"),
    minWidth: 100,
  },
];
