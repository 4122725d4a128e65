import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { useLogTail } from "../components/use-log-tail";
import type { LogLine } from "../lib/log-window";
import { type LogQuery, logPage } from "../lib/logs";

vi.mock("../lib/logs", () => ({ logPage: vi.fn() }));

const NOW = 1_000_000_000;
const line = (id: string, ageSeconds: number): LogLine => ({
  id,
  at: NOW - ageSeconds * 1000,
  stream: "web/web/1",
  message: `line ${id}`,
});
const LINES = [line("a", 3000), line("b", 2000), line("c", 10)];

const query = (ageSeconds: number, pattern = ""): LogQuery => ({
  group: "/ecs/web",
  pattern,
  begin: NOW - ageSeconds * 1000,
});

function useTail(asked: LogQuery) {
  return useLogTail({ query: asked, isPaused: false, isAtEnd: true });
}

const drawn = (asked: LogQuery) => renderHook(useTail, { initialProps: asked });
type Drawn = ReturnType<typeof drawn>;
const shown = ({ result }: Drawn) =>
  result.current.window.chunks.flatMap(({ lines }) => lines.map(({ id }) => id));
const passed = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(logPage).mockReset();
  vi.mocked(logPage).mockImplementation(async ({ begin, pattern }) => ({
    lines: LINES.filter(({ at, message }) => at >= begin && message.includes(pattern)),
    next: undefined,
  }));
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

describe("useLogTail", () => {
  it("reads a longer range from its begin", async () => {
    const tail = drawn(query(900));
    await passed(0);
    expect(shown(tail)).toEqual(["c"]);
    tail.rerender(query(3600));
    expect(shown(tail)).toEqual([]);
    expect(tail.result.current.state).toBe("reading");
    await passed(0);
    expect(shown(tail)).toEqual(["a", "b", "c"]);
    expect(tail.result.current.state).toBe("following");
  });

  it("shows what matches another search alone, and all again after it", async () => {
    const tail = drawn(query(3600));
    await passed(0);
    tail.rerender(query(3600, "line b"));
    await passed(0);
    expect(shown(tail)).toEqual(["b"]);
    tail.rerender(query(3600));
    await passed(0);
    expect(shown(tail)).toEqual(["a", "b", "c"]);
  });

  it("takes nothing of an answer to the query before", async () => {
    let answer: ((page: { lines: LogLine[]; next: undefined }) => void) | undefined;
    vi.mocked(logPage).mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    );
    const tail = drawn(query(3600));
    await passed(0);
    tail.rerender(query(3600, "line b"));
    answer?.({ lines: LINES, next: undefined });
    await passed(0);
    expect(shown(tail)).toEqual(["b"]);
  });

  it("goes on a little before the newest line, and shows none twice", async () => {
    const tail = drawn(query(3600));
    await passed(1000);
    expect(vi.mocked(logPage).mock.lastCall?.[0].begin).toBe(NOW - 12_000);
    expect(shown(tail)).toEqual(["a", "b", "c"]);
  });

  it("tells an error, and forgets it with another query", async () => {
    vi.mocked(logPage).mockRejectedValueOnce(new Error("The pattern is not one."));
    const tail = drawn(query(3600, "{"));
    await passed(0);
    expect(tail.result.current.error?.message).toBe("The pattern is not one.");
    tail.rerender(query(3600));
    expect(tail.result.current.error).toBeNull();
    await passed(0);
    expect(shown(tail)).toEqual(["a", "b", "c"]);
  });
});
