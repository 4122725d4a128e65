import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AttributesForm } from "../components/attributes-form";
import { EditForm } from "../components/edit-form";
import { useNotices } from "../layout/notices";
import { ecs } from "../lib/clients";
import { queries } from "../lib/queries";
import RegisterTaskDefinition from "../pages/register-task-definition";

interface Call {
  resolve: (result: string) => void;
  reject: (error: Error) => void;
}

let calls: Call[];

const run = () => new Promise<string>((resolve, reject) => calls.push({ resolve, reject }));
const told = () => renderHook(useNotices).result.current.map(({ content }) => content);
/** What a browser does with the keyboard in fields that become inert. */
const loseFocus = () => act(() => (document.activeElement as HTMLElement).blur());

function within(form: ReactNode) {
  return render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={["/form"]}>
        <Routes>
          <Route path="form" element={form} />
          <Route path="*" element={<p>another page</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  calls = [];
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

describe("EditForm", () => {
  const form = (
    <EditForm
      title="Edit"
      submit="Save"
      command="aws"
      typed=""
      isFaulty={false}
      run={run}
      done={(name) => `${name} was saved.`}
      kinds={[]}
      back="/back"
      next={(name) => `/${name}`}
    >
      {() => <input aria-label="Name" />}
    </EditForm>
  );

  it("leads a keyboard that its fields lost to what was refused", async () => {
    within(form);
    await userEvent.type(screen.getByLabelText("Name"), "web{Enter}");
    loseFocus();
    calls[0]?.reject(new Error("It exists."));
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("It exists.");
    expect(document.activeElement).toBe(alert);
  });

  it("leaves the keyboard where somebody took it meanwhile", async () => {
    within(form);
    await userEvent.type(screen.getByLabelText("Name"), "web{Enter}");
    const cancel = screen.getByText("Cancel").closest("button");
    act(() => cancel?.focus());
    calls[0]?.reject(new Error("It exists."));
    await screen.findByRole("alert");
    expect(document.activeElement).toBe(cancel);
  });

  it("says what came of it by its answer, and goes on there", async () => {
    within(form);
    await userEvent.type(screen.getByLabelText("Name"), "web{Enter}{Enter}");
    expect(calls).toHaveLength(1);
    calls[0]?.resolve("web-1");
    expect(await screen.findByText("another page")).toBeDefined();
    expect(told()).toContain("web-1 was saved.");
  });
});

describe("AttributesForm", () => {
  const attributes = (
    <AttributesForm
      title="Attributes"
      query={{ data: [{ Key: "idle", Value: "60" }], error: null }}
      known={{}}
      operation="elbv2 modify-load-balancer-attributes"
      save={run}
      kinds={[]}
    />
  );

  it("is sent once by Enter, and keeps what was typed until it is saved", async () => {
    within(attributes);
    const field = screen.getByLabelText("idle");
    await userEvent.type(field, "0{Enter}{Enter}");
    expect(calls).toHaveLength(1);
    expect(field.closest("[inert]")).not.toBeNull();
    calls[0]?.reject(new Error("Too long."));
    expect(await screen.findByText("Too long.")).toBeDefined();
    expect(field).toHaveProperty("value", "600");
    expect(field.closest("[inert]")).toBeNull();
  });

  it("tells its error above the page where it was left meanwhile", async () => {
    const { unmount } = within(attributes);
    await userEvent.type(screen.getByLabelText("idle"), "0{Enter}");
    unmount();
    calls[0]?.reject(new Error("Nobody there."));
    await waitFor(() => expect(told()).toContain("Attributes: Nobody there."));
  });
});

describe("RegisterTaskDefinition", () => {
  it("sends nothing that is no JSON, and names the revision that was registered", async () => {
    const arn = "arn:aws:ecs:us-east-1:1:task-definition/my-service:7";
    const send = vi.spyOn(ecs, "send").mockImplementation((async () => ({
      taskDefinition: { taskDefinitionArn: arn },
    })) as never);
    within(<RegisterTaskDefinition />);
    await userEvent.click(screen.getByText("JSON"));
    const text = screen.getByLabelText<HTMLTextAreaElement>("Task definition");
    await userEvent.type(text, "x");
    await userEvent.click(screen.getByText("Register"));
    expect(screen.getByText("Something has to be mended first: it is marked.")).toBeDefined();
    expect(send).not.toHaveBeenCalled();
    await userEvent.type(text, "{Backspace}");
    await userEvent.click(screen.getByText("Register"));
    expect(await screen.findByText("another page")).toBeDefined();
    expect(told()).toContain("my-service:7 was registered.");
  });
});
