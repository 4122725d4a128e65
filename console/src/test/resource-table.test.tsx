import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it } from "vitest";
import { type Column, ResourceTable } from "../components/resource-table";

interface Row {
  id: string;
  bytes: number;
}

const COLUMNS: Column<Row>[] = [
  { id: "id", header: "Name", value: (row) => row.id, cell: (row) => row.id },
  { id: "size", header: "Size", value: (row) => row.bytes, cell: (row) => `${row.bytes} bytes` },
];
const rows = (count: number): Row[] =>
  Array.from({ length: count }, (_, index) => ({ id: `row-${index}`, bytes: count - index }));

type Other = Partial<Parameters<typeof ResourceTable<Row>>[0]>;

function table(data: Row[] | undefined, error: Error | null = null, other: Other = {}) {
  return (
    <ResourceTable
      noun="rows"
      title="Rows"
      columns={COLUMNS}
      query={{ data, error, isPending: data === undefined && error === null }}
      rowKey={(row) => row.id}
      sortBy="size"
      empty="Make a row first."
      {...other}
    />
  );
}

const shownNames = () =>
  screen
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell")[0]?.textContent);

afterEach(cleanup);

describe("ResourceTable", () => {
  it("sorts by number, and pages", async () => {
    render(table(rows(30)));
    expect(shownNames().slice(0, 2)).toEqual(["row-29", "row-28"]);
    expect(shownNames()).toHaveLength(25);
    await userEvent.click(screen.getByLabelText("Next page"));
    expect(shownNames()).toHaveLength(5);
  });

  it("sorts names by the numbers in them, the other way at the second click", async () => {
    render(table(rows(12)));
    const header = screen.getByRole("columnheader", { name: "Name" });
    await userEvent.click(within(header).getByRole("button"));
    expect(shownNames().slice(1, 4)).toEqual(["row-1", "row-2", "row-3"]);
    await userEvent.click(within(header).getByRole("button"));
    expect(shownNames().slice(0, 2)).toEqual(["row-11", "row-10"]);
  });

  it("keeps the filter while rows change under it", async () => {
    const { rerender } = render(table(rows(3)));
    await userEvent.type(screen.getByLabelText("Find rows"), "row-2");
    expect(shownNames()).toEqual(["row-2"]);
    rerender(table([...rows(3), { id: "row-20", bytes: 9 }]));
    expect(shownNames()).toEqual(["row-2", "row-20"]);
    expect(screen.getByText("(2/4)")).toBeDefined();
  });

  it("finds numbers and dates as they are shown, and not as they are sorted", async () => {
    const columns: Column<Row>[] = [
      COLUMNS[0] as Column<Row>,
      {
        id: "at",
        header: "At",
        value: (row) => -17_000 - row.bytes,
        cell: (row) => (row.bytes === 1 ? "Nov 26" : "Dec 1"),
      },
      { id: "size", header: "Port", value: (row) => row.bytes, cell: (row) => row.bytes + 8080 },
    ];
    render(table(rows(3), null, { columns }));
    const filter = screen.getByLabelText("Find rows");
    await userEvent.type(filter, "nov 26");
    expect(shownNames()).toEqual(["row-2"]);
    await userEvent.clear(filter);
    await userEvent.type(filter, "8083");
    expect(shownNames()).toEqual(["row-0"]);
    await userEvent.clear(filter);
    await userEvent.type(filter, "-17");
    expect(screen.getByText("No rows match.")).toBeDefined();
  });

  it("says how many that are chosen are hidden by the filter", async () => {
    const chosen = { selectedMany: new Set(["row-0", "row-2"]), onSelectMany: () => {} };
    render(table(rows(3), null, chosen));
    const hidden = "1 chosen, but not shown by the filter";
    expect(screen.queryByText(hidden)).toBeNull();
    await userEvent.type(screen.getByLabelText("Find rows"), "row-2");
    expect(shownNames()).toHaveLength(1);
    expect(screen.getByText(hidden)).toBeDefined();
  });

  it("says what to do first where there is nothing", () => {
    render(table([]));
    expect(screen.getByText("Make a row first.")).toBeDefined();
  });

  it("shows an error in AWS's words, and goes on showing rows that it has", () => {
    const denied = Object.assign(new Error("Not allowed."), { name: "AccessDeniedException" });
    const { rerender } = render(table(undefined, denied));
    expect(screen.getByText("AccessDeniedException: Not allowed.")).toBeDefined();
    rerender(table(rows(1), denied));
    expect(shownNames()).toEqual(["row-0"]);
  });
});
