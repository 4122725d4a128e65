import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, useState } from "react";
import { focusFault } from "../layout/focus";
import { type Tag, type TagChanges, tagChanges, tagFaults } from "../lib/tags";
import { CopyCommand } from "./copy-command";
import { Details } from "./details";
import { Refused } from "./refused";
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
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (!isChanged) return;
    setChecked(true);
    if (faults.some((fault) => fault)) focusFault(event.currentTarget);
    else sending.send();
  };
  const change = (at: number, part: Tag) =>
    setTyped(shown.map((tag, index) => (index === at ? { ...tag, ...part } : tag)));
  const field = (name: "Key" | "Value") => (tag: Tag, index: number) => (
    <Input value={tag[name] ?? ""} onChange={({ detail }) => change(index, { [name]: detail.value })} />
  );
  return (
    <form onSubmit={submit} noValidate>
      <Container
        header={
          <Header
            variant="h2"
            actions={
              <SpaceBetween direction="horizontal" size="xs">
                <CopyCommand command={command(changes)} />
                <Button formAction="none" disabled={!edit || sending.isPending} onClick={end}>
                  Discard changes
                </Button>
                <Button variant="primary" disabled={!isChanged} loading={sending.isPending}>
                  Save tags
                </Button>
              </SpaceBetween>
            }
          >
            Tags
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Refused error={sending.error} />
          <div inert={sending.isPending}>
            <AttributeEditor
              items={shown}
              empty="It has no tag."
              addButtonText="Add tag"
              removeButtonText="Remove"
              removeButtonAriaLabel={({ Key }) => `Remove tag ${Key}`}
              onAddButtonClick={() => setTyped([...shown, { Key: "", Value: "" }])}
              onRemoveButtonClick={({ detail }) =>
                setTyped(shown.filter((_, index) => index !== detail.itemIndex))
              }
              definition={[
                {
                  label: "Key",
                  control: field("Key"),
                  errorText: (_tag, index) => (isChecked ? faults[index] : undefined),
                },
                { label: "Value", control: field("Value") },
              ]}
            />
          </div>
        </SpaceBetween>
      </Container>
    </form>
  );
}
