import { describe, expect, it } from "vitest";
import { folded, lineDiff } from "../lib/line-diff";

const told = (old: string, fresh: string) =>
  lineDiff(old.replaceAll(" ", "\n"), fresh.replaceAll(" ", "\n")).map(({ sign, text }) => sign + text);

describe("lineDiff", () => {
  it.each([
    ["a b c", "a b c", [" a", " b", " c"]],
    ["a b c", "a x c", [" a", "-b", "+x", " c"]],
    ["a b", "a b c", [" a", " b", "+c"]],
    ["a b c", "b c", ["-a", " b", " c"]],
    ["a b c d", "c d a b", ["-a", "-b", " c", " d", "+a", "+b"]],
    ["a", "b", ["-a", "+b"]],
  ])("of %j and %j", (old, fresh, expected) => expect(told(old, fresh)).toEqual(expected));
});

describe("folded", () => {
  it("keeps what is near a change", () => {
    const old = [..."abcdefghij"].join("\n");
    const shown = folded(lineDiff(old, old.replace("h", "x")), 1);
    expect(shown.map((line) => ("same" in line ? line.same : line.sign + line.text))).toEqual([
      6,
      " g",
      "-h",
      "+x",
      " i",
      1,
    ]);
  });

  it("is one number where nothing changed", () => {
    expect(folded(lineDiff("a\nb", "a\nb"))).toEqual([{ same: 2 }]);
  });
});
