import { type Query, type QueryKey, queryOptions } from "@tanstack/react-query";
import { shared } from "./sharing";

declare module "@tanstack/react-query" {
  interface Register {
    queryMeta: {
      /** Whether a resource of this name, of the kind that the query's key begins with, is shown by it. */
      shows?: (name: string) => boolean;
      /** Whether a resource of another kind, of this name, can change it; without it each can. */
      follows?: (name: string) => boolean;
    };
  }
}

/** What is changed by nothing but a change of this one resource, as its attributes are. */
export const ofOne = (itsName: string) => ({
  shows: (name: string) => name === itsName,
  follows: () => false,
});

interface List<T, K extends QueryKey> {
  queryKey: K;
  whole: () => Promise<T[]>;
  /** Those of these names that belong to the list. */
  some: (names: string[]) => Promise<T[]>;
  nameOf: (row: T) => string;
  shows: (name: string) => boolean;
}

// What the query that begins to ask now is to ask for: names of rows, or all.
let wanted: Set<string> | null = null;

/** Ask again: for the rows of these names where the query is a list that has its others, else for all. */
export function fetchSome(query: Query, names: Set<string> | null): void {
  wanted = names;
  // A query's function is called before this returns, or else later and for all.
  void query.fetch().catch(() => {});
  wanted = null;
}

/** A list that can be asked for single rows of it, so that one change of 5,000 tasks costs one task. */
export function listQuery<T, K extends QueryKey>({ queryKey, whole, some, nameOf, shows }: List<T, K>) {
  return queryOptions({
    queryKey,
    queryFn: async ({ client }): Promise<T[]> => {
      const state = client.getQueryState<T[]>(queryKey);
      const rows = state?.data ?? [];
      const names = wanted;
      // After an error some names were lost.
      const isCurrent = state?.status === "success" && !state.isInvalidated;
      if (names && isCurrent) return merged(rows, nameOf, await some([...names]), names);
      return merged(rows, nameOf, await whole());
    },
    // Rows are shared by their names already: by their places every row below a new one would be another.
    structuralSharing: false,
    meta: { shows },
  });
}

/** The rows with those of `names`, or all of them, as they are now. What did not change is the old object. */
export function merged<T>(
  rows: T[],
  nameOf: (row: T) => string,
  fresh: T[],
  names?: ReadonlySet<string>,
): T[] {
  const found = new Map(fresh.map((row) => [nameOf(row), row]));
  const next = rows.flatMap((old) => {
    const name = nameOf(old);
    if (names && !names.has(name)) return [old];
    const row = found.get(name);
    found.delete(name);
    return row === undefined ? [] : [shared(old, row) as T];
  });
  next.push(...found.values());
  const isSame = next.length === rows.length && next.every((row, index) => row === rows[index]);
  return isSame ? rows : next;
}
