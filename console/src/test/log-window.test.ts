import { expect, test } from "vitest";
import {
  added,
  asText,
  CHUNK_LINES,
  EMPTY,
  LINES_MAX,
  type LogLine,
  type LogWindow,
  newest,
  shown,
  trimmed,
} from "../lib/log-window";

const line = (at: number, id = `${at}`): LogLine => ({ id, at, stream: "web/1", message: `line ${id}` });
const many = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, index) => line(from + index));
const ids = (window: LogWindow) => window.chunks.flatMap(({ lines }) => lines.map(({ id }) => id));

test("lines are in the order of time, in chunks", () => {
  const window = added(EMPTY, many(0, 250));
  expect(window.chunks.map(({ lines }) => lines.length)).toEqual([CHUNK_LINES, CHUNK_LINES, 50]);
  expect(window.count).toBe(250);
  expect(newest(window)?.at).toBe(249);
});

test("a line that is there already changes nothing", () => {
  const window = added(EMPTY, many(0, 250));
  expect(added(window, many(150, 250))).toBe(window);
  expect(added(window, many(240, 251)).count).toBe(251);
});

test("lines of one moment are told apart over the edge of a chunk", () => {
  const same = Array.from({ length: 150 }, (_, index) => line(7, `same ${index}`));
  const window = added(EMPTY, same);
  expect(window.count).toBe(150);
  expect(added(window, same)).toBe(window);
});

test("a late line goes where it belongs, and only its chunk is drawn again", () => {
  const window = added(EMPTY, many(0, 250));
  const later = added(window, [line(20.5, "late"), line(250)]);
  expect(ids(later).slice(20, 23)).toEqual(["20", "late", "21"]);
  expect(later.chunks[1]).toBe(window.chunks[1]);
  expect(later.chunks[0]?.id).toBe(window.chunks[0]?.id);
  expect(added(later, [line(-1, "first")]).chunks[0]?.lines[0]?.id).toBe("first");
  expect(ids(window)).not.toContain("late");
});

test("the oldest chunks leave where there are too many lines", () => {
  const window = added(EMPTY, many(0, LINES_MAX + 250));
  const kept = trimmed(window);
  expect(kept.count).toBe(LINES_MAX - 50);
  expect(kept.dropped).toBe(300);
  expect(ids(kept)[0]).toBe("300");
  expect(trimmed(kept)).toBe(kept);
});

test("what is copied names time and stream of each line", () => {
  expect(asText(added(EMPTY, [line(0, "a"), line(1500, "b")]))).toBe(
    "1970-01-01T00:00:00.000Z web/1 line a\n1970-01-01T00:00:01.500Z web/1 line b",
  );
});

test("a message is shown without colours, and cut where it is very long", () => {
  expect(shown("\u001b[31mred\u001b[0m\n")).toBe("red");
  expect(shown("x".repeat(5000))).toMatch(/^x{4000} … 1000 more characters$/);
});
