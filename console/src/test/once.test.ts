import { describe, expect, it, vi } from "vitest";
import { forgettingGone, idOf, madeText, named, once, type Parts, unanswered } from "../lib/once";

type Made = Parts<"rule">;
const refusal = (status: number, attempts = 1) =>
  Object.assign(new Error("no"), { $metadata: { httpStatusCode: status, attempts } });

describe("once", () => {
  it("makes the same once, and another of another identity", async () => {
    const made: Made = {};
    const make = vi.fn(async () => `r-${make.mock.calls.length}`);
    expect(await once(made, "rule", { path: "/a" }, make)).toBe("r-1");
    expect(await once(made, "rule", { path: "/a" }, make)).toBe("r-1");
    expect(await once(made, "rule", { path: "/b" }, make)).toBe("r-2");
    expect(idOf(made, "rule", { path: "/b" })).toBe("r-2");
    expect(madeText(made)).toContain("Made already: rule r-1, rule r-2.");
  });

  it("changes what has the same identity, also back, and again where a change was not answered", async () => {
    const made: Made = {};
    const make = vi.fn(async () => "r-1");
    const change = vi.fn(async (_id: string) => {});
    const as = { identity: { priority: 1 }, change };
    for (const path of ["/a", "/b", "/a", "/a"]) await once(made, "rule", { path }, make, as);
    expect(make).toHaveBeenCalledTimes(1);
    expect(change.mock.calls).toEqual([["r-1"], ["r-1"]]);
    change.mockRejectedValueOnce(new Error("Failed to fetch"));
    await expect(once(made, "rule", { path: "/b" }, make, as)).rejects.toThrow("Failed to fetch");
    await once(made, "rule", { path: "/a" }, make, as);
    expect(change).toHaveBeenCalledTimes(4);
  });

  it.each([
    [new Error("Failed to fetch"), 1],
    [refusal(503), 1],
    [refusal(400, 2), 1],
    [refusal(403), 1],
    [refusal(400), 0],
  ])("keeps what was asked for after %s, unless AWS refused it: %s", async (error, lost) => {
    const made: Made = {};
    const failing = once(made, "rule", { path: "/a" }, () => Promise.reject(error));
    await expect(failing).rejects.toBe(error);
    expect(unanswered(made, "rule", { path: "/a" })).toHaveLength(lost);
    expect(madeText(made)).toBe("");
  });

  describe("after a lost answer, where its identity is taken", () => {
    const isTaken = named("Duplicate");
    const taken = () => Object.assign(refusal(400), { name: "DuplicateException" });
    /** What is there is made of `there`: the same request is answered with it, another is refused. */
    async function changed(there: string) {
      const made: Made = {};
      const change = vi.fn(async () => {});
      const as = { identity: { priority: 1 }, change, isTaken };
      const lost = once(made, "rule", "first", () => Promise.reject(new Error("Failed to fetch")), as);
      await expect(lost).rejects.toThrow("Failed to fetch");
      const make = async (asked: string) => (asked === there ? "r-1" : Promise.reject(taken()));
      return { change, trying: once(made, "rule", "second", make, as) };
    }

    it("changes what it made", async () => {
      const { change, trying } = await changed("first");
      expect(await trying).toBe("r-1");
      expect(change).toHaveBeenCalledWith("r-1");
    });

    it("leaves what somebody else made", async () => {
      const { change, trying } = await changed("another");
      await expect(trying).rejects.toMatchObject({ name: "DuplicateException" });
      expect(change).not.toHaveBeenCalled();
    });
  });
});

describe("forgettingGone", () => {
  const codes = { group: ["TargetGroupNotFound"], balancer: ["LoadBalancerNotFound"] };
  /** Makes, or finds made, groups of these names and a balancer, and fails by this code. */
  async function tried(made: Parts<"group" | "balancer">, groups: string[], name: string) {
    const work = async () => {
      for (const group of groups) await once(made, "group", group, async () => `g-${group}`);
      await once(made, "balancer", "b", async () => "b");
      throw Object.assign(new Error(name), { name });
    };
    await expect(forgettingGone(made, codes, work)).rejects.toThrow(name);
    return ["a", "b"].map((group) => idOf(made, "group", group)).concat(idOf(made, "balancer", "b"));
  }

  it("makes anew at the next try what AWS says is gone, and nothing else", async () => {
    const made = {};
    expect(await tried(made, ["a"], "AccessDenied")).toEqual(["g-a", undefined, "b"]);
    expect(await tried(made, ["a"], "TargetGroupNotFoundException")).toEqual([undefined, undefined, "b"]);
  });

  it("goes on knowing what the try that failed did not use", async () => {
    const made = {};
    await tried(made, ["a"], "AccessDenied");
    expect(await tried(made, ["b"], "TargetGroupNotFoundException")).toEqual(["g-a", undefined, "b"]);
    // The one that is gone now was chosen: none was made.
    expect(await tried(made, [], "TargetGroupNotFoundException")).toEqual(["g-a", undefined, "b"]);
  });
});
