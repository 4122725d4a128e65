import {
  type AlarmHistoryItem,
  type CompositeAlarm,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  type MetricAlarm,
  type MetricDataQuery,
  paginateDescribeAlarms,
  paginateListMetrics,
} from "@aws-sdk/client-cloudwatch";
import { queryOptions } from "@tanstack/react-query";
import type { AnyAlarm } from "./alarm-list";
import { type Metric, type Plotted, queriesOf, type Range, span } from "./charts";
import { cloudwatch, readAll } from "./metrics";

const TYPES = ["MetricAlarm", "CompositeAlarm"] as ("MetricAlarm" | "CompositeAlarm")[];

function both(page: {
  MetricAlarms?: MetricAlarm[] | undefined;
  CompositeAlarms?: CompositeAlarm[] | undefined;
}) {
  return [...(page.MetricAlarms ?? []), ...(page.CompositeAlarms ?? [])] as AnyAlarm[];
}

export async function listAlarms(): Promise<AnyAlarm[]> {
  const found: AnyAlarm[] = [];
  for await (const page of paginateDescribeAlarms(
    { client: cloudwatch, pageSize: 100 },
    { AlarmTypes: TYPES },
  ))
    found.push(...both(page));
  return found;
}

/** One alarm, or null when there is none of that name. */
export const alarmQuery = (name: string) =>
  queryOptions({
    queryKey: ["alarm", "one", name],
    queryFn: async (): Promise<AnyAlarm | null> => {
      const answer = await cloudwatch.send(
        new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: TYPES }),
      );
      return both(answer)[0] ?? null;
    },
  });

/** The alarms that a composite one depends on. */
export const childrenQuery = (name: string) =>
  queryOptions({
    queryKey: ["alarm", "children", name],
    queryFn: async (): Promise<AnyAlarm[]> =>
      both(await cloudwatch.send(new DescribeAlarmsCommand({ ChildrenOfAlarmName: name }))),
  });

export const historyQuery = (name: string) =>
  queryOptions({
    queryKey: ["alarm", "history", name],
    queryFn: async (): Promise<AlarmHistoryItem[]> => {
      const asked = { AlarmName: name, AlarmTypes: TYPES, MaxRecords: 100 };
      return (await cloudwatch.send(new DescribeAlarmHistoryCommand(asked))).AlarmHistoryItems ?? [];
    },
  });

/** What an alarm looks at, as GetMetricData takes it. */
export function watched(alarm: MetricAlarm): MetricDataQuery[] {
  if (alarm.Metrics?.length) return alarm.Metrics;
  const dimensions = Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const metric: Metric = { namespace: alarm.Namespace ?? "", name: alarm.MetricName ?? "", dimensions };
  const statistic = alarm.Statistic ?? alarm.ExtendedStatistic ?? "Average";
  const line = { title: "", metric, statistic };
  return queriesOf([{ title: "", unit: "number", lines: [line] }], alarm.Period ?? 60);
}

const periodOf = (alarm: MetricAlarm) =>
  alarm.Period ??
  Math.max(60, ...(alarm.Metrics ?? []).map((one) => one.MetricStat?.Period ?? one.Period ?? 60));

// A chart of an alarm shows so many of its periods, and all that it looks at.
const PERIODS_SHOWN = 60;

/** What an alarm has seen of late, in its own periods. */
export const watchedQuery = (alarm: MetricAlarm) => {
  const period = periodOf(alarm);
  const seconds = period * Math.max(PERIODS_SHOWN, 3 * (alarm.EvaluationPeriods ?? 1));
  const range: Range = { id: "alarm", label: "", seconds, period };
  const queries = watched(alarm);
  return queryOptions({
    queryKey: ["metric", "alarm", JSON.stringify(queries), seconds],
    queryFn: async (): Promise<Plotted> => {
      const asked = span(range, Date.now());
      const found = await readAll(queries, asked);
      const lines = [...found.values()].map(({ at, values }) =>
        at.map((x, index) => ({ x, y: values[index] ?? 0 })),
      );
      return { ...asked, charts: [lines] };
    },
    refetchInterval: Math.min(60_000, Math.max(5_000, (period * 1000) / 2)),
  });
};

// As many as can be chosen from; whoever has more names what is meant.
const METRICS_MAX = 5_000;

/** Metrics that had points in the last three hours. */
export const metricsQuery = queryOptions({
  queryKey: ["metric", "known"],
  queryFn: async (): Promise<Metric[]> => {
    const found: Metric[] = [];
    for await (const page of paginateListMetrics({ client: cloudwatch }, { RecentlyActive: "PT3H" })) {
      for (const { Namespace = "", MetricName = "", Dimensions = [] } of page.Metrics ?? []) {
        const dimensions = Object.fromEntries(Dimensions.map(({ Name, Value }) => [Name, Value]));
        found.push({ namespace: Namespace, name: MetricName, dimensions });
      }
      if (found.length >= METRICS_MAX) break;
    }
    return found;
  },
  refetchInterval: 60_000,
});
