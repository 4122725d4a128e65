import { cleanup } from "@testing-library/react";
import { afterAll, vi } from "vitest";
import { queries } from "../lib/queries";

// What a page would do a moment later finds no document any more once a test file is over, and would fail the run.
const real = globalThis.setTimeout;
const asked = new Set<ReturnType<typeof setTimeout>>();
globalThis.setTimeout = Object.assign((...call: Parameters<typeof real>) => {
  const timer = real(...call);
  asked.add(timer);
  return timer;
}, real);
afterAll(() => {
  // The next file has the same modules and the same document.
  cleanup();
  queries.clear();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  for (const timer of asked) clearTimeout(timer);
  globalThis.setTimeout = real;
});
