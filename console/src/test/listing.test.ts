import { QueryClient } from "@tanstack/react-query";
import { describe, expect, it } from "vitest";
import { fetchSome, listQuery, merged } from "../lib/listing";

interface Row {
  arn: string;
  status: string;
}

const row = (arn: string, status = "RUNNING"): Row => ({ arn, status });
const nameOf = ({ arn }: Row) => arn;

describe("merged", () => {
  const rows = [row("a"), row("b"), row("c")];

  it("takes the rows of the names anew, drops those that are gone and adds new ones at the end", () => {
    const fresh = [row("b", "STOPPED"), row("d")];
    const next = merged(rows, nameOf, fresh, new Set(["a", "b", "d"]));
    expect(next).toEqual([row("b", "STOPPED"), row("c"), row("d")]);
    expect(next[1]).toBe(rows[2]);
  });

  it("is the old list where nothing changed", () => {
    expect(merged(rows, nameOf, [row("b")], new Set(["b"]))).toBe(rows);
    expect(merged(rows, nameOf, [row("c"), row("a"), row("b")])).toBe(rows);
  });

  it("takes a whole list with the old rows at their places", () => {
    const next = merged(rows, nameOf, [row("d"), row("c"), row("b", "STOPPED")]);
    expect(next).toEqual([row("b", "STOPPED"), row("c"), row("d")]);
    expect(next[1]).toBe(rows[2]);
  });
});

describe("listQuery", () => {
  const asked: (string[] | "whole")[] = [];
  let isBroken = false;
  const list = listQuery({
    queryKey: ["task", "main"] as const,
    whole: async () => {
      asked.push("whole");
      return [row("a"), row("b")];
    },
    some: async (names) => {
      asked.push(names);
      if (isBroken) throw new Error("away");
      return names.map((name) => row(name, "STOPPED"));
    },
    nameOf,
    shows: () => true,
  });

  it("asks for some rows once it has all, and for all again after an error", async () => {
    const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    await client.fetchQuery(list);
    const query = client.getQueryCache().find({ queryKey: list.queryKey });
    if (!query) throw new Error("The query is not kept.");
    const some = async () => {
      fetchSome(query, new Set(["a"]));
      await query.promise?.catch(() => {});
    };
    await some();
    expect(query.state.data).toEqual([row("a", "STOPPED"), row("b")]);
    isBroken = true;
    await some();
    isBroken = false;
    await some();
    await query.fetch();
    expect(asked).toEqual(["whole", ["a"], ["a"], "whole", "whole"]);
  });
});
