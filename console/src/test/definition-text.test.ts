import { describe, expect, it } from "vitest";
import { requestIn, textOf } from "../lib/definition-text";

const DEFINITION = {
  family: "users",
  revision: 3,
  status: "ACTIVE",
  taskDefinitionArn: "arn",
  registeredAt: new Date(0),
  containerDefinitions: [{ name: "web", image: "users:3" }],
} as const;
const REGISTERED = { family: "users", containerDefinitions: [{ name: "web", image: "users:3" }] };

describe("textOf", () => {
  it("has what a revision is registered with, and not what it was given", () => {
    const { containerDefinitions, ...rest } = DEFINITION;
    expect(JSON.parse(textOf({ ...rest, containerDefinitions: [...containerDefinitions] }))).toEqual(
      REGISTERED,
    );
  });

  it("has an example that can be registered where there is none", () => {
    expect(requestIn(textOf(null))).toHaveProperty("request.family", "my-service");
  });
});

describe("requestIn", () => {
  it("takes what describe-task-definition prints as well", () => {
    expect(requestIn(JSON.stringify(DEFINITION))).toEqual({ request: REGISTERED });
    expect(requestIn(JSON.stringify({ taskDefinition: DEFINITION, tags: [] }))).toEqual({
      request: REGISTERED,
    });
  });

  it("keeps the tags of the revision before, and those of what was described", () => {
    const tags = [{ key: "team", value: "shop" }];
    const { containerDefinitions, ...rest } = DEFINITION;
    const text = textOf({ ...rest, containerDefinitions: [...containerDefinitions] }, tags);
    expect(requestIn(text)).toEqual({ request: { ...REGISTERED, tags } });
    const described = JSON.stringify({ taskDefinition: DEFINITION, tags });
    expect(requestIn(described)).toEqual({ request: { ...REGISTERED, tags } });
  });

  it.each([
    ["{", /^This is no JSON: /],
    ["[]", /an object/],
    ["null", /an object/],
    ["7", /an object/],
    ["{}", /^family is missing/],
    ['{"family": "users", "containerDefinitions": []}', /one container or more/],
  ])("says what is wrong with %s", (text, fault) => {
    expect(requestIn(text)).toHaveProperty("fault", expect.stringMatching(fault));
  });
});
