import {
  type AdjustmentType,
  PutScalingPolicyCommand,
  type ScalingPolicy,
  type StepScalingPolicyConfiguration,
} from "@aws-sdk/client-application-auto-scaling";
import { isReal } from "./numbers";
import { isName, NAME_FAULT, scaled, scaling, scalingCommand } from "./scaling";

/** A step: between two distances from the alarm's threshold, of which one may be open. As they were typed. */
export interface Step {
  lower: string;
  upper: string;
  adjustment: string;
}

/** A step scaling policy as forms ask for it. Numbers are as they were typed. */
export interface StepPolicy {
  policyName: string;
  adjustmentType: AdjustmentType;
  /** Fewest tasks that a percentage adds or takes away; may be empty. */
  magnitude: string;
  cooldownSeconds: string;
  steps: Step[];
}

export const EMPTY_STEPS: StepPolicy = {
  policyName: "",
  adjustmentType: "ChangeInCapacity",
  magnitude: "",
  cooldownSeconds: "",
  steps: [{ lower: "0", upper: "", adjustment: "1" }],
};

export const ADJUSTMENTS: { value: AdjustmentType; label: string; description: string }[] = [
  { value: "ChangeInCapacity", label: "ChangeInCapacity", description: "So many tasks more, or fewer." },
  {
    value: "PercentChangeInCapacity",
    label: "PercentChangeInCapacity",
    description: "In percent of what runs.",
  },
  { value: "ExactCapacity", label: "ExactCapacity", description: "Exactly so many tasks." },
];

/** What must be mended, by field. AWS has the last word: on gaps and overlaps of steps, say. */
export function stepFaults(form: StepPolicy): Partial<Record<keyof StepPolicy, string>> {
  const isStep = ({ lower, upper, adjustment }: Step) =>
    /^-?\d{1,9}$/.test(adjustment) &&
    (lower !== "" || upper !== "") &&
    [lower, upper].every((bound) => bound === "" || isReal(bound));
  return {
    ...(!isName(form.policyName) && { policyName: NAME_FAULT }),
    ...(!/^\d{0,9}$/.test(form.cooldownSeconds) && { cooldownSeconds: "A whole number of seconds." }),
    ...(!/^\d{0,9}$/.test(form.magnitude) && { magnitude: "A whole number of tasks." }),
    ...(form.steps.length === 0 && { steps: "There must be a step at least." }),
    ...(!form.steps.every(isStep) && {
      steps: "Each step has a whole number as its adjustment, and a bound at least.",
    }),
  };
}

/** The configuration that a form stands for. */
export function stepConfiguration(form: StepPolicy): StepScalingPolicyConfiguration {
  return {
    AdjustmentType: form.adjustmentType,
    ...(form.cooldownSeconds && { Cooldown: Number(form.cooldownSeconds) }),
    ...(form.magnitude &&
      form.adjustmentType === "PercentChangeInCapacity" && {
        MinAdjustmentMagnitude: Number(form.magnitude),
      }),
    StepAdjustments: form.steps.map(({ lower, upper, adjustment }) => ({
      ...(lower !== "" && { MetricIntervalLowerBound: Number(lower) }),
      ...(upper !== "" && { MetricIntervalUpperBound: Number(upper) }),
      ScalingAdjustment: Number(adjustment),
    })),
  };
}

const typed = (value: number | undefined) => (value === undefined ? "" : String(value));

/** The form that stands for a policy that is there. */
export function stepsOf(policy: ScalingPolicy): StepPolicy {
  const given = policy.StepScalingPolicyConfiguration;
  return {
    policyName: policy.PolicyName ?? "",
    adjustmentType: given?.AdjustmentType ?? EMPTY_STEPS.adjustmentType,
    magnitude: typed(given?.MinAdjustmentMagnitude),
    cooldownSeconds: typed(given?.Cooldown),
    steps: (given?.StepAdjustments ?? []).map((step) => ({
      lower: typed(step.MetricIntervalLowerBound),
      upper: typed(step.MetricIntervalUpperBound),
      adjustment: typed(step.ScalingAdjustment),
    })),
  };
}

export function putSteps(cluster: string, service: string, form: StepPolicy) {
  return scaling.send(
    new PutScalingPolicyCommand({
      ...scaled(cluster, service),
      PolicyName: form.policyName,
      PolicyType: "StepScaling",
      StepScalingPolicyConfiguration: stepConfiguration(form),
    }),
  );
}

export function stepsCommand(cluster: string, service: string, form: StepPolicy): string {
  return scalingCommand("put-scaling-policy", cluster, service, {
    "policy-name": form.policyName,
    "policy-type": "StepScaling",
    "step-scaling-policy-configuration": JSON.stringify(stepConfiguration(form)),
  });
}

/** A step in words: `from 0 to 20: +1`. */
export function stepText(form: StepPolicy, { lower, upper, adjustment }: Step): string {
  const range = [lower !== "" && `from ${lower}`, upper !== "" && `to ${upper}`].filter(Boolean).join(" ");
  const isExact = form.adjustmentType === "ExactCapacity";
  const sign = !isExact && Number(adjustment) > 0 ? "+" : "";
  const unit = form.adjustmentType === "PercentChangeInCapacity" ? " %" : "";
  return `${range}: ${isExact ? "exactly " : ""}${sign}${adjustment}${unit}`;
}
