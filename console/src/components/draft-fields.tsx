import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Textarea from "@cloudscape-design/components/textarea";
import { type ReactNode, useState } from "react";
import {
  type Draft,
  type Faults,
  listAt,
  numberIn,
  type Path,
  textAt,
  valueAt,
  withValue,
  wordsAt,
} from "../lib/definition-form";
import { lineOf, wordsIn } from "../lib/shell-words";

/** A draft of a task definition, and who hears of its changes. */
export interface DraftProps {
  draft: Draft;
  faults: Faults;
  onChange: (draft: Draft) => void;
}

interface FieldProps extends DraftProps {
  path: Path;
  label: string;
  description?: ReactNode;
}

export function TextField({ draft, faults, onChange, path, label, description }: FieldProps) {
  return (
    <FormField label={label} description={description} errorText={faults[path.join(".")] ?? ""}>
      <Input
        value={textAt(draft, path)}
        spellcheck={false}
        onChange={({ detail }) => onChange(withValue(draft, path, detail.value))}
      />
    </FormField>
  );
}

export function NumberField({ draft, faults, onChange, path, label, description }: FieldProps) {
  return (
    <FormField label={label} description={description} errorText={faults[path.join(".")] ?? ""}>
      <Input
        value={textAt(draft, path)}
        inputMode="numeric"
        onChange={({ detail }) => onChange(withValue(draft, path, numberIn(detail.value)))}
      />
    </FormField>
  );
}

interface WordsProps extends FieldProps {
  /** Words before those that are edited. */
  prefix?: string[];
}

/** A list of words, edited as a shell's line. */
export function WordsField({ draft, faults, onChange, path, label, description, prefix = [] }: WordsProps) {
  const words = wordsAt(draft, path).slice(prefix.length);
  const [typed, setTyped] = useState("");
  // What was typed is shown as long as it means what the draft says: spaces and quotes stay as they are.
  const shown = JSON.stringify(wordsIn(typed)) === JSON.stringify(words) ? typed : lineOf(words);
  const change = (line: string) => {
    setTyped(line);
    const next = wordsIn(line);
    const isNone = next.length === 0 && prefix.length === 0;
    onChange(withValue(draft, path, isNone ? undefined : [...prefix, ...next]));
  };
  return (
    <FormField stretch label={label} description={description} errorText={faults[path.join(".")] ?? ""}>
      <Textarea value={shown} rows={2} spellcheck={false} onChange={({ detail }) => change(detail.value)} />
    </FormField>
  );
}

interface RowsProps extends DraftProps {
  path: Path;
  /** What a row is, as `port mapping`. */
  noun: string;
  columns: { member: string; label: string; isNumber?: boolean; control?: (path: Path) => ReactNode }[];
  fresh: Draft;
}

/** A list of objects, a row for each. */
export function RowsField({ draft, faults, onChange, path, noun, columns, fresh }: RowsProps) {
  const rows = listAt(draft, path);
  const edit = (row: number, member: string, value: unknown) =>
    onChange(withValue(draft, [...path, row, member], value));
  return (
    <AttributeEditor<Draft>
      items={rows}
      addButtonText={`Add ${noun}`}
      removeButtonText="Remove"
      removeButtonAriaLabel={(item) => `Remove ${noun} ${String(Object.values(item)[0] ?? "")}`}
      empty={`No ${noun}.`}
      onAddButtonClick={() => onChange(withValue(draft, [...path, rows.length], fresh))}
      onRemoveButtonClick={({ detail }) =>
        onChange(withValue(draft, rows.length === 1 ? path : [...path, detail.itemIndex], undefined))
      }
      definition={columns.map(({ member, label, isNumber, control }) => ({
        label,
        errorText: (_item: Draft, row: number) => faults[[...path, row, member].join(".")] ?? "",
        control: (item: Draft, row: number) =>
          control?.([...path, row, member]) ?? (
            <Input
              value={textAt(item, [member])}
              ariaLabel={`${label} of ${noun} ${row + 1}`}
              spellcheck={false}
              inputMode={isNumber ? "numeric" : "text"}
              onChange={({ detail }) => edit(row, member, isNumber ? numberIn(detail.value) : detail.value)}
            />
          ),
      }))}
    />
  );
}

/** An object of texts, a row for each member. */
export function PairsField({ draft, onChange, path, noun }: Omit<RowsProps, "columns" | "fresh">) {
  const pairs = Object.entries((valueAt(draft, path) ?? {}) as Record<string, unknown>);
  // Rows that have no name yet are no members of the object.
  const [fresh, setFresh] = useState<[string, string][]>([]);
  const rows: [string, string][] = [...pairs.map(([k, v]): [string, string] => [k, String(v)]), ...fresh];
  const become = (next: [string, string][]) => {
    const known = new Set<string>();
    const isMember = ([name]: [string, string]) =>
      name !== "" && !known.has(name) && known.add(name) !== null;
    const members = next.filter(isMember);
    setFresh(next.filter((row) => !members.includes(row)));
    onChange(withValue(draft, path, members.length ? Object.fromEntries(members) : undefined));
  };
  const edit = (row: number, part: [string, string]) =>
    become(rows.map((old, index) => (index === row ? part : old)));
  return (
    <AttributeEditor<[string, string]>
      items={rows}
      addButtonText={`Add ${noun}`}
      removeButtonText="Remove"
      removeButtonAriaLabel={([name]) => `Remove ${noun} ${name}`}
      empty={`No ${noun}.`}
      onAddButtonClick={() => setFresh([...fresh, ["", ""]])}
      onRemoveButtonClick={({ detail }) => become(rows.filter((_, index) => index !== detail.itemIndex))}
      definition={[
        {
          label: "Name",
          control: ([name, value], row) => (
            <Input
              value={name}
              ariaLabel={`Name of ${noun} ${row + 1}`}
              spellcheck={false}
              onChange={({ detail }) => edit(row, [detail.value, value])}
            />
          ),
        },
        {
          label: "Value",
          control: ([name, value], row) => (
            <Input
              value={value}
              ariaLabel={`Value of ${noun} ${row + 1}`}
              spellcheck={false}
              onChange={({ detail }) => edit(row, [name, detail.value])}
            />
          ),
        },
      ]}
    />
  );
}
