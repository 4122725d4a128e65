import { MutationCache, type Query, QueryCache, QueryClient } from "@tanstack/react-query";
import { type Changes, connection } from "./connection";
import { fetchSome } from "./listing";
import { currentSession, endSession, isNew } from "./session";
import { shared } from "./sharing";

/** What a page asks again when a resource of this kind changes: the first words of queries' keys, where that is
 * more than the kind itself. */
const DEPENDENTS: Record<string, string[]> = {
  "load-balancer": ["load-balancer", "listener"],
  listener: ["listener", "rule", "target-group", "load-balancer", "certificate"],
  rule: ["rule", "target-group"],
  "target-group": ["target-group", "rule"],
};
const ENDED = new Set([
  "ExpiredToken",
  "ExpiredTokenException",
  "InvalidClientTokenId",
  "UnrecognizedClientException",
]);
// The stream tells of changes; this finds what a lost message would have told.
const POLL_CONNECTED_MS = 30_000;
const POLL_ALONE_MS = 3_000;
// A list of so many rows takes a hundred requests and a second of everybody's time: it is asked for less often.
const LARGE = 500;
const POLL_LARGE_CONNECTED_MS = 300_000;
const POLL_LARGE_ALONE_MS = 15_000;
const PAUSE_MS = 400;
const PAUSE_LARGE_SOME_MS = 800;
const PAUSE_LARGE_ALL_MS = 5_000;

/** End the session where AWS says that it is over. Right after signing in it may be the one before: the next answer
 * tells. */
export function endSessionOn(error: Error): void {
  if (ENDED.has(error.name) && !isNew()) endSession();
}

/** End the session where control's words begin with a code of one that is over; what else is refused, as by a
 * clock that is wrong, no other session mends. */
export function endSessionAsSaid(said: string): void {
  if (ENDED.has(/^\w+/.exec(said)?.[0] ?? "")) endSession();
}

function isLarge({ state }: Query): boolean {
  return Array.isArray(state.data) && state.data.length > LARGE;
}

function pollMs(query: Query): number | false {
  // The page waits beneath the sign-in.
  if (!currentSession()) return false;
  if (connection.state().isConnected) return isLarge(query) ? POLL_LARGE_CONNECTED_MS : POLL_CONNECTED_MS;
  return isLarge(query) ? POLL_LARGE_ALONE_MS : POLL_ALONE_MS;
}

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: endSessionOn }),
  mutationCache: new MutationCache({ onError: endSessionOn }),
  defaultOptions: {
    queries: {
      // Tidegate is on this machine: a browser without a network reaches it too.
      networkMode: "always",
      retry: false,
      staleTime: 1000,
      structuralSharing: shared,
      refetchInterval: (query) => pollMs(query as Query),
    },
    mutations: { networkMode: "always", retry: false },
  },
});

// What is to be asked for and may not yet be, by the query's hash: names of rows, or null for all.
const waiting = new Map<string, Set<string> | null>();
const timed = new Map<string, ReturnType<typeof setTimeout>>();

queries.getQueryCache().subscribe(({ query, type }) => {
  // The next user's pages have queries of the same names.
  if (type === "removed") forget(query.queryHash);
  else ask(query);
});

function forget(hash: string): void {
  waiting.delete(hash);
  clearTimeout(timed.get(hash));
  timed.delete(hash);
}

/** Ask again what pages show of what changed. */
export function follow(changes: Changes): void {
  askEach(queries.getQueryCache().getAll(), changes);
}

/** Ask again what pages show of these kinds of resources, after an action of this page. Of a large list the
 * stream tells which rows changed. */
export function refresh(kinds: Iterable<string>): void {
  const isTold = (query: Query) => connection.state().isConnected && isLarge(query) && query.meta?.shows;
  const asked = queries.getQueryCache().getAll();
  askEach(
    asked.filter((query) => !isTold(query)),
    Object.fromEntries([...kinds].map((kind) => [kind, null])),
  );
}

function askEach(asked: Query[], changes: Changes): void {
  for (const query of asked) {
    const names = news(query, changes);
    if (names?.length === 0) continue;
    const known = waiting.get(query.queryHash);
    waiting.set(query.queryHash, names && known !== null ? new Set([...(known ?? []), ...names]) : null);
    ask(query);
  }
}

/** Names of rows that a query is to ask for again; null for all of it, none for nothing. */
function news({ queryKey: [word], meta }: Query, changes: Changes): string[] | null {
  const found: string[] = [];
  for (const [kind, names] of Object.entries(changes)) {
    if (!(DEPENDENTS[kind] ?? [kind]).includes(String(word))) continue;
    const isTouched = kind === word ? meta?.shows : meta?.follows;
    const touching = isTouched && names ? names.filter((name) => isTouched(name)) : null;
    // Another kind's names are not those of its rows.
    if (!touching || (kind !== word && touching.length > 0)) return null;
    found.push(...touching);
  }
  return found;
}

/** Ask for what waits, if it is time. A query that is being asked may answer from before: it is asked after. */
function ask(query: Query): void {
  const names = waiting.get(query.queryHash);
  if (names === undefined || query.state.fetchStatus === "fetching") return;
  const pause = isLarge(query) ? (names ? PAUSE_LARGE_SOME_MS : PAUSE_LARGE_ALL_MS) : PAUSE_MS;
  const delay = query.state.dataUpdatedAt + pause - Date.now();
  if (query.isActive() && delay > 0) {
    later(query, delay);
    return;
  }
  waiting.delete(query.queryHash);
  if (query.isActive()) fetchSome(query, names);
  else query.invalidate();
}

function later(query: Query, delay: number): void {
  if (timed.has(query.queryHash)) return;
  const timer = setTimeout(() => {
    timed.delete(query.queryHash);
    ask(query);
  }, delay);
  timed.set(query.queryHash, timer);
}
