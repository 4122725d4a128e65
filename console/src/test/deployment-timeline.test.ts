import type { Service, Task } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import {
  breakerThreshold,
  countsOf,
  isDone,
  phasesText,
  span,
  steps,
  thinned,
  timeline,
} from "../lib/deployment-timeline";
import { healthyTargets, healthyTasks } from "../lib/healthy-tasks";

const at = (second: number) => new Date(1_000_000 + second * 1000);

/** A task by the seconds at which it was made, ran, was told to stop, and was gone. */
function task(startedBy: string, made: number, ran?: number, told?: number, gone?: number): Task {
  return {
    startedBy,
    createdAt: at(made),
    ...(ran !== undefined && { startedAt: at(ran) }),
    ...(told !== undefined && { stoppingAt: at(told) }),
    ...(gone !== undefined && { stoppedAt: at(gone) }),
  };
}

const read = (tasks: Task[], begin: number, end: number) =>
  timeline(tasks, "new", at(begin).getTime(), at(end).getTime()).map((moment) => [
    (moment.at - 1_000_000) / 1000,
    phasesText(moment.newer),
    phasesText(moment.older),
  ]);

describe("timeline", () => {
  it("follows new tasks up and old ones away, from what was there at its begin", () => {
    expect(read([task("old", 0, 1, 14, 16), task("new", 10, 12)], 9, 20)).toEqual([
      [9, "none", "1 running"],
      [10, "1 pending", "1 running"],
      [12, "1 running", "1 running"],
      [14, "1 running", "1 draining"],
      [16, "1 running", "none"],
    ]);
  });

  it("leaves out what is past its end, and tells of one time once", () => {
    expect(read([task("new", 10, 12), task("new", 10, 30)], 9, 20)).toEqual([
      [9, "none", "none"],
      [10, "2 pending", "none"],
      [12, "1 pending, 1 running", "none"],
    ]);
  });

  it("knows a task that never ran", () => {
    expect(read([task("new", 10, undefined, 11, 12)], 9, 20).slice(1)).toEqual([
      [10, "1 pending", "none"],
      [11, "1 draining", "none"],
      [12, "none", "none"],
    ]);
    expect(read([], 9, 20)).toEqual([[9, "none", "none"]]);
  });
});

describe("countsOf", () => {
  it("counts each deployment's tasks", () => {
    const counts = countsOf([task("new", 1), task("old", 1), task("new", 2)]);
    expect([counts.get("new"), counts.get("old"), counts.get("none")]).toEqual([2, 1, undefined]);
  });
});

describe("thinned", () => {
  it("keeps the first and the last, and no more than so many", () => {
    const counts = { pending: 0, running: 0, draining: 0 };
    const many = Array.from({ length: 1000 }, (_, index) => ({ at: index, newer: counts, older: counts }));
    const few = thinned(many, 50);
    expect(few.length).toBeLessThanOrEqual(50);
    expect([few[0]?.at, few.at(-1)?.at]).toEqual([0, 999]);
    expect(thinned(many.slice(0, 50), 50)).toHaveLength(50);
  });
});

describe("span", () => {
  const service = (rolloutState: "COMPLETED" | "IN_PROGRESS"): Service => ({
    deployments: [{ id: "new", rolloutState, createdAt: at(10), updatedAt: at(15) }],
  });

  it("lasts until now, or until the last old task was gone", () => {
    const tasks = [task("old", 0, 1, 14, 18), task("new", 10, 12), task("other", 50, 51, 60, 61)];
    const now = at(100).getTime();
    expect(span(service("IN_PROGRESS"), tasks, now)).toMatchObject({ end: now });
    expect([isDone(service("IN_PROGRESS")), isDone(service("COMPLETED"))]).toEqual([false, true]);
    expect(span(service("COMPLETED"), tasks, now)).toMatchObject({ end: at(19).getTime() });
  });
});

describe("breakerThreshold", () => {
  it("is half of the desired count, from 3 to 200", () => {
    expect([1, 10, 11, 1000].map(breakerThreshold)).toEqual([3, 5, 6, 200]);
  });
});

describe("healthyTasks", () => {
  const instances = [{ containerInstanceArn: "arn:one", ec2InstanceId: "i-1" }];
  const use = { containerName: "web", containerPort: 80 };
  const running = (hostPort: number, more: Partial<Task> = {}): Task => ({
    lastStatus: "RUNNING",
    desiredStatus: "RUNNING",
    containerInstanceArn: "arn:one",
    containers: [{ name: "web", networkBindings: [{ containerPort: 80, hostPort }] }],
    ...more,
  });
  const healthy = healthyTargets([
    { Target: { Id: "i-1", Port: 32_768 }, TargetHealth: { State: "healthy" } },
    { Target: { Id: "i-1", Port: 32_769 }, TargetHealth: { State: "initial" } },
  ]);

  it("are healthy in every target group of their service", () => {
    const tasks = [running(32_768), running(32_769)];
    expect(healthyTasks(tasks, instances, [{ use, healthy }])).toEqual([tasks[0]]);
    expect(
      healthyTasks(tasks, instances, [
        { use, healthy },
        { use, healthy: new Set() },
      ]),
    ).toEqual([]);
  });

  it("need but run where nothing sends them requests", () => {
    const tasks = [
      running(1),
      running(2, { healthStatus: "UNHEALTHY" }),
      running(3, { desiredStatus: "STOPPED" }),
      running(4, { lastStatus: "PENDING" }),
    ];
    expect(healthyTasks(tasks, [], [])).toEqual([tasks[0]]);
  });
});

describe("steps", () => {
  const moments = (tasks: Task[]) => timeline(tasks, "new", at(9).getTime(), at(20).getTime());
  const read = (tasks: Task[], events: [number, string][], most = 100) =>
    steps(
      moments(tasks),
      events.map(([second, message]) => ({ at: at(second).getTime(), message })),
      most,
    ).map((step) => [
      (step.at - 1_000_000) / 1000,
      phasesText(step.newer),
      phasesText(step.older),
      step.what,
    ]);

  it("tells a second once: its events, or what changed in it", () => {
    const tasks = [task("old", 0, 1, 14, 16), task("new", 10, 12), task("new", 10.2, 12.5)];
    expect(
      read(tasks, [
        [14.3, "has begun draining connections on 1 tasks."],
        [14.1, "deregistered 1 targets"],
        [10.1, "has started 2 tasks"],
      ]),
    ).toEqual([
      [9, "none", "1 running", ["Before the deployment"]],
      [10, "2 pending", "1 running", ["has started 2 tasks"]],
      [12, "2 running", "1 running", ["2 new tasks running"]],
      [
        14,
        "2 running",
        "1 draining",
        ["has begun draining connections on 1 tasks.", "deregistered 1 targets"],
      ],
      [16, "2 running", "none", ["1 old task gone"]],
    ]);
  });

  it("keeps an event in a second without a change, and every event where seconds are left out", () => {
    const tasks = Array.from({ length: 8 }, (_, index) => task("new", 10 + index));
    const found = read(tasks, [[18, "has reached a steady state."]], 3);
    expect(found.length).toBeLessThanOrEqual(4);
    expect(found.at(-1)).toEqual([18, "8 pending", "none", ["has reached a steady state."]]);
  });
});
