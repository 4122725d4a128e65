import { useSyncExternalStore } from "react";
import { serverEvents } from "./server-events";
import { signedFetch } from "./signed-fetch";

export interface ConnectionState {
  isConnected: boolean;
  /** Whether there was a line before: a page that only starts is not disconnected. */
  wasConnected: boolean;
  /** Why control does not let this page follow the changes, in its words; else empty. */
  refusal: string;
  region: string;
  account: string;
}

// Control says that it is alive every five seconds.
const SILENCE_MS = 12_000;
const RETRY_MS = 1_000;

/** Names of what changed, by kind; null for more than are told. */
export type Changes = Record<string, string[] | null>;

type OnChange = (changes: Changes) => void;

let current: ConnectionState = {
  isConnected: false,
  wasConnected: false,
  refusal: "",
  region: "",
  account: "",
};
const listeners = new Set<() => void>();

function become(next: Partial<ConnectionState>): void {
  current = { ...current, ...next };
  for (const listener of listeners) listener();
}

export const connection = {
  state: () => current,

  /** Follow the stream of changes until told to stop, over restarts of control. `onReturn`: the line is
   * there, for the first time or again, and what is shown may be old. */
  follow(onChange: OnChange, onReturn: () => void, onRefused: (said: string) => void): () => void {
    const stopping = new AbortController();
    void (async () => {
      while (!stopping.signal.aborted) {
        await shown();
        await once(stopping.signal, onChange, onReturn, onRefused).catch(() => {});
        if (stopping.signal.aborted) return;
        // A tab that nobody looks at let go of its line by itself.
        if (!document.hidden) become({ isConnected: false });
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    })();
    return () => {
      stopping.abort();
      // Who follows next is not disconnected before it was connected.
      become({ isConnected: false, wasConnected: false, refusal: "" });
    };
  },
};

export function useConnection(): ConnectionState {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, connection.state);
}

/** Wait until the tab is looked at. Browsers open six connections to one host for all tabs together: lines of
 * hidden tabs would leave none for requests. */
function shown(): Promise<void> {
  if (!document.hidden) return Promise.resolve();
  return new Promise((resolve) => {
    const look = () => {
      if (document.hidden) return;
      document.removeEventListener("visibilitychange", look);
      resolve();
    };
    document.addEventListener("visibilitychange", look);
  });
}

async function once(
  stop: AbortSignal,
  onChange: OnChange,
  onReturn: () => void,
  onRefused: (said: string) => void,
): Promise<void> {
  const silent = new AbortController();
  const signal = AbortSignal.any([stop, silent.signal]);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = () => {
    if (document.hidden) silent.abort();
  };
  document.addEventListener("visibilitychange", look);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => silent.abort(), SILENCE_MS);
  };
  try {
    const answer = await signedFetch("/console/changes", signal);
    if (answer.status === 403) {
      const said = (await answer.text()).trim();
      become({ refusal: said });
      onRefused(said);
    }
    if (!answer.ok || !answer.body) return;
    heard();
    for await (const { name, data } of serverEvents(answer.body, heard)) {
      if (name === "hello") {
        const { region, account } = JSON.parse(data) as { region: string; account: string };
        become({ isConnected: true, wasConnected: true, refusal: "", region, account });
        onReturn();
      } else if (name === "change") {
        onChange(JSON.parse(data) as Changes);
      }
    }
  } finally {
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", look);
  }
}
