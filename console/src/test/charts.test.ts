import { expect, test } from "vitest";
import {
  type Chart,
  domain,
  type Line,
  measure,
  points,
  queriesOf,
  type Range,
  type Span,
  span,
  tickText,
} from "../lib/charts";

const LINE: Line = {
  title: "Requests",
  metric: {
    namespace: "AWS/ApplicationELB",
    name: "RequestCount",
    dimensions: { LoadBalancer: "app/shop/1" },
  },
  statistic: "Sum",
  perSeconds: 1,
};
const AVERAGE: Line = { title: "Average", metric: LINE.metric, statistic: "Average" };
const HOUR: Range = { id: "1h", label: "1h", seconds: 3600, period: 60 };
const at = (seconds: number) => new Date(seconds * 1000);
const SPAN: Span = { begin: at(0), end: at(240), period: 60, asked: at(300) };

test("a span ends with the last period that is whole and reported", () => {
  expect(span(HOUR, 7266_000)).toMatchObject({ begin: at(3600), end: at(7200), period: 60 });
  expect(span(HOUR, 7267_000)).toMatchObject({ begin: at(3660), end: at(7260), period: 60 });
});

test("all lines of all charts are in one list of queries", () => {
  const chart: Chart = { title: "Requests", unit: "number", lines: [LINE, AVERAGE] };
  const asked = queriesOf([chart, chart], 60);
  expect(asked.map(({ Id }) => Id)).toEqual(["m0_0", "m0_1", "m1_0", "m1_1"]);
  expect(asked[0]?.MetricStat).toEqual({
    Metric: {
      Namespace: "AWS/ApplicationELB",
      MetricName: "RequestCount",
      Dimensions: [{ Name: "LoadBalancer", Value: "app/shop/1" }],
    },
    Period: 60,
    Stat: "Sum",
  });
});

test("a count ends before what may not have been told by all yet", () => {
  const tasks: Line = { ...LINE, statistic: "SampleCount", perSeconds: 60, lateSeconds: 30 };
  const shown = (asked: number) =>
    points([at(0), at(60), at(120)], [2, 2, 1], tasks, { ...SPAN, asked: at(asked) }).map(({ y }) => y);
  expect(shown(209)).toEqual([2, 2]);
  expect(shown(210)).toEqual([2, 2, 1]);
});

test("points come in the order of time", () => {
  expect(points([at(60), at(0)], [2, 1], AVERAGE, SPAN)).toEqual([
    { x: at(0), y: 1 },
    { x: at(60), y: 2 },
  ]);
});

test("a count is a rate, and nought between points where there was none", () => {
  const line = { ...LINE, statistic: "SampleCount" };
  expect(points([at(60), at(180)], [60, 120], line, SPAN)).toEqual([
    { x: at(60), y: 1 },
    { x: at(120), y: 0 },
    { x: at(180), y: 2 },
  ]);
  expect(points([at(0), at(120)], [60, 120], AVERAGE, SPAN)).toHaveLength(2);
  expect(points([], [], LINE, SPAN)).toEqual([]);
});

test("a sum is nought beside its points, but for what is beyond the span", () => {
  expect(points([at(60)], [60], LINE, SPAN)).toEqual([
    { x: at(0), y: 0 },
    { x: at(60), y: 1 },
    { x: at(120), y: 0 },
  ]);
  expect(points([at(0), at(60), at(120), at(180)], [60, 60, 60, 60], LINE, SPAN)).toHaveLength(4);
});

test("values are told with three digits and their unit", () => {
  expect(measure(12.345, "percent")).toBe("12.3 %");
  expect(measure(0.0123, "seconds")).toBe("12.3 ms");
  expect(measure(1.5, "seconds")).toBe("1.5 s");
  expect(measure(1_234_567, "bytes")).toBe("1.23 MB");
  expect(measure(0, "bytes")).toBe("0 B");
  expect(measure(999, "number")).toBe("999");
});

test("a domain begins at nought and has room above lines and threshold", () => {
  expect(domain([[]], undefined)).toEqual([0, 1]);
  expect(domain([[{ x: at(0), y: 10 }]], undefined)).toEqual([0, 11]);
  expect(domain([[{ x: at(0), y: 10 }]], 20)).toEqual([0, 22]);
  expect(domain([[{ x: at(0), y: -10 }]], undefined)).toEqual([-11, 1]);
});

test("a task that came within a step is there or not, and an axis of tasks has whole numbers alone", () => {
  const tasks: Line = { ...LINE, statistic: "SampleCount", perSeconds: 60, isWhole: true };
  const tenSeconds: Span = { ...SPAN, period: 10 };
  const part = 1 / 12;
  const shown = points([at(0), at(10), at(20)], [part, 2 * part, 3 * part], tasks, tenSeconds);
  expect(shown.map(({ y }) => y)).toEqual([1, 1, 2]);
  expect([0, 0.5, 1].map((value) => tickText(value, "count"))).toEqual(["0", "", "1"]);
  expect(tickText(0.5, "number")).toBe("0.5");
});

test("of tasks that count once a minute none is gone while one report is late", () => {
  const tasks: Line = { ...LINE, statistic: "SampleCount", perSeconds: 60 };
  const tenSeconds: Span = { ...SPAN, period: 10 };
  const counts = (...seconds: number[]) =>
    points(
      seconds.map(at),
      seconds.map(() => 2),
      tasks,
      tenSeconds,
    ).map(({ y }) => y);
  expect(counts(0, 10, 30)).toEqual([12, 12, 12]);
  expect(counts(0, 60)).toEqual([12, 12]);
  expect(counts(0, 80)).toEqual([12, 0, 0, 0, 0, 0, 0, 0, 12]);
});
