import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import type { ReactNode } from "react";
import type { ListState } from "../lib/list-state";
import type { StepProps } from "./use-steps";

/** The fields of a form that hold text. */
type TextOf<Form> = { [Name in keyof Form]: Form[Name] extends string ? Name : never }[keyof Form] & string;

interface TextProps<Form> extends StepProps<Form> {
  field: TextOf<Form>;
  label: string;
  description?: string;
  placeholder?: string;
  isNumber?: boolean;
  /** Nobody beside is to read it; outer blanks may be of it. */
  isSecret?: boolean;
  /** Words of it are parted by spaces. */
  hasSpaces?: boolean;
  isDisabled?: boolean;
  warning?: string | false | undefined;
}

/** One line of text of a form, with what is wrong with it. */
export function TextField<Form>(props: TextProps<Form>) {
  const { field, label, description, placeholder, isNumber, hasSpaces, form, faults, change } = props;
  const trimmed = (value: string) => (props.isSecret ? value : value.trim());
  const become = (value: string) => change({ [field]: value } as Partial<Form>);
  const value = String(form[field]);
  return (
    <FormField
      label={label}
      description={description ?? ""}
      errorText={faults[field] ?? ""}
      warningText={props.warning}
    >
      <Input
        value={value}
        placeholder={placeholder ?? ""}
        inputMode={isNumber ? "numeric" : "text"}
        {...(props.isSecret && { type: "password" as const, autoComplete: false })}
        disabled={props.isDisabled ?? false}
        // The space between two words is the last letter while it is typed.
        onChange={({ detail }) => become(hasSpaces ? detail.value.trimStart() : trimmed(detail.value))}
        onBlur={() => {
          if (value !== trimmed(value)) become(trimmed(value));
        }}
      />
    </FormField>
  );
}

interface ChoiceProps {
  label: string;
  description?: string;
  error?: string | undefined;
  options: SelectProps.Option[];
  value: string;
  /** What to do first where there is nothing to choose. */
  empty: string;
  /** Of options that are asked for. */
  state?: ListState;
  placeholder?: string;
  secondary?: ReactNode;
  onChoose: (value: string) => void;
}

/** One of several. */
export function Choice(props: ChoiceProps) {
  const { label, description, error, options, value, empty, state, placeholder, secondary, onChoose } = props;
  const isKnown = (state?.statusType ?? "finished") === "finished";
  const unlisted = value && !isKnown ? { value, label: value } : null;
  return (
    <FormField
      label={label}
      description={description ?? ""}
      errorText={error ?? ""}
      {...(secondary !== undefined && { secondaryControl: secondary })}
    >
      <Select
        options={options}
        placeholder={placeholder ?? "Choose one"}
        empty={empty}
        {...state}
        triggerVariant="label"
        selectedOption={options.find((option) => option.value === value) ?? unlisted}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
