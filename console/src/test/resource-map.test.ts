import type { Rule, TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import { describe, expect, it } from "vitest";
import { forwardsTo, healthText, LEAVES_MAX, type Parts, resourceMap } from "../lib/resource-map";
import { elbDimension, rateText } from "../lib/traffic-text";

const target = (Id: string, State: "healthy" | "unhealthy" | "draining"): TargetHealthDescription => ({
  Target: { Id, Port: 80 },
  TargetHealth: { State },
});
const forward = (RuleArn: string, Priority: string, ...weights: [string, number][]): Rule => ({
  RuleArn,
  Priority,
  IsDefault: Priority === "default",
  Actions: [
    {
      Type: "forward",
      ForwardConfig: {
        TargetGroups: weights.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      },
    },
  ],
});
const PARTS: Parts = {
  listeners: [
    { ListenerArn: "l443", Port: 443 },
    { ListenerArn: "l80", Port: 80 },
  ],
  rules: {
    l80: [forward("d80", "default", ["a", 90], ["b", 0]), forward("r5", "5", ["b", 1])],
    l443: [{ RuleArn: "d443", IsDefault: true, Actions: [{ Type: "fixed-response" }] }],
  },
  groups: [{ TargetGroupArn: "a" }],
  health: { a: [target("i-1", "healthy"), target("i-2", "unhealthy")], b: [] },
};

describe("resourceMap", () => {
  it("has listeners by port, rules as they are tried, and each group once", () => {
    const map = resourceMap(PARTS);
    expect(map.listeners.map(({ key }) => key)).toEqual(["l80", "l443"]);
    expect(map.rules.map(({ key }) => key)).toEqual(["r5", "d80", "d443"]);
    expect(map.groups.map(({ key }) => key)).toEqual(["b", "a"]);
    expect(map.leaves.map(({ key }) => key)).toEqual(["a i-1:80", "a i-2:80"]);
  });

  it("leads every line from box to box, and says what it is", () => {
    const { edges, rules, groups } = resourceMap(PARTS);
    const states = Object.fromEntries(edges.map(({ key, state }) => [key, state]));
    expect(states).toEqual({
      "l80 r5": "plain",
      "l80 d80": "plain",
      "l443 d443": "plain",
      "r5 b": "plain",
      "d80 a": "plain",
      "d80 b": "idle",
      "a a i-1:80": "healthy",
      "a a i-2:80": "unhealthy",
    });
    const [first] = rules;
    const line = edges.find(({ key }) => key === "r5 b");
    expect(line?.from).toBe((first?.top ?? 0) + (first?.height ?? 0) / 2);
    expect(line?.to).toBe((groups[0]?.height ?? 0) / 2);
  });

  it("keeps every place while health and traffic change", () => {
    const before = resourceMap(PARTS);
    const a = [target("i-1", "healthy"), target("i-2", "healthy")];
    const after = resourceMap({ ...PARTS, health: { ...PARTS.health, a } });
    expect(after.height).toBe(before.height);
    const places = (map: typeof before) => map.leaves.map(({ key, top }) => [key, top]);
    expect(places(after)).toEqual(places(before));
  });

  it("shows the targets in trouble of a group that has many, and says how many more there are", () => {
    const many = Array.from({ length: 100 }, (_, index) => target(`i-${index}`, "healthy"));
    const { leaves } = resourceMap({ ...PARTS, health: { a: [...many, target("sick", "unhealthy")] } });
    expect(leaves).toHaveLength(LEAVES_MAX);
    expect(leaves.map(({ key }) => key)).toContain("a sick:80");
    expect(leaves.at(-1)?.item).toEqual({ group: "a", more: 101 - LEAVES_MAX + 1 });
  });
});

describe("words of the map", () => {
  it("are shares of weights, none where all are zero", () => {
    expect(forwardsTo(forward("r", "1", ["a", 3], ["b", 1])).map(({ share }) => share)).toEqual([0.75, 0.25]);
    expect(forwardsTo(forward("r", "1", ["a", 0], ["b", 0])).map(({ share }) => share)).toEqual([0, 0]);
  });

  it("count states, those in trouble first", () => {
    expect(healthText(PARTS.health.a ?? [])).toBe("1 unhealthy, 1 healthy");
    expect(healthText([])).toBe("no target");
  });

  it("name CloudWatch's dimensions, and rates in the digits that matter", () => {
    expect(elbDimension("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/50dc")).toBe(
      "app/shop/50dc",
    );
    expect(elbDimension("arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/shop/6d0e")).toBe(
      "targetgroup/shop/6d0e",
    );
    expect([0, 0.07, 12.54, 320.4].map(rateText)).toEqual(["0", "0.1", "12.5", "320"]);
  });
});
