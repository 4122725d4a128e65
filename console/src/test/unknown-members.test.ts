import { RegisterTaskDefinitionRequest$ } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { unknownMember } from "../lib/unknown-members";

const web = { name: "web", image: "web:1", portMappings: [{ containerPort: 80, hostPort: 0 }] };

describe("unknownMember", () => {
  it("finds nothing where all is known, keys of maps included", () => {
    const logConfiguration = { logDriver: "awslogs", options: { "awslogs-group": "web", anything: "1" } };
    const request = { family: "web", containerDefinitions: [{ ...web, logConfiguration }], cpu: null };
    expect(unknownMember(request, RegisterTaskDefinitionRequest$)).toBeNull();
  });

  it.each([
    [{ family: "web", bogus: 1 }, ["bogus"]],
    [{ containerDefinitions: [web, { ...web, memmory: 1 }] }, ["containerDefinitions", 1, "memmory"]],
    [
      { containerDefinitions: [{ ...web, portMappings: [{ hostport: 0 }] }] },
      ["containerDefinitions", 0, "portMappings", 0, "hostport"],
    ],
    [{ toString: "no member either" }, ["toString"]],
  ])("names where it is in %j", (request, where) => {
    expect(unknownMember(request, RegisterTaskDefinitionRequest$)).toEqual(where);
  });
});
