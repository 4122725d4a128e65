import { expect, test } from "vitest";
import { logCommand, serviceLogs, shortStream, taskLogs } from "../lib/log-sources";

const awslogs = (options: Record<string, string>) => ({ logDriver: "awslogs" as const, options });
const DEFINITION = {
  containerDefinitions: [
    {
      name: "web",
      logConfiguration: awslogs({ "awslogs-group": "/ecs/shop", "awslogs-stream-prefix": "shop" }),
    },
    { name: "bare", logConfiguration: awslogs({ "awslogs-group": "/ecs/shop" }) },
    { name: "local", logConfiguration: { logDriver: "json-file" as const } },
    { name: "none" },
  ],
};
const TASK = {
  taskArn: "arn:aws:ecs:us-east-1:000000000000:task/shop/0123abcd",
  containers: [{ name: "bare", runtimeId: "f00d" }],
};

test("a task's streams are named by prefix, container and task, or by the container's id", () => {
  const found = taskLogs(TASK, DEFINITION);
  expect(found.map(({ source }) => source)).toEqual([
    { group: "/ecs/shop", prefix: "shop/web/0123abcd" },
    { group: "/ecs/shop", prefix: "f00d" },
    null,
    null,
  ]);
  expect(found[2]?.reason).toContain("json-file");
  expect(found[3]?.reason).toContain("no log configuration");
  expect(taskLogs({ ...TASK, containers: [] }, DEFINITION)[1]?.reason).toContain("not been started");
});

test("a service's streams are those of all its tasks, where a prefix tells them from others", () => {
  const found = serviceLogs(DEFINITION);
  expect(found[0]?.source).toEqual({ group: "/ecs/shop", prefix: "shop/web/" });
  expect(found[1]).toMatchObject({ source: null, reason: expect.stringContaining("awslogs-stream-prefix") });
});

test("a stream is short before a line, and whole in the command", () => {
  expect(shortStream("shop/web/0123abcdef")).toBe("0123abcd");
  expect(logCommand({ group: "/ecs/shop", prefix: "shop/web/" }, "ERROR", 5)).toBe(
    "aws logs filter-log-events --log-group-name /ecs/shop --log-stream-name-prefix shop/web/ --start-time 5 --filter-pattern ERROR",
  );
  expect(logCommand({ group: "g" }, "", 0)).toBe("aws logs filter-log-events --log-group-name g");
});
