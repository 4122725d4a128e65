import ColumnLayout from "@cloudscape-design/components/column-layout";
import FormField from "@cloudscape-design/components/form-field";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { Breaker } from "../lib/new-service";
import { TextField } from "./fields";
import type { StepProps } from "./use-steps";

export const BREAKERS: { value: Breaker; label: string; description: string }[] = [
  {
    value: "rollback",
    label: "Roll back",
    description: "The circuit breaker ends the deployment, and the last revision that worked comes back.",
  },
  { value: "stop", label: "Stop", description: "The circuit breaker ends the deployment as failed." },
  { value: "off", label: "Go on", description: "No circuit breaker: tasks are started over and over." },
];

interface Form {
  minimumPercent: string;
  maximumPercent: string;
  breaker: Breaker;
}

/** How deployments go: the bounds of a rolling update, and what becomes of one that fails. */
export function DeploymentFields(props: StepProps<Form>) {
  return (
    <SpaceBetween size="l">
      <ColumnLayout columns={2}>
        <TextField
          {...props}
          field="minimumPercent"
          label="Minimum healthy percent"
          description="So many tasks stay healthy while a deployment runs."
          isNumber
        />
        <TextField
          {...props}
          field="maximumPercent"
          label="Maximum percent"
          description="So many tasks run at most, old and new together."
          isNumber
        />
      </ColumnLayout>
      <FormField label="When the tasks of a deployment do not become healthy">
        <RadioGroup
          value={props.form.breaker}
          onChange={({ detail }) => props.change({ breaker: detail.value as Breaker })}
          items={BREAKERS}
        />
      </FormField>
    </SpaceBetween>
  );
}
