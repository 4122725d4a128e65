import { CloudWatchClient, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Chart, idOf, type Plotted, type Point, points, queriesOf, type Range, span } from "./charts";
import { clientOptions } from "./clients";
import { awsCommand } from "./text";

export const cloudwatch = new CloudWatchClient(clientOptions);

// A chart asks again twice in a period, but no more often than reports come, nor more rarely than this.
const FASTEST_MS = 5_000;
const SLOWEST_MS = 60_000;

/** What all charts of a page show, by one request. */
export const chartsQuery = (charts: Chart[], range: Range) =>
  queryOptions({
    queryKey: ["metric", range.id, ...queriesOf(charts, range.period).map((query) => JSON.stringify(query))],
    queryFn: async (): Promise<Plotted> => {
      const { begin, end } = span(range, Date.now());
      return { begin, end, charts: await plotted(charts, range, begin, end) };
    },
    placeholderData: keepPreviousData,
    refetchInterval: Math.min(SLOWEST_MS, Math.max(FASTEST_MS, (range.period * 1000) / 2)),
  });

async function plotted(charts: Chart[], range: Range, begin: Date, end: Date): Promise<Point[][][]> {
  const asked = {
    MetricDataQueries: queriesOf(charts, range.period),
    StartTime: begin,
    EndTime: end,
    ScanBy: "TimestampAscending" as const,
  };
  const found = new Map<string, { at: Date[]; values: number[] }>();
  for await (const page of paginateGetMetricData({ client: cloudwatch }, asked)) {
    for (const { Id = "", Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const known = found.get(Id) ?? { at: [], values: [] };
      found.set(Id, { at: [...known.at, ...Timestamps], values: [...known.values, ...Values] });
    }
  }
  return charts.map(({ lines }, chart) =>
    lines.map((line, index) => {
      const { at, values } = found.get(idOf(chart, index)) ?? { at: [], values: [] };
      return points(at, values, line, range.period);
    }),
  );
}

/** The same as an `aws` command, of the span that a page shows. */
export function chartsCommand(charts: Chart[], range: Range, shown: { begin: Date; end: Date }): string {
  return awsCommand("cloudwatch get-metric-data", {
    "metric-data-queries": JSON.stringify(queriesOf(charts, range.period)),
    "start-time": shown.begin.toISOString(),
    "end-time": shown.end.toISOString(),
  });
}
