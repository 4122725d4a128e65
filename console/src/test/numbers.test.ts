import { describe, expect, it } from "vitest";
import { digits, isPort, isReal, isWhole, isWithin } from "../lib/numbers";

describe("numbers", () => {
  it.each([
    ["7", true, true],
    ["007", true, true],
    ["-0.5", false, true],
    ["1e3", false, true],
    ["1234567890", false, true],
    ["", false, false],
    [" ", false, false],
    ["7 s", false, false],
  ])("knows what %j is", (text, whole, real) => {
    expect([isWhole(text), isReal(text)]).toEqual([whole, real]);
  });

  it("keeps bounds", () => {
    expect(["0", "1", "100", "101"].map((text) => isWithin(text, 1, 100))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(["0", "1", "65535", "65536"].map(isPort)).toEqual([false, true, true, false]);
  });

  it("has three digits that count", () => {
    expect([digits(0.01234), digits(1.5), digits(99.96)]).toEqual(["0.0123", "1.5", "100"]);
  });
});
