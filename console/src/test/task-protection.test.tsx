import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EditProtection, TaskProtection } from "../components/task-protection";
import { ecs } from "../lib/clients";
import { queries } from "../lib/queries";
import { protectionCommand, protectionQuery } from "../lib/task-protection";

const ID = "0123456789abcdef0123456789abcdef";
const TASK = { cluster: "shop", id: ID };
let sent: unknown[];
let answer: object;

beforeEach(() => {
  sent = [];
  answer = { protectedTasks: [], failures: [] };
  vi.spyOn(ecs, "send").mockImplementation(async (command: { constructor: object; input: unknown }) => {
    if ("name" in command.constructor && command.constructor.name === "UpdateTaskProtectionCommand") {
      sent.push(command.input);
      return answer;
    }
    return { protectedTasks: [{ taskArn: ID, protectionEnabled: false }], failures: [] };
  });
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

const draw = (content: ReactNode) =>
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>{content}</MemoryRouter>
    </QueryClientProvider>,
  );
const press = () =>
  userEvent.click(screen.getAllByRole("button", { name: "Set protection" }).at(-1) as HTMLElement);

it("protects for two hours unless told otherwise", async () => {
  draw(<EditProtection {...TASK} isDisabled={false} />);
  await press();
  await press();
  await waitFor(() =>
    expect(sent).toEqual([{ cluster: "shop", tasks: [ID], protectionEnabled: true, expiresInMinutes: 120 }]),
  );
});

it("sends no minutes that AWS does not take", async () => {
  draw(<EditProtection {...TASK} isDisabled={false} />);
  await press();
  const minutes = screen.getByLabelText("Minutes");
  await userEvent.clear(minutes);
  await userEvent.type(minutes, "2881{Enter}");
  await waitFor(() => expect(screen.getAllByText(/1 to 2880 \(48 hours\)\.$/).length).toBeGreaterThan(1));
  expect(sent).toEqual([]);
});

it("ends protection, and says why AWS refuses", async () => {
  answer = {
    failures: [{ arn: ID, reason: "TASK_NOT_VALID", detail: "The task is stopping or has stopped." }],
  };
  draw(<EditProtection {...TASK} isDisabled={false} />);
  await press();
  await userEvent.click(screen.getByRole("checkbox"));
  expect(screen.queryByLabelText("Minutes")).toBeNull();
  await press();
  await screen.findByText(/The task is stopping or has stopped\./);
  expect(sent).toEqual([{ cluster: "shop", tasks: [ID], protectionEnabled: false }]);
});

it("shows until when a task is protected, and that it ended by itself", () => {
  const protectedUntil = (expirationDate: Date) => {
    const data = { taskArn: ID, protectionEnabled: true, expirationDate };
    queries.setQueryData(protectionQuery("shop", ID).queryKey, data);
    return draw(<TaskProtection {...TASK} />);
  };
  const { unmount } = protectedUntil(new Date(Date.now() + 60_000));
  screen.getByText(/^Until .*20/);
  unmount();
  protectedUntil(new Date(Date.now() - 1));
  screen.getByText("None");
});

it("is one command each way", () => {
  const command = (isProtected: boolean) => protectionCommand("shop", "abc", { isProtected, minutes: "60" });
  const asked = "aws ecs update-task-protection --cluster shop --tasks abc";
  expect(command(true)).toBe(`${asked} --protection-enabled --expires-in-minutes 60`);
  expect(command(false)).toBe(`${asked} --no-protection-enabled`);
});
