import { afterAll } from "vitest";

// What a page would do a moment later finds no document any more once a test file is over, and would fail the run.
const real = globalThis.setTimeout;
const asked = new Set<ReturnType<typeof setTimeout>>();
globalThis.setTimeout = Object.assign((...call: Parameters<typeof real>) => {
  const timer = real(...call);
  asked.add(timer);
  return timer;
}, real);
afterAll(() => {
  for (const timer of asked) clearTimeout(timer);
});
