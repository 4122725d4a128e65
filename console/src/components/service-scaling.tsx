import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import RadioGroup from "@cloudscape-design/components/radio-group";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { NewService } from "../lib/new-service";
import { TextField } from "./fields";
import { TrackingFields } from "./tracking-fields";
import type { StepProps } from "./use-steps";

/** The wizard's step about auto scaling. */
export function ServiceScaling(props: StepProps<NewService>) {
  const { form, change } = props;
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Service Auto Scaling</Header>}>
        <SpaceBetween size="l">
          <FormField label="Number of tasks">
            <RadioGroup
              value={form.isScaled ? "scaled" : "fixed"}
              onChange={({ detail }) => change({ isScaled: detail.value === "scaled" })}
              items={[
                {
                  value: "fixed",
                  label: "Do not adjust the service's desired count",
                  description: `It stays ${form.desired}, until somebody changes it.`,
                },
                {
                  value: "scaled",
                  label: "Configure Service Auto Scaling to adjust the desired count",
                  description: "Within bounds, by a metric or by the clock.",
                },
              ]}
            />
          </FormField>
          {form.isScaled && <Bounds {...props} />}
        </SpaceBetween>
      </Container>
      {form.isScaled && (
        <Container header={<Header variant="h2">Automatic task scaling policy</Header>}>
          <SpaceBetween size="l">
            <Checkbox
              checked={form.hasPolicy}
              onChange={({ detail }) => change({ hasPolicy: detail.checked })}
              description="Step policies and schedules are added on the service's page."
            >
              Add a target tracking policy
            </Checkbox>
            {form.hasPolicy && <TrackingFields {...props} />}
          </SpaceBetween>
        </Container>
      )}
    </SpaceBetween>
  );
}

function Bounds(props: StepProps<NewService>) {
  return (
    <ColumnLayout columns={3}>
      <TextField {...props} field="minimum" label="Minimum number of tasks" isNumber />
      <TextField {...props} field="desired" label="Desired number of tasks" isNumber />
      <TextField {...props} field="maximum" label="Maximum number of tasks" isNumber />
    </ColumnLayout>
  );
}
