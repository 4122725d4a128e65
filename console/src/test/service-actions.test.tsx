import type { Service } from "@aws-sdk/client-ecs";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { UpdateService } from "../components/service-actions";
import { ecs } from "../lib/clients";
import { queries } from "../lib/queries";

let sent: unknown[];

beforeEach(() => {
  sent = [];
  vi.spyOn(ecs, "send").mockImplementation(async (command: { constructor: object; input: unknown }) => {
    if ("name" in command.constructor && command.constructor.name === "UpdateServiceCommand")
      sent.push(command.input);
    return { taskDefinitionArns: [] };
  });
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

const page = (service: Service) => (
  <QueryClientProvider client={queries}>
    <MemoryRouter>
      <UpdateService cluster="shop" service={service} />
    </MemoryRouter>
  </QueryClientProvider>
);
const press = () => userEvent.click(screen.getAllByRole("button", { name: "Update" }).at(-1) as HTMLElement);
const SERVICE: Service = { serviceName: "users", desiredCount: 1, taskDefinition: "users:2" };

it("sends what was changed in the dialog, and nothing that moved on while it was open", async () => {
  const { rerender } = render(page(SERVICE));
  await press();
  rerender(page({ ...SERVICE, desiredCount: 5, taskDefinition: "users:3" }));
  await userEvent.click(screen.getByRole("checkbox"));
  expect(screen.getByLabelText<HTMLInputElement>("Desired tasks").value).toBe("1");
  await press();
  await waitFor(() =>
    expect(sent).toEqual([{ cluster: "shop", service: "users", forceNewDeployment: true }]),
  );
});

it("begins with what the service is by then, each time that it is opened", async () => {
  const { rerender } = render(page(SERVICE));
  await press();
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  rerender(page({ ...SERVICE, desiredCount: 5 }));
  await press();
  const count = screen.getByLabelText<HTMLInputElement>("Desired tasks");
  expect(count.value).toBe("5");
  await userEvent.clear(count);
  await userEvent.type(count, "3{Enter}");
  await waitFor(() => expect(sent).toEqual([{ cluster: "shop", service: "users", desiredCount: 3 }]));
});
