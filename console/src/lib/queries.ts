import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { connection } from "./connection";
import { signOut } from "./session";
import { shared } from "./sharing";

/** What a page asks again when a resource of this kind changes: the first word of a query's key. */
const DEPENDENTS: Record<string, string[]> = {
  cluster: ["cluster"],
  "container-instance": ["container-instance", "cluster"],
  service: ["service", "cluster"],
  task: ["task", "service", "cluster", "container-instance"],
  "task-definition": ["task-definition"],
  "load-balancer": ["load-balancer", "listener"],
  listener: ["listener", "rule", "target-group", "load-balancer", "certificate"],
  rule: ["rule", "target-group"],
  "target-group": ["target-group", "rule"],
  "target-health": ["target-health", "target-group"],
};
const ENDED = new Set(["ExpiredToken", "ExpiredTokenException"]);
// The stream tells of changes; this finds what a lost message would have told.
const POLL_CONNECTED_MS = 30_000;
const POLL_ALONE_MS = 3_000;

function endSessionOn(error: Error): void {
  if (ENDED.has(error.name)) signOut();
}

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: endSessionOn }),
  mutationCache: new MutationCache({ onError: endSessionOn }),
  defaultOptions: {
    queries: {
      retry: false,
      staleTime: 1000,
      structuralSharing: shared,
      refetchInterval: () => (connection.state().isConnected ? POLL_CONNECTED_MS : POLL_ALONE_MS),
    },
    mutations: { retry: false },
  },
});

// Queries that changed once more while they were being asked: their answer may be from before.
const again = new Set<string>();

queries.getQueryCache().subscribe(({ query }) => {
  if (query.state.fetchStatus === "idle" && again.delete(query.queryHash)) void query.fetch().catch(() => {});
});

/** Ask again what pages show of these kinds of resources. */
export function refresh(kinds: Iterable<string>): void {
  const wanted = new Set<unknown>();
  for (const kind of kinds) for (const dependent of DEPENDENTS[kind] ?? [kind]) wanted.add(dependent);
  for (const query of queries.getQueryCache().getAll()) {
    if (!wanted.has(query.queryKey[0])) continue;
    if (!query.isActive()) query.invalidate();
    else if (query.state.fetchStatus === "fetching") again.add(query.queryHash);
    else void query.fetch().catch(() => {});
  }
}
