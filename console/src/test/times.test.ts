import { describe, expect, it } from "vitest";
import { clock, clockSeconds, moment, zoneName } from "../lib/times";

describe("times", () => {
  // In the afternoon of this machine's zone, and at its midnight.
  const afternoon = new Date(2026, 0, 3, 19, 5, 12);
  const midnight = new Date(2026, 0, 3, 0, 5, 12);

  it("have hours to 23, and moments their zone", () => {
    expect(moment(afternoon)).toContain("19:05:12");
    expect(moment(midnight)).toContain("00:05:12");
    expect(moment(afternoon)).not.toMatch(/[AP]M/);
    expect(zoneName(afternoon)).not.toBe("");
    expect(moment(afternoon).endsWith(zoneName(afternoon))).toBe(true);
    expect(moment(undefined)).toBe("-");
  });

  it("are short on axes", () => {
    expect([clock(afternoon), clockSeconds(midnight)]).toEqual(["19:05", "00:05:12"]);
  });
});
