import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import type { CheckFaults, CheckForm } from "../lib/target-group-form";

const TEXTS: { field: Exclude<keyof CheckForm, "protocol">; label: string; description: string }[] = [
  { field: "path", label: "Health check path", description: "What is asked for." },
  { field: "port", label: "Health check port", description: "traffic-port is the target's own." },
  { field: "codes", label: "Success codes", description: "As 200, 200,204 or 200-299." },
  { field: "interval", label: "Interval, s", description: "5 to 300." },
  { field: "timeout", label: "Timeout, s", description: "2 to 120, less than the interval." },
  { field: "healthy", label: "Healthy after, successes", description: "2 to 10." },
  { field: "unhealthy", label: "Unhealthy after, failures", description: "2 to 10." },
];

interface Props {
  form: CheckForm;
  faults: CheckFaults;
  onChange: (part: Partial<CheckForm>) => void;
}

/** How targets are checked. */
export function CheckFields({ form, faults, onChange }: Props) {
  return (
    <ColumnLayout columns={2}>
      <FormField label="Health check protocol">
        <Select
          options={["HTTP", "HTTPS"].map((value) => ({ value }))}
          selectedOption={{ value: form.protocol }}
          onChange={({ detail }) => onChange({ protocol: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      {TEXTS.map(({ field, label, description }) => (
        <FormField key={field} label={label} description={description} errorText={faults[field] ?? ""}>
          <Input value={form[field]} onChange={({ detail }) => onChange({ [field]: detail.value.trim() })} />
        </FormField>
      ))}
    </ColumnLayout>
  );
}
