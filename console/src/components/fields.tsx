import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select, { type SelectProps } from "@cloudscape-design/components/select";
import type { ReactNode } from "react";
import type { StepProps } from "./use-steps";

/** The fields of a form that hold text. */
type TextOf<Form> = { [Name in keyof Form]: Form[Name] extends string ? Name : never }[keyof Form] & string;

interface TextProps<Form> extends StepProps<Form> {
  field: TextOf<Form>;
  label: string;
  description?: string;
  placeholder?: string;
  isNumber?: boolean;
}

/** One line of text of a form, with what is wrong with it. */
export function TextField<Form>(props: TextProps<Form>) {
  const { field, label, description, placeholder, isNumber, form, faults, change } = props;
  return (
    <FormField label={label} description={description ?? ""} errorText={faults[field] ?? ""}>
      <Input
        value={String(form[field])}
        placeholder={placeholder ?? ""}
        inputMode={isNumber ? "numeric" : "text"}
        onChange={({ detail }) => change({ [field]: detail.value.trim() } as Partial<Form>)}
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
  placeholder?: string;
  secondary?: ReactNode;
  onChoose: (value: string) => void;
}

/** One of several. */
export function Choice(props: ChoiceProps) {
  const { label, description, error, options, value, empty, placeholder, secondary, onChoose } = props;
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
        triggerVariant="label"
        selectedOption={options.find((option) => option.value === value) ?? null}
        onChange={({ detail }) => onChoose(detail.selectedOption.value ?? "")}
      />
    </FormField>
  );
}
