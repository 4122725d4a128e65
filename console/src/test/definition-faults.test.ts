import { describe, expect, it } from "vitest";
import { lineFaults } from "../lib/definition-faults";
import { draftIn } from "../lib/definition-form";

const faults = (text: string, isChecked = true) => lineFaults(text, draftIn(text), isChecked);
const textOf = (value: object) => JSON.stringify(value, null, 2);
const WEB = { name: "web", image: "users:1", cpu: 128, memory: 128 };

describe("lineFaults", () => {
  it("names the line where a text stops being JSON", () => {
    expect(faults('{\n  "family": "users",\n  "cpu": ,\n}', false)).toEqual([
      { line: 3, text: expect.stringMatching(/^This is no JSON: /) },
    ]);
    expect(faults('{\n  // no comment\n  "family": "users"\n}', false)[0]?.line).toBe(2);
    expect(faults("{", false)[0]?.line).toBe(1);
  });

  it("marks every faulty member, by its path as AWS writes it", () => {
    const text = textOf({ family: "users", containerDefinitions: [{ ...WEB, cpu: "many", memory: 3 }] });
    expect(faults(text)).toEqual([
      { line: 7, text: "containerDefinitions[0].cpu: A whole number, 0 or more." },
      { line: 8, text: "containerDefinitions[0].memory: A whole number, 6 or more." },
    ]);
    expect(faults(text, false)).toEqual([]);
  });

  it("marks the object that a member is missing in", () => {
    const { image: _, ...bare } = WEB;
    expect(faults(textOf({ family: "users", containerDefinitions: [WEB, { ...bare, name: "db" }] }))).toEqual(
      [{ line: 10, text: "containerDefinitions[1].image: An image is needed, as nginx:1." }],
    );
    expect(faults('{\n  "containerDefinitions": []\n}', false)).toEqual([
      { line: 1, text: "family is missing." },
    ]);
  });

  it("finds members that no operation knows, also in what was described", () => {
    const taskDefinition = { family: "users", containerDefinitions: [{ ...WEB, memmory: 1 }] };
    const unknown = "RegisterTaskDefinition has no member containerDefinitions[0].memmory.";
    expect(faults(textOf(taskDefinition), false)).toEqual([{ line: 9, text: unknown }]);
    expect(faults(textOf({ taskDefinition, tags: [] }), false)).toEqual([{ line: 10, text: unknown }]);
  });

  it("marks a member whose name has dots and brackets, as labels have them", () => {
    const text = textOf({ family: "users", containerDefinitions: [{ ...WEB, "com.example[0].team": "a" }] });
    expect(faults(text, false)).toEqual([
      {
        line: 9,
        text: "RegisterTaskDefinition has no member containerDefinitions[0].com.example[0].team.",
      },
    ]);
  });

  it("marks tags beside what was described, and what is there beside a definition of null", () => {
    const definition = { family: "users", containerDefinitions: [WEB] };
    const tagged = { taskDefinition: definition, tags: [{ key: "a", valeu: "b" }] };
    const [tag] = faults(textOf(tagged), false);
    expect(textOf(tagged).split("\n")[(tag?.line ?? 0) - 1]).toContain("valeu");
    const [none] = faults(textOf({ family: "users", containerDefinitions: [], taskDefinition: null }), false);
    expect(none?.line).toBe(3);
  });

  it("says nothing of what can be registered", () => {
    expect(faults(textOf({ family: "users", containerDefinitions: [WEB] }))).toEqual([]);
  });
});
