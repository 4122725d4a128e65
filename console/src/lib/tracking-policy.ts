import type { MetricType, ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import {
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from "@aws-sdk/client-application-auto-scaling";
import { isName, NAME_FAULT, scaled, scaling, scalingCommand } from "./scaling";

/** A target tracking policy as forms ask for it. Numbers are as they were typed; cooldowns may be empty. */
export interface Tracking {
  policyName: string;
  metric: MetricType;
  targetValue: string;
  scaleOutSeconds: string;
  scaleInSeconds: string;
  isScaleInDisabled: boolean;
}

export const EMPTY_TRACKING: Tracking = {
  policyName: "",
  metric: "ECSServiceAverageCPUUtilization",
  targetValue: "60",
  scaleOutSeconds: "",
  scaleInSeconds: "",
  isScaleInDisabled: false,
};

export const REQUESTS = "ALBRequestCountPerTarget";

/** The metrics of services, with what a target value of theirs is. */
export const METRICS: { value: MetricType; label: string; description: string }[] = [
  {
    value: "ECSServiceAverageCPUUtilization",
    label: "ECSServiceAverageCPUUtilization",
    description: "Percent of the CPU that its tasks reserve; nothing where they reserve none.",
  },
  {
    value: "ECSServiceAverageMemoryUtilization",
    label: "ECSServiceAverageMemoryUtilization",
    description: "Percent of the memory that its tasks reserve.",
  },
  {
    value: REQUESTS,
    label: REQUESTS,
    description: "Requests a minute for each healthy target.",
  },
];

const SECONDS_FAULT = "A whole number of seconds, or nothing for 300.";

/** What must be mended, by field. `hasTargets`: whether a target group takes the service's requests. */
export function trackingFaults(form: Tracking, hasTargets: boolean): Partial<Record<keyof Tracking, string>> {
  const isSeconds = (text: string) => /^\d{0,9}$/.test(text);
  return {
    ...(!isName(form.policyName) && { policyName: NAME_FAULT }),
    ...(form.metric === REQUESTS &&
      !hasTargets && { metric: "Without a load balancer there are no requests to count." }),
    ...(!(Number(form.targetValue) > 0) && { targetValue: "A number above 0." }),
    ...(!isSeconds(form.scaleOutSeconds) && { scaleOutSeconds: SECONDS_FAULT }),
    ...(!isSeconds(form.scaleInSeconds) && { scaleInSeconds: SECONDS_FAULT }),
  };
}

/** `app/NAME/ID/targetgroup/NAME/ID`: the tails of both ARNs. */
export function resourceLabel(loadBalancerArn: string, targetGroupArn: string): string {
  return `${loadBalancerArn.split(":loadbalancer/").at(-1)}/${targetGroupArn.split(":").at(-1)}`;
}

/** The configuration that a form stands for; `label` names what requests are counted of. */
export function trackingConfiguration(form: Tracking, label: string) {
  return {
    TargetValue: Number(form.targetValue),
    PredefinedMetricSpecification: {
      PredefinedMetricType: form.metric,
      ...(form.metric === REQUESTS && { ResourceLabel: label }),
    },
    ...(form.scaleOutSeconds && { ScaleOutCooldown: Number(form.scaleOutSeconds) }),
    ...(form.scaleInSeconds && { ScaleInCooldown: Number(form.scaleInSeconds) }),
    ...(form.isScaleInDisabled && { DisableScaleIn: true }),
  };
}

/** The form that stands for a policy that is there. */
export function trackingOf(policy: ScalingPolicy): Tracking {
  const given = policy.TargetTrackingScalingPolicyConfiguration;
  return {
    policyName: policy.PolicyName ?? "",
    metric: given?.PredefinedMetricSpecification?.PredefinedMetricType ?? EMPTY_TRACKING.metric,
    targetValue: String(given?.TargetValue ?? ""),
    scaleOutSeconds: String(given?.ScaleOutCooldown ?? ""),
    scaleInSeconds: String(given?.ScaleInCooldown ?? ""),
    isScaleInDisabled: given?.DisableScaleIn ?? false,
  };
}

export function putTracking(cluster: string, service: string, form: Tracking, label: string) {
  return scaling.send(
    new PutScalingPolicyCommand({
      ...scaled(cluster, service),
      PolicyName: form.policyName,
      PolicyType: "TargetTrackingScaling",
      TargetTrackingScalingPolicyConfiguration: trackingConfiguration(form, label),
    }),
  );
}

/** The same as a command. A label with a shell variable stands in double quotes. */
export function trackingCommand(cluster: string, service: string, form: Tracking, label: string): string {
  const put = scalingCommand("put-scaling-policy", cluster, service, {
    "policy-name": form.policyName,
    "policy-type": "TargetTrackingScaling",
  });
  const { PredefinedMetricSpecification: metric, ...numbers } = trackingConfiguration(form, label);
  const written = [
    ...Object.entries(numbers).map(([name, value]) => `${name}=${value}`),
    `PredefinedMetricSpecification={${Object.entries(metric)
      .map(([name, value]) => `${name}=${value}`)
      .join(",")}}`,
  ].join(",");
  return `${put} --target-tracking-scaling-policy-configuration "${written}"`;
}

export function registerTarget(cluster: string, service: string, minimum: string, maximum: string) {
  const bounds = { MinCapacity: Number(minimum), MaxCapacity: Number(maximum) };
  return scaling.send(new RegisterScalableTargetCommand({ ...scaled(cluster, service), ...bounds }));
}

export function registerCommand(cluster: string, service: string, minimum: string, maximum: string): string {
  const bounds = { "min-capacity": minimum, "max-capacity": maximum };
  return scalingCommand("register-scalable-target", cluster, service, bounds);
}
