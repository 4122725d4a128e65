import type { Service } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { recentEvents } from "../lib/recent-events";

/** A service with an event at each of these moments, the newest first as ECS has them. */
const service = (serviceName: string, times: number[]): Service => ({
  serviceName,
  events: times.map((at) => ({ id: `${serviceName}-${at}`, createdAt: new Date(at), message: "steady" })),
});
const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first - index);

describe("recentEvents", () => {
  it("puts the events of all services into one order, the newest first", () => {
    const found = recentEvents([service("a", [5, 2]), service("b", [4, 3]), service("c", [])]);
    expect(found.map(({ id }) => id)).toEqual(["a-5", "b-4", "b-3", "a-2"]);
  });

  it("is the same fifty as all of them sorted", () => {
    const services = [service("a", from(100, 60)), service("b", from(120, 60)), service("c", from(90, 60))];
    const times = [...from(100, 60), ...from(120, 60), ...from(90, 60)].sort((one, other) => other - one);
    expect(recentEvents(services).map(({ at }) => at?.getTime())).toEqual(times.slice(0, 50));
  });
});
