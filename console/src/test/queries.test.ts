import { type QueryKey, type QueryMeta, QueryObserver, queryOptions } from "@tanstack/react-query";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listenersQuery, rulesQuery, targetGroupAttributesQuery, targetGroupsQuery } from "../lib/elbv2";
import { listQuery } from "../lib/listing";
import { follow, queries } from "../lib/queries";

const ELB = "arn:aws:elasticloadbalancing:us-east-1:000000000000";
const GROUP = `${ELB}:targetgroup/web/g1`;
const BALANCER = `${ELB}:loadbalancer/app/web/b1`;
const LISTENER = `${ELB}:listener/app/web/b1/l1`;
const OTHER = `${ELB}:listener/app/web/b1/l2`;

type Asked = { queryKey: QueryKey; meta?: QueryMeta };

interface Row {
  arn: string;
}

/** A list of so many rows that is looked at, and what was asked for since it was there. */
async function looked(cluster: string, count: number) {
  const asked: (string[] | "whole")[] = [];
  const list = listQuery({
    queryKey: ["task", cluster] as const,
    whole: async () => {
      asked.push("whole");
      return Array.from({ length: count }, (_, index): Row => ({ arn: `${cluster}/${index}` }));
    },
    some: async (names) => {
      asked.push(names);
      return names.map((arn) => ({ arn }));
    },
    nameOf: ({ arn }) => arn,
    shows: (name) => name.startsWith(`${cluster}/`),
  });
  stops.push(new QueryObserver(queries, list).subscribe(() => {}));
  await vi.advanceTimersByTimeAsync(10_000);
  asked.length = 0;
  return asked;
}

const stops: (() => void)[] = [];
const defaults = queries.getDefaultOptions();

beforeEach(() => {
  vi.useFakeTimers();
  // Between two polls of those that are not connected.
  queries.setDefaultOptions({ queries: { ...defaults.queries, refetchInterval: false } });
});
afterEach(() => {
  queries.setDefaultOptions(defaults);
  for (const stop of stops.splice(0)) stop();
  queries.clear();
  vi.useRealTimers();
});

describe("follow", () => {
  it("asks for a list that comes after one of its name was forgotten while it waited", async () => {
    for (const wanted of [["whole"], ["whole", "whole"]]) {
      const main = await looked("main", 501);
      follow({ task: null });
      await vi.advanceTimersByTimeAsync(0);
      follow({ task: null });
      if (wanted.length === 2) await vi.advanceTimersByTimeAsync(6_000);
      expect(main).toEqual(wanted);
      for (const stop of stops.splice(0)) stop();
      queries.clear();
      vi.clearAllTimers();
    }
  });

  it("asks a list for the rows of its own that changed", async () => {
    const main = await looked("main", 3);
    const other = await looked("other", 3);
    follow({ task: ["main/1", "nobody/1"], service: ["main/web"] });
    await vi.advanceTimersByTimeAsync(0);
    expect(main).toEqual([["main/1"]]);
    expect(other).toEqual([]);
  });

  it("asks for everything where more changed than is told", async () => {
    const main = await looked("main", 3);
    follow({ task: null });
    await vi.advanceTimersByTimeAsync(0);
    expect(main).toEqual(["whole"]);
  });

  it("asks a large list at most about once a second, for all that changed meanwhile", async () => {
    const main = await looked("main", 1000);
    for (let step = 0; step < 20; step += 1) {
      follow({ task: [`main/${step}`] });
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(main[0]).toEqual(["main/0"]);
    expect(main.length).toBeLessThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(1000);
    expect(main.flat()).toEqual(Array.from({ length: 20 }, (_, step) => `main/${step}`));
  });

  it("asks once more after an answer that may be from before", async () => {
    let asked = 0;
    const slow = queryOptions({
      queryKey: ["vpc"],
      queryFn: async () => {
        asked += 1;
        await new Promise((resolve) => setTimeout(resolve, 1000));
        return asked;
      },
    });
    stops.push(new QueryObserver(queries, slow).subscribe(() => {}));
    follow({ vpc: ["vpc-1"] });
    follow({ vpc: ["vpc-2"] });
    await vi.advanceTimersByTimeAsync(10_000);
    expect(asked).toBe(2);
  });

  it("asks for what is looked at again, not for what was forgotten while it waited", async () => {
    const queryFn = vi.fn(async () => "answer");
    const look = () => new QueryObserver(queries, { queryKey: ["vpc"], queryFn }).subscribe(() => {});
    const stop = look();
    await vi.advanceTimersByTimeAsync(0);
    follow({ vpc: null });
    stop();
    queries.clear();
    await vi.advanceTimersByTimeAsync(300);
    stops.push(look());
    await vi.advanceTimersByTimeAsync(0);
    queryFn.mockClear();
    follow({ vpc: null });
    await vi.advanceTimersByTimeAsync(1000);
    expect(queryFn).toHaveBeenCalledTimes(1);
  });

  /** A query of the console that is looked at, answered here. */
  async function watched({ queryKey, meta }: Asked) {
    const queryFn = vi.fn(async () => "answer");
    const query = { queryKey, queryFn, ...(meta && { meta }) };
    stops.push(new QueryObserver(queries, query).subscribe(() => {}));
    await vi.advanceTimersByTimeAsync(10_000);
    queryFn.mockClear();
    return queryFn;
  }

  it("asks for no group because of its targets' health, and for attributes at their own change alone", async () => {
    const group = await watched(targetGroupsQuery as Asked);
    const attributes = await watched(targetGroupAttributesQuery(GROUP) as Asked);
    follow({ "target-health": [GROUP] });
    await vi.advanceTimersByTimeAsync(1000);
    expect([group, attributes].map(({ mock }) => mock.calls.length)).toEqual([0, 0]);
    follow({ listener: [LISTENER] });
    await vi.advanceTimersByTimeAsync(1000);
    expect([group, attributes].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
    follow({ "target-group": [GROUP] });
    await vi.advanceTimersByTimeAsync(1000);
    expect([group, attributes].map(({ mock }) => mock.calls.length)).toEqual([2, 1]);
  });

  it("asks for the rules and listeners of what changed", async () => {
    const [rules, otherRules] = [
      await watched(rulesQuery(LISTENER) as Asked),
      await watched(rulesQuery(OTHER) as Asked),
    ];
    const listeners = await watched(listenersQuery(BALANCER) as Asked);
    const numbers = () => [rules, otherRules, listeners].map(({ mock }) => mock.calls.length);
    follow({ rule: [`${LISTENER.replace(":listener/", ":listener-rule/")}/r1`] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(numbers()).toEqual([1, 0, 0]);
    follow({ listener: [LISTENER] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(numbers()).toEqual([2, 0, 1]);
    follow({ "load-balancer": [BALANCER] });
    await vi.advanceTimersByTimeAsync(1000);
    expect(numbers()).toEqual([2, 0, 2]);
  });
});
