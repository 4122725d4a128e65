import { act, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useRoomForNavigation } from "../layout/room";

const widen = (width: number) =>
  act(() => {
    vi.stubGlobal("innerWidth", width);
    dispatchEvent(new Event("resize"));
  });

describe("useRoomForNavigation", () => {
  afterEach(() => vi.unstubAllGlobals());

  it("closes the navigation as the window becomes narrow, and opens it as it becomes wide", () => {
    vi.stubGlobal("innerWidth", 1440);
    const { result } = renderHook(useRoomForNavigation);
    expect(result.current[0]).toBe(true);
    widen(800);
    expect(result.current[0]).toBe(false);
    widen(1440);
    expect(result.current[0]).toBe(true);
  });

  it("leaves it as it was chosen while the window stays on one side", () => {
    vi.stubGlobal("innerWidth", 800);
    const { result } = renderHook(useRoomForNavigation);
    expect(result.current[0]).toBe(false);
    act(() => result.current[1](true));
    widen(700);
    expect(result.current[0]).toBe(true);
  });
});
