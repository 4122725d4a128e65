import { describe, expect, it } from "vitest";
import { type Draft, draftIn, faultsOf, newContainer, numberIn, withValue } from "../lib/definition-form";
import { textOf } from "../lib/definition-text";

const EXAMPLE = JSON.parse(textOf(null)) as Draft;
const CONTAINER = ["containerDefinitions", 0] as const;
const faults = (path: (string | number)[], value: unknown) =>
  faultsOf(withValue(EXAMPLE, [...CONTAINER, ...path], value));

describe("draftIn", () => {
  it("takes what describe-task-definition answers", () => {
    expect(draftIn('{"taskDefinition": {"family": "a"}}')).toEqual({ family: "a" });
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["a container that is none", '{"containerDefinitions": [1]}'],
    ["containers that are no list", '{"containerDefinitions": {}}'],
    ["a variable that is none", '{"containerDefinitions": [{"environment": ["A=1"]}]}'],
  ])("is nothing for %s", (_, text) => expect(draftIn(text)).toBeNull());
});

describe("withValue", () => {
  it("leaves alone what the form does not know, and the order of members", () => {
    const draft = {
      family: "a",
      volumes: [{ name: "v" }],
      containerDefinitions: [{ ulimits: [1], image: "x" }],
    };
    expect(JSON.stringify(withValue(draft, [...CONTAINER, "image"], "y"))).toBe(
      JSON.stringify(draft).replace('"x"', '"y"'),
    );
    expect(draft.containerDefinitions[0]?.image).toBe("x");
  });

  it("makes what is on the way, and takes members and items away", () => {
    const made = withValue({}, ["containerDefinitions", 0, "healthCheck", "retries"], 3);
    expect(made).toEqual({ containerDefinitions: [{ healthCheck: { retries: 3 } }] });
    expect(withValue(made, [...CONTAINER, "healthCheck"], undefined)).toEqual({ containerDefinitions: [{}] });
    expect(withValue(made, CONTAINER, undefined)).toEqual({ containerDefinitions: [] });
  });
});

it.each([
  ["12", 12],
  [" 0 ", 0],
  ["", undefined],
  ["-1", "-1"],
  ["1.5", "1.5"],
  ["many", "many"],
])("numberIn %j is %j", (text, expected) => expect(numberIn(text)).toBe(expected));

describe("faultsOf", () => {
  it("finds none in the example", () => expect(faultsOf(EXAMPLE)).toEqual({}));

  it.each<[(string | number)[], unknown, string]>([
    [["name"], "a b", "name"],
    [["image"], "", "image"],
    [["cpu"], "many", "cpu"],
    [["memory"], 5, "memory"],
    [["memory"], undefined, "memory"],
    [["portMappings", 0, "containerPort"], 0, "portMappings.0.containerPort"],
    [["portMappings", 0, "containerPort"], undefined, "portMappings.0.containerPort"],
    [["portMappings", 0, "hostPort"], 65_536, "portMappings.0.hostPort"],
    [["environment", 0], { name: "", value: "1" }, "environment.0.name"],
    [["logConfiguration"], { logDriver: "awslogs", options: {} }, "logConfiguration"],
    [["healthCheck"], { command: ["CMD-SHELL"] }, "healthCheck.command.1"],
    [["healthCheck"], { command: ["CMD"] }, "healthCheck.command"],
    [["healthCheck"], { command: ["CMD", "true"], interval: 1 }, "healthCheck.interval"],
  ])("names the member %j that is %j", (path, value, where) => {
    expect(Object.keys(faults(path, value))).toEqual([`containerDefinitions.0.${where}`]);
  });

  it("takes a task's memory for its containers'", () => {
    const draft = withValue(EXAMPLE, [...CONTAINER, "memory"], undefined);
    expect(faultsOf({ ...draft, memory: "512" })).toEqual({});
  });

  it("asks for a family and containers, each of its own name", () => {
    expect(Object.keys(faultsOf({}))).toEqual(["family", "containerDefinitions"]);
    const twins = withValue(EXAMPLE, ["containerDefinitions", 1], { name: "web", image: "a", memory: 64 });
    expect(Object.keys(faultsOf(twins))).toEqual(["containerDefinitions.1.name"]);
  });
});

it("a new container is named as none is", () => {
  expect(newContainer({ containerDefinitions: [{ name: "container-2" }] }).name).toBe("container-3");
});
