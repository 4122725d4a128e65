import { cleanup, configure } from "@testing-library/react";
import { afterAll, vi } from "vitest";
import { dismissAll } from "../layout/notices";
import { queries } from "../lib/queries";
import { signOut } from "../lib/session";

// A busy machine answers in seconds.
configure({ asyncUtilTimeout: 10_000 });

// What a page would do a moment later finds no document any more once a test file is over, and would fail the run.
const real = globalThis.setTimeout;
const asked = new Set<ReturnType<typeof setTimeout>>();
globalThis.setTimeout = Object.assign((...call: Parameters<typeof real>) => {
  const timer = real(...call);
  asked.add(timer);
  return timer;
}, real);
const defaults = queries.getDefaultOptions();
afterAll(() => {
  // The next file has the same modules and the same document.
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  queries.clear();
  queries.setDefaultOptions(defaults);
  dismissAll();
  signOut();
  localStorage.clear();
  sessionStorage.clear();
  history.replaceState(null, "", "/");
  for (const timer of asked) clearTimeout(timer);
  globalThis.setTimeout = real;
});
