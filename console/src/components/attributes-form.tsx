import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { type Attribute, arranged, changedOf, type Known } from "../lib/attributes";
import { tagWords } from "../lib/tags";
import { awsCommand } from "../lib/text";
import { Details } from "./details";
import { PanelForm } from "./panel-form";
import { useSending } from "./use-sending";
import { useUnsaved } from "./use-unsaved";

interface Props {
  title: string;
  query: { data: Attribute[] | undefined; error: Error | null };
  known: Record<string, Known>;
  /** Of the aws command, without the attributes: `elbv2 modify-target-group-attributes --target-group-arn ARN`. */
  operation: string;
  save: (changes: Attribute[]) => Promise<unknown>;
  kinds: string[];
}

/** Attributes of a resource, each to be changed; what changed is sent in one request. */
export function AttributesForm({ query, ...props }: Props) {
  return (
    <Details noun="attributes" query={query}>
      {(attributes) => <Fields {...props} attributes={attributes} />}
    </Details>
  );
}

function Fields(props: Omit<Props, "query"> & { attributes: Attribute[] }) {
  const { attributes, known } = props;
  // Of what was typed alone: what others change meanwhile is shown in the rest.
  const [typed, setTyped] = useState<Record<string, string>>({});
  const changes = changedOf(attributes, typed);
  const isChanged = changes.length > 0;
  useUnsaved(isChanged);
  const sending = useSending({
    title: props.title,
    run: () => props.save(changes),
    done: `${props.title}: saved.`,
    kinds: props.kinds,
    onDone: () => setTyped({}),
  });
  return (
    <PanelForm
      title={props.title}
      submit="Save changes"
      command={
        isChanged
          ? awsCommand(props.operation, { attributes: tagWords(changes) })
          : awsCommand(props.operation.replace("modify", "describe"), {})
      }
      isChanged={isChanged}
      sending={sending}
      onDiscard={() => setTyped({})}
      onSubmit={sending.send}
    >
      <ColumnLayout columns={2}>
        {arranged(attributes, known).map(({ Key = "", Value = "" }) => (
          <One
            key={Key}
            name={Key}
            known={known[Key]}
            value={typed[Key] ?? Value}
            onChange={(value) => setTyped((old) => ({ ...old, [Key]: value }))}
          />
        ))}
      </ColumnLayout>
    </PanelForm>
  );
}

interface OneProps {
  name: string;
  known: Known | undefined;
  value: string;
  onChange: (value: string) => void;
}

function One({ name, known, value, onChange }: OneProps) {
  const choices = known?.choices ?? (name.endsWith(".enabled") ? ["true", "false"] : undefined);
  const label = known ? `${known.label}${known.unit ? `, ${known.unit}` : ""}` : name;
  return (
    <FormField label={label} {...(known && { description: name })}>
      {choices ? (
        <Select
          options={choices.map((choice) => ({ value: choice }))}
          selectedOption={{ value }}
          onChange={({ detail }) => onChange(detail.selectedOption.value ?? "")}
        />
      ) : (
        <Input value={value} onChange={({ detail }) => onChange(detail.value)} />
      )}
    </FormField>
  );
}
