import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Input from "@cloudscape-design/components/input";
import { useState } from "react";
import { focusFault } from "../layout/focus";
import { type Tag, type TagChanges, tagChanges, tagFaults } from "../lib/tags";
import { Details } from "./details";
import { PanelForm } from "./panel-form";
import { useSending } from "./use-sending";
import { useUnsaved } from "./use-unsaved";

interface Props {
  query: { data: Tag[] | undefined; error: Error | null };
  /** The commands that do the same. */
  command: (changes: TagChanges) => string;
  save: (changes: TagChanges) => Promise<unknown>;
  kinds: string[];
}

/** The tags of a resource, to be changed. */
export function TagsPanel({ query, ...props }: Props) {
  return (
    <Details noun="tags" query={query}>
      {(tags) => <Editor {...props} tags={tags} />}
    </Details>
  );
}

interface Edit {
  /** As they were when the editing began: what others add meanwhile is not to be removed. */
  first: Tag[];
  typed: Tag[];
}

function Editor({ tags, command, save, kinds }: Omit<Props, "query"> & { tags: Tag[] }) {
  const [edit, setEdit] = useState<Edit | null>(null);
  const [isChecked, setChecked] = useState(false);
  const shown = edit?.typed ?? tags;
  const changes = tagChanges(edit?.first ?? tags, shown);
  const isChanged = changes.add.length + changes.remove.length > 0;
  const faults = tagFaults(shown);
  useUnsaved(isChanged);
  const setTyped = (typed: Tag[]) => setEdit({ first: edit?.first ?? tags, typed });
  const end = () => {
    setEdit(null);
    setChecked(false);
  };
  const sending = useSending({
    title: "Tags",
    run: () => save(changes),
    done: "The tags were saved.",
    kinds,
    onDone: end,
  });
  const submit = (form: HTMLFormElement) => {
    setChecked(true);
    if (faults.some((fault) => fault)) focusFault(form);
    else sending.send();
  };
  const change = (at: number, part: Tag) =>
    setTyped(shown.map((tag, index) => (index === at ? { ...tag, ...part } : tag)));
  const field = (name: "Key" | "Value") => (tag: Tag, index: number) => (
    <Input value={tag[name] ?? ""} onChange={({ detail }) => change(index, { [name]: detail.value })} />
  );
  return (
    <PanelForm
      title="Tags"
      submit="Save tags"
      command={command(changes)}
      isChanged={isChanged}
      isBegun={edit !== null}
      sending={sending}
      onDiscard={end}
      onSubmit={submit}
    >
      <AttributeEditor
        items={shown}
        empty="It has no tag."
        addButtonText="Add tag"
        removeButtonText="Remove"
        removeButtonAriaLabel={({ Key }) => `Remove tag ${Key}`}
        onAddButtonClick={() => setTyped([...shown, { Key: "", Value: "" }])}
        onRemoveButtonClick={({ detail }) => setTyped(shown.filter((_, index) => index !== detail.itemIndex))}
        definition={[
          {
            label: "Key",
            control: field("Key"),
            errorText: (_tag, index) => (isChecked ? faults[index] : undefined),
          },
          { label: "Value", control: field("Value") },
        ]}
      />
    </PanelForm>
  );
}
