import Alert from "@cloudscape-design/components/alert";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { notify } from "../layout/notices";
import { refresh } from "../lib/queries";
import { type Tag, tagChanges } from "../lib/tags";
import { errorText } from "../lib/text";
import { CopyCommand } from "./copy-command";
import { Details } from "./details";

interface Props {
  query: { data: Tag[] | undefined; error: Error | null };
  /** The commands that do the same. */
  command: (changes: { add: Tag[]; remove: string[] }) => string;
  save: (changes: { add: Tag[]; remove: string[] }) => Promise<unknown>;
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

function Editor({ tags, command, save, kinds }: Omit<Props, "query"> & { tags: Tag[] }) {
  const [typed, setTyped] = useState<Tag[] | null>(null);
  const shown = typed ?? tags;
  const changes = tagChanges(tags, shown);
  const isChanged = changes.add.length + changes.remove.length > 0;
  const mutation = useMutation({
    mutationFn: () => save(changes),
    onSuccess: () => {
      setTyped(null);
      notify("success", "The tags were saved.");
      refresh(kinds);
    },
  });
  const change = (at: number, part: Tag) =>
    setTyped(shown.map((tag, index) => (index === at ? { ...tag, ...part } : tag)));
  const field = (name: "Key" | "Value") => (tag: Tag, index: number) => (
    <Input value={tag[name] ?? ""} onChange={({ detail }) => change(index, { [name]: detail.value })} />
  );
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyCommand command={command(changes)} />
              <Button disabled={!typed} onClick={() => setTyped(null)}>
                Discard changes
              </Button>
              <Button
                variant="primary"
                disabled={!isChanged}
                loading={mutation.isPending}
                onClick={() => mutation.mutate()}
              >
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
        {mutation.error && <Alert type="error">{errorText(mutation.error)}</Alert>}
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
            { label: "Key", control: field("Key") },
            { label: "Value", control: field("Value") },
          ]}
        />
      </SpaceBetween>
    </Container>
  );
}
