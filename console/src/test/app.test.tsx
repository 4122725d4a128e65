import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen } from "@testing-library/react";
import { createMemoryRouter, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { App } from "../app";
import { queries } from "../lib/queries";
import { endSession, keepSession } from "../lib/session";

vi.mock("../pages/home", () => ({
  default: () => {
    throw new Error("It broke.");
  },
}));

describe("App", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    vi.stubGlobal("fetch", async () => new Response("", { status: 503 }));
    keepSession({
      accessKeyId: "AKIA",
      secretAccessKey: "secret",
      sessionToken: "token",
      expiration: new Date(Date.now() + 3_600_000).toISOString(),
    });
  });
  afterEach(() => {
    cleanup();
    localStorage.clear();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("lets one sign in over a page that cannot be shown", async () => {
    render(
      <QueryClientProvider client={queries}>
        <RouterProvider router={createMemoryRouter([{ path: "*", element: <App /> }])} />
      </QueryClientProvider>,
    );
    expect(await screen.findByText("The page cannot be shown", {}, { timeout: 10_000 })).toBeDefined();
    act(() => endSession());
    expect(screen.getByText("Sign in to Tidegate")).toBeDefined();
    expect(screen.getByText("The page cannot be shown")).toBeDefined();
  });
});
