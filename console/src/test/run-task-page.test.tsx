import { RunTaskCommand, type RunTaskCommandInput } from "@aws-sdk/client-ecs";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, expect, it, vi } from "vitest";
import { ecs } from "../lib/clients";
import { queries } from "../lib/queries";
import RunTask from "../pages/run-task";

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

it("asks for the rest where fewer tasks started than were asked for", async () => {
  const asked: RunTaskCommandInput[] = [];
  vi.spyOn(ecs, "send").mockImplementation(async (command: unknown) => {
    if (!(command instanceof RunTaskCommand)) return {};
    asked.push(command.input);
    const failures = asked.length === 1 ? [{ reason: "RESOURCE:MEMORY" }] : [];
    return { tasks: [{ taskArn: `arn:aws:ecs:us-east-1:1:task/shop/t${asked.length}` }], failures };
  });
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={["/clusters/shop/run-task?family=migrate"]}>
        <Routes>
          <Route path="/clusters/:cluster/run-task" element={<RunTask />} />
          <Route path="*" element={<p>left</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  const count = screen.getByLabelText<HTMLInputElement>("Number of tasks");
  await userEvent.clear(count);
  await userEvent.type(count, "2{Enter}");
  expect(await screen.findByText(/1 task started, 1 not: RESOURCE:MEMORY/)).toBeDefined();
  expect(count.value).toBe("1");
  await userEvent.click(screen.getByRole("button", { name: "Run task" }));
  expect(await screen.findByText("left")).toBeDefined();
  expect(asked.map((one) => one.count)).toEqual([2, 1]);
  expect(asked[1]?.clientToken).not.toBe(asked[0]?.clientToken);
});
