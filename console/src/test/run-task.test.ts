import { afterEach, describe, expect, it, vi } from "vitest";
import { ClientTokens } from "../lib/client-token";
import { ecs } from "../lib/clients";
import {
  EMPTY_TASKS,
  emptyOverride,
  failureText,
  type NewTasks,
  overridden,
  run,
  runCommand,
  runRequest,
  taskFaults,
  words,
} from "../lib/run-task";

const FORM: NewTasks = {
  ...EMPTY_TASKS,
  family: "migrate",
  count: "2",
  overrides: [
    { ...emptyOverride("web"), command: "manage 'create db'", environment: "STAGE=test\n\nURL=a=b" },
    emptyOverride("side"),
  ],
};

describe("words", () => {
  it("are those of a shell, or of a JSON list", () => {
    expect(words(`sh -c 'echo "a b"' x"y z"`)).toEqual(["sh", "-c", 'echo "a b"', "xy z"]);
    expect(words('["sh", "-c"]')).toEqual(["sh", "-c"]);
    expect(words("")).toEqual([]);
  });

  it("are none where a quote or a list stays open", () => {
    expect(words("echo 'a")).toBeNull();
    expect(words('["sh", 1]')).toBeNull();
    expect(words("[sh")).toBeNull();
  });
});

describe("runRequest", () => {
  it("overrides what was filled in alone", () => {
    expect(runRequest("shop", FORM)).toEqual({
      cluster: "shop",
      taskDefinition: "migrate",
      count: 2,
      overrides: {
        containerOverrides: [
          {
            name: "web",
            command: ["manage", "create db"],
            environment: [
              { name: "STAGE", value: "test" },
              { name: "URL", value: "a=b" },
            ],
          },
        ],
      },
    });
    expect(runRequest("shop", { ...FORM, overrides: [] })).not.toHaveProperty("overrides");
  });

  it("is the same as a command", () => {
    const form = { ...FORM, overrides: [], startedBy: "me", placement: "binpack" };
    expect(runCommand("shop", form)).toBe(
      "aws ecs run-task --cluster shop --task-definition migrate --count 2 --started-by me " +
        "--placement-strategy type=binpack,field=memory",
    );
  });
});

describe("taskFaults", () => {
  it("asks for what is missing, and for what can be read", () => {
    expect(taskFaults(FORM)).toEqual({});
    expect(Object.keys(taskFaults({ ...EMPTY_TASKS, count: "11" }))).toEqual(["family", "count"]);
    const wrong = { ...emptyOverride("web"), environment: "STAGE" };
    expect(Object.keys(taskFaults({ ...FORM, overrides: [wrong] }))).toEqual(["overrides"]);
  });
});

describe("failureText", () => {
  it("names each reason and its instance once", () => {
    const failure = {
      arn: "arn:aws:ecs:container-instance/shop/0123456789abcdef",
      reason: "RESOURCE:MEMORY",
    };
    expect(failureText(1, 2, [failure, failure])).toBe(
      "1 task started, 2 not: RESOURCE:MEMORY (container instance 0123456789ab). The next try is for the rest.",
    );
  });
});

describe("run", () => {
  afterEach(() => vi.restoreAllMocks());

  it("asks again with the same token only while no answer came", async () => {
    const asked: string[] = [];
    vi.spyOn(ecs, "send").mockImplementation(async ({ input }: { input: object }) => {
      asked.push("clientToken" in input ? String(input.clientToken) : "");
      if (asked.length === 1) throw new Error("Failed to fetch");
      return { tasks: [{ taskArn: "arn:aws:ecs:us-east-1:1:task/shop/t1" }] };
    });
    const tokens = new ClientTokens();
    await expect(run("shop", FORM, tokens)).rejects.toThrow("Failed to fetch");
    expect(await run("shop", FORM, tokens)).toEqual({ ids: ["t1"], failures: [] });
    await run("shop", FORM, tokens);
    expect(asked[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(asked[1]).toBe(asked[0]);
    expect(asked[2]).not.toBe(asked[0]);
  });
});

describe("overridden", () => {
  it("changes one container's, and leaves out what says nothing any more", () => {
    const one = overridden([], "web", { cpu: "128" });
    expect(one).toEqual([{ ...emptyOverride("web"), cpu: "128" }]);
    const both = overridden(one, "side", { memory: "64" });
    expect(both.map(({ name }) => name)).toEqual(["web", "side"]);
    expect(overridden(both, "side", { memory: "" })).toEqual(one);
  });
});
