import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { LogViewer } from "../components/log-viewer";
import { asText, type LogWindow } from "../lib/log-window";
import { logPage } from "../lib/logs";
import { queries } from "../lib/queries";

vi.mock("../lib/logs", () => ({ logPage: vi.fn() }));
vi.mock("../components/log-lines", () => ({
  LogLines: ({ window }: { window: LogWindow }) => <p>{asText(window)}</p>,
}));

afterEach(cleanup);

it("looks for what is searched also where it was paused", async () => {
  vi.mocked(logPage).mockImplementation(async ({ pattern }) => ({
    lines: pattern ? [{ id: "a", at: Date.now(), stream: "web", message: "an ERROR" }] : [],
    next: undefined,
  }));
  render(
    <QueryClientProvider client={queries}>
      <LogViewer title="Events" source={{ group: "/ecs/shop" }} />
    </QueryClientProvider>,
  );
  expect(await screen.findByText(/There is no line/, {}, { timeout: 10_000 })).toBeDefined();
  await userEvent.click(screen.getByText("Pause"));
  await userEvent.type(screen.getByLabelText("Filter pattern"), "ERROR{Enter}");
  expect(await screen.findByText(/an ERROR/, {}, { timeout: 10_000 })).toBeDefined();
  expect(screen.getByText("Pause")).toBeDefined();
});
