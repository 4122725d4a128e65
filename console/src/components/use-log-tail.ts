import { useEffect, useReducer, useRef, useState } from "react";
import { added, EMPTY, LINES_MAX, type LogLine, type LogWindow, newest, trimmed } from "../lib/log-window";
import { type LogQuery, logPage } from "../lib/logs";
import { endSessionOn } from "../lib/queries";

const EVERY_MS = 1_000;
const AFTER_ERROR_MS = 3_000;
// Agents ship in batches, each its own: what one has sent may be older than what another has.
const OVERLAP_MS = 2_000;

export interface Tail {
  window: LogWindow;
  /** `full`: no more is read until the reader comes to the end, so that nothing moves under his eyes. */
  state: "reading" | "following" | "paused" | "full";
  error: Error | null;
}

interface Props {
  query: LogQuery;
  isPaused: boolean;
  /** Whether the end is in view: only then old lines leave. */
  isAtEnd: boolean;
}

/** Follows the lines of a source from a time on, a page at a time and then once a second. */
export function useLogTail({ query, isPaused, isAtEnd }: Props): Tail {
  const key = JSON.stringify(query);
  const [last, take] = useReducer(taken, { ...START, key });
  // Of another query there is nothing yet: what is kept of the last one is neither shown nor gone on from.
  const tail = last.key === key ? last : START;
  const [round, again] = useState(0);
  const known = useRef({ window: EMPTY, isAtEnd });
  known.current = { window: tail.window, isAtEnd };
  const isFull = tail.window.count >= 2 * LINES_MAX && !isAtEnd;
  // biome-ignore lint/correctness/useExhaustiveDependencies: a query is what its text says; `round` begins the next look
  useEffect(() => {
    if (isPaused || isFull) return;
    const stopping = new AbortController();
    const { signal } = stopping;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const rest = (ms: number) => {
      timer = setTimeout(() => again((number) => number + 1), ms);
    };
    const begin = resumed(known.current.window, query.begin);
    void look({ ...query, begin }, signal, (lines) =>
      take({ type: "lines", key, lines, isTrimmed: known.current.isAtEnd }),
    ).then(
      () => {
        if (signal.aborted) return;
        take({ type: "whole", key });
        rest(EVERY_MS);
      },
      (error: Error) => {
        if (signal.aborted) return;
        endSessionOn(error);
        take({ type: "error", key, error });
        rest(AFTER_ERROR_MS);
      },
    );
    return () => {
      clearTimeout(timer);
      stopping.abort();
    };
  }, [key, isPaused, isFull, round]);
  const state = isPaused ? "paused" : isFull ? "full" : tail.isWhole ? "following" : "reading";
  return { window: tail.window, state, error: tail.error };
}

/** Where to read on: a little before the newest line, but not where lines have left already. */
function resumed(window: LogWindow, begin: number): number {
  const last = newest(window);
  const first = window.chunks[0]?.lines[0];
  if (!last || !first) return begin;
  return Math.max(begin, last.at - OVERLAP_MS, window.dropped > 0 ? first.at : 0);
}

/** All pages that there are now. */
async function look(query: LogQuery, signal: AbortSignal, hear: (lines: LogLine[]) => void): Promise<void> {
  let token: string | undefined;
  do {
    await seen(signal);
    const page = await logPage(query, token, signal);
    if (signal.aborted) return;
    if (page.lines.length > 0) hear(page.lines);
    token = page.next;
  } while (token);
}

/** Wait until the tab is looked at: nobody reads what a hidden one has. */
function seen(signal: AbortSignal): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("visibilitychange", () => resolve(), { once: true, signal });
  });
}

interface State {
  window: LogWindow;
  isWhole: boolean;
  error: Error | null;
}

const START: State = { window: EMPTY, isWhole: false, error: null };

/** What was read, and the query that it is of. */
type Kept = State & { key: string };

type Event = { key: string } & (
  | { type: "lines"; lines: LogLine[]; isTrimmed: boolean }
  | { type: "whole" }
  | { type: "error"; error: Error }
);

function taken(kept: Kept, event: Event): Kept {
  const state = kept.key === event.key ? kept : { ...START, key: event.key };
  if (event.type === "error") return { ...state, error: event.error };
  if (event.type === "whole")
    return state.isWhole && !state.error ? state : { ...state, isWhole: true, error: null };
  const window = added(state.window, event.lines);
  return { ...state, window: event.isTrimmed ? trimmed(window) : window };
}
