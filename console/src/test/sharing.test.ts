import { describe, expect, it } from "vitest";
import { shared } from "../lib/sharing";

const task = (status: string) => ({ status, startedAt: new Date(1000), containers: [{ name: "web" }] });

describe("shared", () => {
  it("is the old answer where the new one says the same, dates included", () => {
    const old = [task("RUNNING"), task("PENDING")];
    expect(shared(old, [task("RUNNING"), task("PENDING")])).toBe(old);
  });

  it("keeps every part that did not change", () => {
    const old = [task("RUNNING"), task("PENDING")];
    const next = shared(old, [task("RUNNING"), task("RUNNING")]) as typeof old;
    expect(next).not.toBe(old);
    expect(next[0]).toBe(old[0]);
    expect(next[1]).toEqual(task("RUNNING"));
    expect(next[1]?.containers).toBe(old[1]?.containers);
  });

  it("sees a row more, a row less, a member more and a member less", () => {
    expect(shared([1, 2], [1])).toEqual([1]);
    expect(shared([1], [1, 2])).toEqual([1, 2]);
    expect(shared({ a: 1 }, { a: 1, b: undefined })).toEqual({ a: 1, b: undefined });
    expect(shared({ a: 1, b: undefined }, { a: 1 })).toEqual({ a: 1 });
    expect(Object.keys(shared({ a: 1, b: undefined }, { a: 1 }) as object)).toEqual(["a"]);
  });

  it("takes another date as another", () => {
    expect(shared(new Date(1), new Date(2))).toEqual(new Date(2));
  });
});
