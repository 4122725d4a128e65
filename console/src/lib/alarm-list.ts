import type { CompositeAlarm, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { queryOptions } from "@tanstack/react-query";

/** An alarm on a metric or an expression, or on other alarms: these have a rule. */
export type AnyAlarm = MetricAlarm & CompositeAlarm;

/** All alarms. The first page has it, too: CloudWatch's client comes when it is asked for. */
export const alarmsQuery = queryOptions({
  queryKey: ["alarm"],
  queryFn: async (): Promise<AnyAlarm[]> => (await import("./alarms")).listAlarms(),
});

// Of a target tracking policy, as Application Auto Scaling names it: in ALARM whenever a service has nothing to do,
// at its minimum too, and then no trouble.
const SCALES_IN = /^TargetTracking-.+-AlarmLow-/;

/** Those that are in ALARM, the newest first, but for those by which services scale in. */
export function alarming(alarms: AnyAlarm[] | undefined): AnyAlarm[] {
  const since = (alarm: AnyAlarm) => alarm.StateTransitionedTimestamp?.getTime() ?? 0;
  return (alarms ?? [])
    .filter(({ StateValue, AlarmName = "" }) => StateValue === "ALARM" && !SCALES_IN.test(AlarmName))
    .sort((one, other) => since(other) - since(one));
}
