import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import { digits } from "./numbers";

export interface Metric {
  namespace: string;
  name: string;
  dimensions: Record<string, string>;
}

/** A line of a chart: a statistic of a metric. */
export interface Line {
  title: string;
  metric: Metric;
  statistic: string;
  /** What is counted is shown as a rate in so many seconds: as much in every range, whatever its period. */
  perSeconds?: number;
  /** What is counted is whole things: one that was there for a part of a step is there or not. */
  isWhole?: boolean;
  /** How many seconds a report of it may take: of a count, what is younger is not whole. */
  lateSeconds?: number;
}

/** A `count` is of whole things. */
export type Unit = "number" | "count" | "percent" | "seconds" | "bytes";

/** What a chart looks like. */
export interface Look {
  title: string;
  unit: Unit;
  lines: { title: string }[];
  /** A limit that the chart shows beside its lines. */
  threshold?: { title: string; y: number };
  /** What to do where nothing is drawn. */
  empty?: string;
}

export interface Chart extends Look {
  lines: Line[];
}

/** How far back a chart shows, and in which steps. */
export interface Range {
  id: string;
  label: string;
  seconds: number;
  period: number;
}

// Spans of five seconds are kept for three hours, of a minute for 15 days, of five minutes for 63.
export const RANGES: Range[] = [
  { id: "5m", label: "5m", seconds: 300, period: 5 },
  { id: "15m", label: "15m", seconds: 900, period: 10 },
  { id: "1h", label: "1h", seconds: 3600, period: 60 },
  { id: "3h", label: "3h", seconds: 10_800, period: 60 },
  { id: "1d", label: "1d", seconds: 86_400, period: 300 },
  { id: "1w", label: "1w", seconds: 604_800, period: 3600 },
];
export const FIRST_RANGE = "15m";
// Balancers report every five seconds, and a report takes its way: what is younger may not be whole.
const LATE_SECONDS = 7;

export interface Point {
  x: Date;
  y: number;
}

/** Points of every line of every chart, and the time that they are of. */
export interface Plotted extends Span {
  charts: Point[][][];
}

/** The whole periods that end before `now` (milliseconds). */
export function span(range: Range, now: number): Span {
  const end = Math.floor((now / 1000 - LATE_SECONDS) / range.period) * range.period;
  const begin = new Date((end - range.seconds) * 1000);
  return { begin, end: new Date(end * 1000), period: range.period, asked: new Date(now) };
}

export const idOf = (chart: number, line: number) => `m${chart}_${line}`;

/** One query for each line, by an id that says where it belongs. */
export function queriesOf(charts: Chart[], period: number): MetricDataQuery[] {
  return charts.flatMap(({ lines }, chart) =>
    lines.map(({ metric, statistic }, line) => ({
      Id: idOf(chart, line),
      MetricStat: {
        Metric: {
          Namespace: metric.namespace,
          MetricName: metric.name,
          Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
        },
        Period: period,
        Stat: statistic,
      },
    })),
  );
}

/** When a page's points are of, in steps of `period` seconds. */
export interface Span {
  begin: Date;
  end: Date;
  period: number;
  /** When the points were asked for. */
  asked: Date;
}

/** Points in the order of time; a count that has none between two others was of nothing there, unless a
 * report may be late, and a sum that has none beside one neither: what happened once is seen, too. */
export function points(at: Date[], values: number[], line: Line, span: Span): Point[] {
  const factor = line.perSeconds === undefined ? 1 : line.perSeconds / span.period;
  const whole = span.asked.getTime() - ((line.lateSeconds ?? 0) + span.period) * 1000;
  const shown = (value: number) => (line.isWhole ? Math.round(value) : value);
  const found = at
    .map((x, index) => ({ x, y: shown((values[index] ?? 0) * factor) }))
    .filter(({ x }) => x.getTime() <= whole)
    .sort((one, other) => one.x.getTime() - other.x.getTime());
  if (line.perSeconds === undefined) return found;
  const step = span.period * 1000;
  if (line.statistic === "Sum") return flanked(filled(found, step, 0), span);
  return filled(found, step, line.perSeconds * 1000);
}

/** With points of nothing where one is missing. Who reports once in `patience` milliseconds is still there while
 * a shorter time is missing: one report was late. */
function filled(found: Point[], step: number, patience: number): Point[] {
  return found.flatMap((point, index) => {
    const next = found[index + 1];
    const gap = next ? next.x.getTime() - point.x.getTime() - step : 0;
    const missing = gap >= patience ? Math.round(gap / step) : 0;
    const zeros = Array.from({ length: Math.max(0, missing) }, (_, number) => ({
      x: new Date(point.x.getTime() + (number + 1) * step),
      y: 0,
    }));
    return [point, ...zeros];
  });
}

function flanked(found: Point[], { begin, end, period }: Span): Point[] {
  const first = found[0];
  const last = found.at(-1);
  if (!first || !last) return found;
  const before = new Date(first.x.getTime() - period * 1000);
  const after = new Date(last.x.getTime() + period * 1000);
  return [
    ...(before >= begin ? [{ x: before, y: 0 }] : []),
    ...found,
    ...(after < end ? [{ x: after, y: 0 }] : []),
  ];
}

const BYTES = ["B", "kB", "MB", "GB", "TB"];

/** A value as a person reads it, with three digits that count. */
export function measure(value: number, unit: Unit): string {
  if (unit === "percent") return `${digits(value)} %`;
  if (unit === "seconds") return value < 1 ? `${digits(value * 1000)} ms` : `${digits(value)} s`;
  if (unit === "number" || unit === "count") return digits(value);
  const power = Math.min(
    BYTES.length - 1,
    Math.max(0, Math.floor(Math.log10(Math.max(1, Math.abs(value))) / 3)),
  );
  return `${digits(value / 1000 ** power)} ${BYTES[power]}`;
}

/** What an axis has beside a place; nothing between whole things. */
export const tickText = (value: number, unit: Unit): string =>
  unit === "count" && !Number.isInteger(value) ? "" : measure(value, unit);

/** From nought to above everything that is drawn: a flat line stays below the top. */
export function domain(lines: Point[][], threshold: number | undefined): [number, number] {
  let low = Math.min(0, threshold ?? 0);
  let high = Math.max(0, threshold ?? 0);
  for (const line of lines) {
    for (const { y } of line) {
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
  }
  if (low === 0 && high === 0) return [0, 1];
  const above = (high - low) * 0.1;
  return [low < 0 ? low - above : 0, high + above];
}
