import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { METRICS, type Tracking } from "../lib/tracking-policy";
import { Choice, TextField } from "./fields";
import type { StepProps } from "./use-steps";

interface Props extends StepProps<Tracking> {
  /** A policy that is there keeps its name. */
  isNamed?: boolean;
}

/** What a target tracking policy asks for. */
export function TrackingFields({ isNamed, ...props }: Props) {
  const { form, faults, change } = props;
  return (
    <SpaceBetween size="l">
      {!isNamed && (
        <TextField {...props} field="policyName" hasSpaces label="Policy name" placeholder="cpu" />
      )}
      <ColumnLayout columns={2}>
        <Choice
          label="ECS service metric"
          description={METRICS.find(({ value }) => value === form.metric)?.description ?? ""}
          error={faults.metric}
          options={METRICS.map(({ value, label }) => ({ value, label }))}
          value={form.metric}
          empty=""
          onChoose={(metric) => change({ metric: metric as Tracking["metric"] })}
        />
        <TextField
          {...props}
          field="targetValue"
          label="Target value"
          description="Tasks are added above it, and taken away below."
          isNumber
        />
        <TextField
          {...props}
          field="scaleOutSeconds"
          label="Scale-out cooldown, in seconds"
          description="After tasks were added; 300 where nothing is said."
          placeholder="300"
          isNumber
        />
        <TextField
          {...props}
          field="scaleInSeconds"
          label="Scale-in cooldown, in seconds"
          description="After tasks were taken away; 300 where nothing is said."
          placeholder="300"
          isNumber
        />
      </ColumnLayout>
      <Checkbox
        checked={form.isScaleInDisabled}
        onChange={({ detail }) => change({ isScaleInDisabled: detail.checked })}
        description="The policy adds tasks only."
      >
        Disable scale-in
      </Checkbox>
    </SpaceBetween>
  );
}
