import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { createMemoryRouter, Outlet, RouterProvider } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Action } from "../components/action";
import { AttributesForm } from "../components/attributes-form";
import { EditForm } from "../components/edit-form";
import { PageLink } from "../components/link";
import { useGone } from "../components/use-gone";
import { useSteps } from "../components/use-steps";
import { Leaving, useSignOut } from "../layout/leaving";
import { queries } from "../lib/queries";
import { currentSession, keepSession } from "../lib/session";

const SESSION = {
  accessKeyId: "AKIA",
  secretAccessKey: "secret",
  sessionToken: "token",
  expiration: "2999-01-01T00:00:00Z",
};

let save: () => Promise<string>;

function Form() {
  const [name, setName] = useState("web");
  return (
    <EditForm
      title="Edit"
      submit="Save"
      command="aws"
      typed={{ name }}
      isFaulty={false}
      run={() => save()}
      done="Saved."
      kinds={[]}
      back="/back"
    >
      {() => <input aria-label="Name" value={name} onChange={({ target }) => setName(target.value)} />}
    </EditForm>
  );
}

function Wizard() {
  const { props, saved } = useSteps({ name: "" }, []);
  return (
    <>
      <input
        aria-label="Name"
        value={props.form.name}
        onChange={({ target }) => props.change({ name: target.value })}
      />
      <button type="button" onClick={saved}>
        Saved
      </button>
    </>
  );
}

const attributes = (key: string) => (
  <AttributesForm
    title="Attributes"
    query={{ data: [{ Key: key, Value: "60" }], error: null }}
    known={{}}
    operation="elbv2 modify-load-balancer-attributes"
    save={() => save()}
    kinds={[]}
  />
);

const both = (
  <>
    <Form />
    {attributes("Timeout")}
  </>
);

function Dialog() {
  const [name, setName] = useState("");
  return (
    <Action
      label="Create"
      title="Create a thing"
      command="aws"
      run={() => save()}
      done="Created."
      kinds={[]}
      typed={name}
      onOpen={() => setName("web")}
    >
      <input aria-label="Name" value={name} onChange={({ target }) => setName(target.value)} />
    </Action>
  );
}

function SignOut() {
  const { signOut, question } = useSignOut();
  return (
    <>
      <button type="button" onClick={signOut}>
        Sign out
      </button>
      {question}
    </>
  );
}

function Deleted() {
  const gone = useGone();
  return (
    <>
      {both}
      <button type="button" onClick={() => gone("/list")}>
        Delete
      </button>
    </>
  );
}

const frame = (
  <>
    <Leaving />
    <PageLink to="/elsewhere">Elsewhere</PageLink>
    <PageLink to="?tab=other">Another tab</PageLink>
    <SignOut />
    <Outlet />
  </>
);

function opened(path: string) {
  const pages = [
    { path: "before", element: <p>what was before</p> },
    { path: "form", element: <Form /> },
    { path: "wizard", element: <Wizard /> },
    { path: "attributes", element: attributes("Name") },
    { path: "dialog", element: <Dialog /> },
    { path: "deleted", element: <Deleted /> },
    { path: "both", element: both },
    { path: "*", element: <p>another page</p> },
  ];
  const router = createMemoryRouter([{ element: frame, children: pages }], {
    initialEntries: ["/before", path],
    initialIndex: 1,
  });
  render(
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>,
  );
  return router;
}

const type = (text: string) => userEvent.type(screen.getByLabelText("Name"), text);
const press = (name: string) => userEvent.click(screen.getByText(name));
/** Whether a browser that is told to close the tab asks before. */
function asks(): boolean {
  const event = new Event("beforeunload", { cancelable: true });
  window.dispatchEvent(event);
  return event.defaultPrevented;
}

beforeEach(() => {
  save = async () => "";
});
afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
});

describe.each(["/form", "/wizard", "/attributes"])("%s", (path) => {
  it("is left without a question where nothing was typed, or where it was taken back", async () => {
    opened(path);
    await type("x{Backspace}");
    expect(asks()).toBe(false);
    await press("Elsewhere");
    expect(screen.getByText("another page")).toBeDefined();
  });

  it("asks before a link leaves it with what was typed", async () => {
    opened(path);
    await type("x");
    expect(asks()).toBe(true);
    await press("Elsewhere");
    await press("Stay");
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toContain("x");
    await press("Elsewhere");
    await press("Leave");
    expect(await screen.findByText("another page")).toBeDefined();
    expect(asks()).toBe(false);
  });

  it("asks before one goes back, or to another tab of the page", async () => {
    const router = opened(path);
    await type("x");
    await press("Another tab");
    await press("Stay");
    await act(() => router.navigate(-1));
    await press("Leave");
    expect(await screen.findByText("what was before")).toBeDefined();
  });
});

describe("a dialog", () => {
  const isOpen = () => screen.queryByLabelText("Name") !== null;
  const close = async (way: string) => {
    if (way === "Cancel") await press(way);
    else fireEvent.keyDown(screen.getByLabelText("Name"), { key: way, keyCode: 27 });
  };

  it.each(["Cancel", "Escape"])("is closed by %s at once where nothing was typed", async (way) => {
    opened("/dialog");
    await press("Create");
    await type("x{Backspace}");
    await close(way);
    expect(isOpen()).toBe(false);
  });

  it.each(["Cancel", "Escape"])("asks before %s closes it with what was typed", async (way) => {
    opened("/dialog");
    await press("Create");
    await type("x");
    await close(way);
    await press("Stay");
    expect(screen.getByLabelText<HTMLInputElement>("Name").value).toBe("webx");
    await close(way);
    await press("Leave");
    expect(isOpen()).toBe(false);
    expect(asks()).toBe(false);
  });

  it("asks before one goes back with what was typed, or closes the tab", async () => {
    const router = opened("/dialog");
    await press("Create");
    await type("x");
    expect(asks()).toBe(true);
    await act(() => router.navigate(-1));
    await press("Leave");
    expect(await screen.findByText("what was before")).toBeDefined();
  });

  it("leads on without a question once it is done", async () => {
    opened("/dialog");
    await press("Create");
    await type("x{Enter}");
    await waitFor(() => expect(isOpen()).toBe(false));
    expect(asks()).toBe(false);
  });
});

describe("signing out", () => {
  beforeEach(() => keepSession(SESSION));

  it("forgets the session at once where nothing was typed", async () => {
    opened("/wizard");
    await press("Sign out");
    expect(currentSession()).toBeNull();
  });

  it("asks before it takes away what was typed", async () => {
    opened("/wizard");
    await type("x");
    await press("Sign out");
    await press("Stay");
    expect(currentSession()).not.toBeNull();
    await press("Sign out");
    await press("Leave");
    expect(currentSession()).toBeNull();
  });
});

describe("what was saved", () => {
  it("is left without a question", async () => {
    opened("/form");
    await type("x{Enter}");
    expect(await screen.findByText("another page")).toBeDefined();
  });

  it("is not what is typed next, in a form that another one held on its page", async () => {
    opened("/both");
    await userEvent.type(screen.getByLabelText("Timeout"), "0");
    await type("x{Enter}");
    await userEvent.click(await screen.findByText("Stay"));
    await userEvent.type(screen.getByLabelText("Timeout"), "{Backspace}");
    expect(asks()).toBe(false);
    await type("y");
    expect(asks()).toBe(true);
    await type("{Backspace}");
    expect(asks()).toBe(false);
  });

  it("is nothing of a thing that was deleted, nor of its panels", async () => {
    opened("/deleted");
    await type("x");
    await userEvent.type(screen.getByLabelText("Timeout"), "0");
    expect(asks()).toBe(true);
    await press("Delete");
    expect(await screen.findByText("another page")).toBeDefined();
    expect(asks()).toBe(false);
  });

  it("is not what was refused", async () => {
    save = async () => {
      throw new Error("It exists.");
    };
    opened("/form");
    await type("x{Enter}");
    await screen.findByText("It exists.");
    expect(asks()).toBe(true);
  });

  it("is what a panel has saved, and what a wizard has made", async () => {
    opened("/attributes");
    await type("0{Enter}");
    await waitFor(() => expect(asks()).toBe(false));
    cleanup();
    opened("/wizard");
    await type("x");
    await press("Saved");
    await press("Elsewhere");
    expect(screen.getByText("another page")).toBeDefined();
  });
});
