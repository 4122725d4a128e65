import { expect, test } from "vitest";
import {
  type AlarmForm,
  command,
  conditionOf,
  EMPTY,
  faultsOf,
  formOf,
  request,
  seen,
} from "../lib/alarm-form";
import { alarming } from "../lib/alarm-list";

const FORM: AlarmForm = {
  ...EMPTY,
  name: "slow",
  metric: {
    namespace: "AWS/ApplicationELB",
    name: "TargetResponseTime",
    dimensions: { LoadBalancer: "app/shop/1" },
  },
  statistic: "p99",
  threshold: "0.5",
  datapoints: "2",
  onAlarm: "http://127.0.0.1:1/hook\nhttp://127.0.0.1:2/hook",
};

test("what is missing or wrong is said by field", () => {
  expect(Object.keys(faultsOf(EMPTY))).toEqual(["name", "metric", "threshold"]);
  expect(faultsOf(FORM)).toEqual({});
  expect(Object.keys(faultsOf({ ...FORM, threshold: "much", datapoints: "4" }))).toEqual([
    "threshold",
    "datapoints",
  ]);
  expect(Object.keys(faultsOf({ ...FORM, evaluationPeriods: "0" }))).toEqual([
    "evaluationPeriods",
    "datapoints",
  ]);
});

test("a percentile is an extended statistic, actions are one a line", () => {
  const asked = request(FORM);
  expect(asked).toMatchObject({ ExtendedStatistic: "p99", Threshold: 0.5, Period: 60, DatapointsToAlarm: 2 });
  expect(asked.Statistic).toBeUndefined();
  expect(asked.AlarmActions).toEqual(["http://127.0.0.1:1/hook", "http://127.0.0.1:2/hook"]);
  expect(asked.Dimensions).toEqual([{ Name: "LoadBalancer", Value: "app/shop/1" }]);
});

test("an alarm that is edited keeps what the form does not ask for", () => {
  const old = { ...request(FORM), ActionsEnabled: false, Unit: "Seconds" as const };
  expect(formOf(old)).toEqual(FORM);
  expect(request(FORM, old)).toMatchObject({ ActionsEnabled: false, Unit: "Seconds" });
  expect(command(FORM, old)).toContain("--no-actions-enabled");
});

test("an alarm on an expression has no form", () => {
  expect(formOf({ Metrics: [{ Id: "e", Expression: "m / 2" }] })).toBeNull();
});

test("the command quotes lists as JSON and dimensions as pairs", () => {
  expect(command(FORM)).toContain("--dimensions Name=LoadBalancer,Value=app/shop/1 --extended-statistic p99");
  expect(command(FORM)).toContain(`--alarm-actions '["http://127.0.0.1:1/hook","http://127.0.0.1:2/hook"]'`);
  expect(command(FORM)).not.toContain("ok-actions");
});

test("a condition is told in one line", () => {
  expect(conditionOf(request(FORM))).toBe("p99 of TargetResponseTime > 0.5 in 2 of 3 periods of 60 s");
});

test.each(["", "much"])("an alarm whose threshold is %j so far has none to be drawn", (threshold) => {
  const alarm = seen({ ...FORM, threshold });
  expect(alarm.Threshold).toBeUndefined();
  expect(conditionOf(alarm)).toBe("p99 of TargetResponseTime > a threshold in 2 of 3 periods of 60 s");
  expect(seen(FORM).Threshold).toBe(0.5);
});

test("of alarms those in ALARM are told, the newest first", () => {
  const alarm = (AlarmName: string, StateValue: "ALARM" | "OK", at: number) => ({
    AlarmName,
    StateValue,
    StateTransitionedTimestamp: new Date(at),
  });
  const found = alarming([
    alarm("old", "ALARM", 1),
    alarm("well", "OK", 3),
    alarm("new", "ALARM", 2),
  ] as never);
  expect(found.map(({ AlarmName }) => AlarmName)).toEqual(["new", "old"]);
  expect(alarming(undefined)).toEqual([]);
});

test("an idle service's alarm, by which it would scale in, is no trouble", () => {
  const tracking = (end: string) => ({
    AlarmName: `TargetTracking-service/shop/web-${end}-496e643d`,
    StateValue: "ALARM" as const,
  });
  const found = alarming([tracking("AlarmLow"), tracking("AlarmHigh")]);
  expect(found.map(({ AlarmName }) => AlarmName)).toEqual([
    "TargetTracking-service/shop/web-AlarmHigh-496e643d",
  ]);
});
