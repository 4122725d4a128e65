import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Action } from "../components/action";
import { useNotices } from "../layout/notices";
import { queries } from "../lib/queries";

interface Call {
  resolve: () => void;
  reject: (error: Error) => void;
}

let calls: Call[];

beforeEach(() => {
  calls = [];
});
afterEach(cleanup);

const run = () => new Promise<void>((resolve, reject) => calls.push({ resolve, reject }));

const action = (title: string, isDisabled = false, done = "Created.", onDone = () => {}) => (
  <QueryClientProvider client={queries}>
    <main>
      <h1>Groups</h1>
      <Action
        label="Create"
        title={title}
        command="aws"
        run={run}
        done={done}
        onDone={onDone}
        kinds={[]}
        isDisabled={isDisabled}
      >
        <input aria-label="Name" />
      </Action>
    </main>
  </QueryClientProvider>
);

const button = (name: string) => screen.getAllByRole("button", { name }).at(-1) as HTMLElement;
const press = (name: string) => userEvent.click(button(name));
const told = () => renderHook(useNotices).result.current.map(({ content }) => content);

describe("Action", () => {
  it("is sent by Enter in a field, and once, however often it is pressed", async () => {
    render(action("Create a group"));
    await press("Create");
    await userEvent.type(screen.getByLabelText("Name"), "web{Enter}{Enter}");
    await press("Create");
    expect(calls).toHaveLength(1);
  });

  it("keeps its error, and can be sent again", async () => {
    render(action("Create a group"));
    await press("Create");
    await press("Create");
    calls[0]?.reject(new Error("It exists."));
    await screen.findByText("It exists.");
    await press("Create");
    calls[1]?.resolve();
    await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(told()).toContain("Created.");
  });

  it("takes back what was said of a form that is typed anew", async () => {
    const typed = (name: string) => (
      <QueryClientProvider client={queries}>
        <Action label="Create" title="Create a group" command="aws" run={run} done="" kinds={[]} typed={name}>
          <input aria-label="Name" />
        </Action>
      </QueryClientProvider>
    );
    const { rerender } = render(typed("web"));
    await press("Create");
    await press("Create");
    // Of what was sent, it is told also where something else is typed by then.
    rerender(typed("webs"));
    calls[0]?.reject(new Error("It exists."));
    await screen.findByText("It exists.");
    rerender(typed("shop"));
    expect(screen.queryByText("It exists.")).toBeNull();
  });

  it("tells its error above the page where it was left meanwhile", async () => {
    render(action("Create a group"));
    await press("Create");
    await press("Create");
    await press("Cancel");
    expect(screen.queryByRole("dialog")).toBeNull();
    await press("Create");
    expect(screen.queryByRole("dialog")).toBeNull();
    calls[0]?.reject(new Error("It was lost."));
    await waitFor(() => expect(told()).toContain("Create a group: It was lost."));
    expect(calls).toHaveLength(1);
  });

  it("tells its error where its page was left meanwhile", async () => {
    const { unmount } = render(action("Leave a group"));
    await press("Create");
    await press("Create");
    unmount();
    calls[0]?.reject(new Error("Nobody there."));
    await waitFor(() => expect(told()).toContain("Leave a group: Nobody there."));
  });

  it("is told of as what was sent, whatever the page names meanwhile", async () => {
    const { rerender } = render(action("Delete web?", false, "web was deleted."));
    await press("Create");
    await press("Create");
    rerender(action("Delete undefined?", true, "undefined was deleted."));
    calls[0]?.resolve();
    await waitFor(() => expect(told()).toContain("web was deleted."));
    expect(told()).not.toContain("undefined was deleted.");
  });

  it("goes on where the thing that it deleted went with its page before the answer, and nowhere once that was left", async () => {
    for (const [isLeft, gone] of [
      [false, vi.fn()],
      [true, vi.fn()],
    ] as const) {
      const { rerender } = render(action("Delete web?", false, "Deleted.", gone));
      await press("Create");
      await press("Create");
      rerender(<p>There is no such group.</p>);
      if (isLeft) history.pushState({ key: "another" }, "", "/another");
      calls.at(-1)?.resolve();
      await waitFor(() => expect(told()[0]).toBe("Deleted."));
      expect(gone).toHaveBeenCalledTimes(isLeft ? 0 : 1);
      cleanup();
    }
  });

  it("leads the keyboard to the page where its button cannot have it any more", async () => {
    const { rerender } = render(action("Create a group"));
    await press("Create");
    await press("Create");
    rerender(action("Create a group", true));
    calls[0]?.resolve();
    await waitFor(() => expect(document.activeElement?.tagName).toBe("H1"));
  });
});
