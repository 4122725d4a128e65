import { CloudWatchClient, type MetricDataQuery, paginateGetMetricData } from "@aws-sdk/client-cloudwatch";
import { queryOptions } from "@tanstack/react-query";
import {
  type Chart,
  idOf,
  type Plotted,
  type Point,
  points,
  queriesOf,
  type Range,
  type Span,
  span,
} from "./charts";
import { clientOptions } from "./clients";
import { awsCommand } from "./text";

export const cloudwatch = new CloudWatchClient(clientOptions);

// A chart asks again twice in a period, but no more often than reports come, nor more rarely than this.
const FASTEST_MS = 5_000;
const SLOWEST_MS = 60_000;

/** What all charts of a page show, by one request. */
export const chartsQuery = (charts: Chart[], range: Range) => {
  const shown = JSON.stringify(queriesOf(charts, 0));
  return queryOptions({
    queryKey: ["metric", shown, range.id],
    queryFn: async (): Promise<Plotted> => {
      const asked = span(range, Date.now());
      return { ...asked, charts: await plotted(charts, asked) };
    },
    // Over a change of the range, not of what is shown: one service's points are not another's.
    placeholderData: (before, query) => (query?.queryKey[1] === shown ? before : undefined),
    refetchInterval: Math.min(SLOWEST_MS, Math.max(FASTEST_MS, (range.period * 1000) / 2)),
  });
};

async function plotted(charts: Chart[], asked: Span): Promise<Point[][][]> {
  const found = await readAll(queriesOf(charts, asked.period), asked);
  return charts.map(({ lines }, chart) =>
    lines.map((line, index) => {
      const { at, values } = found.get(idOf(chart, index)) ?? { at: [], values: [] };
      return points(at, values, line, asked);
    }),
  );
}

/** All pages of an answer, by the ids of queries, in the order of time. */
export async function readAll(queries: MetricDataQuery[], { begin, end }: Span) {
  const request = {
    MetricDataQueries: queries,
    StartTime: begin,
    EndTime: end,
    ScanBy: "TimestampAscending" as const,
  };
  const found = new Map<string, { at: Date[]; values: number[] }>();
  for await (const page of paginateGetMetricData({ client: cloudwatch }, request)) {
    for (const { Id = "", Timestamps = [], Values = [] } of page.MetricDataResults ?? []) {
      const known = found.get(Id) ?? { at: [], values: [] };
      found.set(Id, { at: [...known.at, ...Timestamps], values: [...known.values, ...Values] });
    }
  }
  return found;
}

/** The same as an `aws` command, of the span that a page shows. */
export function chartsCommand(charts: Chart[], { begin, end, period }: Span): string {
  return awsCommand("cloudwatch get-metric-data", {
    "metric-data-queries": JSON.stringify(queriesOf(charts, period)),
    "start-time": begin.toISOString(),
    "end-time": end.toISOString(),
  });
}
