import { cleanup, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Details } from "../components/details";
import { ResourceTable } from "../components/resource-table";
import { nullOn } from "../lib/aws-errors";
import { connection } from "../lib/connection";

const denied = Object.assign(new Error("Not allowed."), { name: "AccessDenied" });
const NOTICE = "could not be asked for again: what is shown may be old";

function line(isConnected: boolean) {
  vi.spyOn(connection, "state").mockReturnValue({ ...known, isConnected });
}

const known = connection.state();

beforeEach(() => line(true));
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

function details(data: string | null | undefined, error: Error | null = null) {
  return (
    <Details noun="load balancer" query={{ data, error }}>
      {(name) => <p>{name}</p>}
    </Details>
  );
}

describe("Details", () => {
  it("says that it loads, that there is none, and why it cannot be shown", () => {
    const { rerender } = render(details(undefined));
    expect(screen.getByText(/Loading the load balancer/)).toBeDefined();
    rerender(details(null));
    expect(screen.getByText("There is no such load balancer")).toBeDefined();
    rerender(details(undefined, denied));
    expect(screen.getByText("AccessDenied: Not allowed.")).toBeDefined();
  });

  it("says beside what it knew that it could not be asked again", () => {
    const { rerender } = render(details("web"));
    expect(screen.queryByText(new RegExp(NOTICE))).toBeNull();
    rerender(details("web", denied));
    expect(screen.getByText("web")).toBeDefined();
    expect(screen.getByText(`The load balancer ${NOTICE}`)).toBeDefined();
    expect(screen.getByText("AccessDenied: Not allowed.")).toBeDefined();
  });

  it("leaves it to the page to say that control is away", () => {
    line(false);
    render(details("web", denied));
    expect(screen.getByText("web")).toBeDefined();
    expect(screen.queryByText(new RegExp(NOTICE))).toBeNull();
  });
});

it("a table shows why its rows may be old", () => {
  render(
    <ResourceTable
      noun="tasks"
      title="Tasks"
      columns={[{ id: "id", header: "Task", cell: (row: string) => row }]}
      query={{ data: ["t-1"], error: denied, isPending: false }}
      rowKey={(row) => row}
      empty="None."
    />,
  );
  expect(screen.getByText("t-1")).toBeDefined();
  expect(screen.getByText(`The tasks ${NOTICE}`)).toBeDefined();
});

describe("nullOn", () => {
  it("takes the one error for an answer and no other", async () => {
    expect(await nullOn("AccessDenied", () => Promise.reject(denied))).toBeNull();
    await expect(nullOn("NotFound", () => Promise.reject(denied))).rejects.toBe(denied);
    expect(await nullOn("NotFound", async () => 1)).toBe(1);
  });
});
