import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { TagsPanel } from "../components/tags-panel";
import { queries } from "../lib/queries";
import { saveTags, type Tag, type TagChanges, tagCommands } from "../lib/tags";

const OURS: Tag = { Key: "ours", Value: "1" };
const THEIRS: Tag = { Key: "theirs", Value: "2" };

function panel(tags: Tag[], save: (changes: TagChanges) => Promise<unknown>) {
  return (
    <QueryClientProvider client={new QueryClient()}>
      <TagsPanel
        query={{ data: tags, error: null }}
        kinds={["certificate"]}
        save={save}
        command={() => "aws elbv2 describe-tags"}
      />
    </QueryClientProvider>
  );
}

/** The fields of the tags' keys; their label is that of a group as well. */
const keyFields = () => screen.getAllByLabelText("Key").filter((field) => field instanceof HTMLInputElement);
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

/** Adds a row and types its key. */
async function addTag(key: string) {
  await press("Add tag");
  const field = keyFields().at(-1);
  if (key && field) await userEvent.type(field, key);
}

afterEach(() => {
  cleanup();
  queries.clear();
});

describe("TagsPanel", () => {
  it("leaves alone what somebody else did while one typed", async () => {
    const save = vi.fn(async () => {});
    const { rerender } = render(panel([OURS], save));
    await addTag("mine");
    rerender(panel([{ ...OURS, Value: "theirs now" }, THEIRS], save));
    await press("Save tags");
    expect(save).toHaveBeenCalledWith({ add: [{ Key: "mine", Value: "" }], remove: [] });
  });

  it("removes what was taken out", async () => {
    const save = vi.fn(async () => {});
    render(panel([OURS, THEIRS], save));
    await press("Remove tag theirs");
    await press("Save tags");
    expect(save).toHaveBeenCalledWith({ add: [], remove: ["theirs"] });
  });

  it("shows the others' once the changes are discarded", async () => {
    const { rerender } = render(panel([OURS], async () => {}));
    await addTag("mine");
    rerender(panel([OURS, THEIRS], async () => {}));
    await press("Discard changes");
    expect(keyFields().map(({ value }) => value)).toEqual(["ours", "theirs"]);
  });

  it("is sent by Enter, keeps what is typed where it is refused, and asks anew what of it was done", async () => {
    queries.setQueryData(["certificate"], []);
    const save = vi.fn(async () => {
      throw new Error("Half of it.");
    });
    render(panel([OURS], save));
    await addTag("mine{Enter}");
    expect(await screen.findByText("Half of it.")).toBeDefined();
    expect(save).toHaveBeenCalledTimes(1);
    expect(keyFields().map(({ value }) => value)).toEqual(["ours", "mine"]);
    expect(queries.getQueryState(["certificate"])?.isInvalidated).toBe(true);
  });

  it("marks a tag without a key and a key that is there twice, and saves nothing", async () => {
    const save = vi.fn(async () => {});
    render(panel([OURS], save));
    await addTag("ours");
    await addTag("");
    await press("Save tags");
    expect(screen.getByText("There is a tag of this key already.")).toBeDefined();
    expect(screen.getByText("A tag needs a key.")).toBeDefined();
    expect(save).not.toHaveBeenCalled();
  });
});

describe("saveTags", () => {
  it("removes none where an addition is refused", async () => {
    const remove = vi.fn(async () => {});
    const add = async () => {
      throw new Error("TooManyTags");
    };
    await expect(saveTags({ add: [OURS], remove: ["theirs"] }, { add, remove })).rejects.toThrow("TooMany");
    expect(remove).not.toHaveBeenCalled();
  });
});

describe("tagCommands", () => {
  it("is in the order of what is done", () => {
    const commands = {
      add: (words: string[]) => `add ${words.join(" ")}`,
      remove: (keys: string[]) => `remove ${keys.join(" ")}`,
      show: "show",
    };
    expect(tagCommands({ add: [OURS], remove: ["theirs"] }, commands)).toBe(
      "add Key=ours,Value=1\nremove theirs",
    );
    expect(tagCommands({ add: [], remove: [] }, commands)).toBe("show");
  });
});
