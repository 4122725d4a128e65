import { renderHook } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { useShared } from "../lib/use-shared";

describe("useShared", () => {
  it("keeps what says the same, and takes what does not", () => {
    const web = { name: "web" };
    const { result, rerender } = renderHook(useShared<{ name: string }[]>, { initialProps: [web] });
    const first = result.current;
    rerender([web]);
    expect(result.current).toBe(first);
    rerender([{ name: "web" }, { name: "api" }]);
    expect(result.current).toEqual([{ name: "web" }, { name: "api" }]);
    expect(result.current[0]).toBe(web);
    const second = result.current;
    rerender([{ name: "web" }, { name: "api" }]);
    expect(result.current).toBe(second);
  });
});
