import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Checkbox from "@cloudscape-design/components/checkbox";
import FormField from "@cloudscape-design/components/form-field";
import Grid from "@cloudscape-design/components/grid";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { type ConditionForm, EMPTY_CONDITION, FIELDS, type Field, takesRegex } from "../lib/rule-conditions";

const KINDS: Record<Field, { label: string; example: string }> = {
  "host-header": { label: "Host header", example: "*.example.com" },
  "path-pattern": { label: "Path", example: "/users/*" },
  "http-header": { label: "HTTP header", example: "*Chrome*" },
  "http-request-method": { label: "HTTP request method", example: "GET" },
  "query-string": { label: "Query string", example: "version=v2" },
  "source-ip": { label: "Source IP", example: "10.0.0.0/8" },
};

const OPTIONS = FIELDS.map((value) => ({ value, label: KINDS[value].label, description: value }));

interface Props {
  forms: ConditionForm[];
  fault?: string | undefined;
  onChange: (forms: ConditionForm[]) => void;
}

/** The conditions that all must hold, each of any of its values. */
export function ConditionFields({ forms, fault, onChange }: Props) {
  const change = (at: number, part: Partial<ConditionForm>) =>
    onChange(forms.map((one, index) => (index === at ? { ...one, ...part } : one)));
  return (
    <SpaceBetween size="l">
      {forms.map((form, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a condition has no name but its place
        <Condition key={index} form={form} place={index + 1} onChange={(part) => change(index, part)}>
          <Button
            formAction="none"
            ariaLabel={`Remove condition ${index + 1}`}
            disabled={forms.length === 1}
            onClick={() => onChange(forms.filter((_, at) => at !== index))}
          >
            Remove
          </Button>
        </Condition>
      ))}
      <FormField errorText={fault ?? ""}>
        <Button formAction="none" onClick={() => onChange([...forms, EMPTY_CONDITION])}>
          Add condition
        </Button>
      </FormField>
    </SpaceBetween>
  );
}

interface ConditionProps {
  form: ConditionForm;
  place: number;
  onChange: (part: Partial<ConditionForm>) => void;
  children: React.ReactNode;
}

function Condition({ form, place, onChange, children }: ConditionProps) {
  return (
    <Grid gridDefinition={[{ colspan: 4 }, { colspan: 6 }, { colspan: 2 }]}>
      <SpaceBetween size="s">
        <FormField label={`Condition ${place}`}>
          <Select
            options={OPTIONS}
            selectedOption={OPTIONS.find(({ value }) => value === form.field) ?? null}
            onChange={({ detail }) => onChange({ field: detail.selectedOption.value as Field })}
          />
        </FormField>
        {form.field === "http-header" && (
          <FormField label={`Name of header ${place}`}>
            <Input
              value={form.name}
              placeholder="User-Agent"
              onChange={({ detail }) => onChange({ name: detail.value.trim() })}
            />
          </FormField>
        )}
      </SpaceBetween>
      <SpaceBetween size="s">
        <FormField label={`Is any of, one a line (${place})`}>
          <Textarea
            value={form.values}
            rows={2}
            spellcheck={false}
            placeholder={KINDS[form.field].example}
            onChange={({ detail }) => onChange({ values: detail.value })}
          />
        </FormField>
        {takesRegex(form.field) && (
          <Checkbox checked={form.isRegex} onChange={({ detail }) => onChange({ isRegex: detail.checked })}>
            Regular expressions, without * and ? as wildcards
          </Checkbox>
        )}
      </SpaceBetween>
      <Box padding={{ top: "xl" }}>{children}</Box>
    </Grid>
  );
}
