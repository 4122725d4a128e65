import type { ScalingActivity, ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import { describe, expect, it } from "vitest";
import { desiredCounts, policyChart } from "../lib/scaling-curve";
import { EMPTY_SCHEDULE, scheduleCommand, scheduleFaults } from "../lib/scheduled-action";
import {
  EMPTY_STEPS,
  type StepPolicy,
  stepConfiguration,
  stepFaults,
  stepsOf,
  stepText,
} from "../lib/step-policy";
import { EMPTY_TRACKING, trackingConfiguration, trackingOf } from "../lib/tracking-policy";

const at = (minute: number) => new Date(Date.UTC(2030, 0, 1, 0, minute));
const SPAN = { begin: at(10), end: at(30) };

function activity(minute: number, count: number, StatusCode = "Successful"): ScalingActivity {
  const Description = `Setting desired count to ${count}.`;
  return { StartTime: at(minute), Description, StatusCode } as ScalingActivity;
}

const counts = (...activities: ScalingActivity[]) =>
  desiredCounts(activities, 4, SPAN).map(({ x, y }) => [x.getUTCMinutes(), y]);

describe("desiredCounts", () => {
  it("goes in steps from the last change before the span to what is now", () => {
    expect(counts(activity(20, 4), activity(5, 2))).toEqual([
      [10, 2],
      [20, 2],
      [20, 4],
      [30, 4],
    ]);
  });

  it("claims nothing from before the first change that is known", () => {
    expect(counts(activity(20, 4))).toEqual([
      [20, 4],
      [30, 4],
    ]);
    expect(counts()).toEqual([[30, 4]]);
  });

  it("ends where somebody else put the count, and leaves out what failed", () => {
    expect(counts(activity(12, 2), activity(20, 8, "Failed"))).toEqual([
      [12, 2],
      [30, 2],
      [30, 4],
    ]);
  });
});

describe("policyChart", () => {
  const policy = (PredefinedMetricType: string, ResourceLabel?: string) =>
    ({
      PolicyName: "kept",
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 60,
        PredefinedMetricSpecification: { PredefinedMetricType, ResourceLabel },
      },
    }) as ScalingPolicy;
  const service = { clusterArn: "arn:cluster/shop", serviceName: "web" };

  it("shows the metric that the policy keeps, and its target", () => {
    expect(policyChart(policy("ECSServiceAverageCPUUtilization"), service)).toMatchObject({
      lines: [
        { metric: { name: "CPUUtilization", dimensions: { ClusterName: "shop", ServiceName: "web" } } },
      ],
      threshold: { y: 60 },
    });
    const label = "app/shop/b1/targetgroup/users/g1";
    expect(policyChart(policy("ALBRequestCountPerTarget", label), service)?.lines[0]).toMatchObject({
      metric: { dimensions: { LoadBalancer: "app/shop/b1", TargetGroup: "targetgroup/users/g1" } },
      perSeconds: 60,
    });
  });

  it("has none for a policy of steps", () => {
    expect(policyChart({ PolicyName: "steps" } as ScalingPolicy, service)).toBeNull();
  });
});

describe("a step policy", () => {
  const FORM: StepPolicy = {
    ...EMPTY_STEPS,
    policyName: "out",
    cooldownSeconds: "60",
    steps: [
      { lower: "0", upper: "20", adjustment: "1" },
      { lower: "20", upper: "", adjustment: "3" },
    ],
  };

  it("leaves open bounds out, and reads as it was written", () => {
    const configuration = stepConfiguration(FORM);
    expect(configuration).toEqual({
      AdjustmentType: "ChangeInCapacity",
      Cooldown: 60,
      StepAdjustments: [
        { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 1 },
        { MetricIntervalLowerBound: 20, ScalingAdjustment: 3 },
      ],
    });
    const policy = { PolicyName: "out", StepScalingPolicyConfiguration: configuration } as ScalingPolicy;
    expect(stepsOf(policy)).toEqual(FORM);
    expect(FORM.steps.map((step) => stepText(FORM, step))).toEqual(["from 0 to 20: +1", "from 20: +3"]);
  });

  it("has steps with whole adjustments and a bound", () => {
    expect(stepFaults(FORM)).toEqual({});
    for (const step of [
      { lower: "", upper: "", adjustment: "1" },
      { lower: "low", upper: "", adjustment: "1" },
      { lower: "0", upper: "", adjustment: "1.5" },
    ])
      expect(Object.keys(stepFaults({ ...FORM, steps: [step] }))).toEqual(["steps"]);
    expect(Object.keys(stepFaults({ ...FORM, steps: [] }))).toEqual(["steps"]);
  });
});

describe("a tracking policy", () => {
  it("reads as it was written", () => {
    const form = { ...EMPTY_TRACKING, policyName: "cpu", scaleInSeconds: "60", isScaleInDisabled: true };
    const TargetTrackingScalingPolicyConfiguration = trackingConfiguration(form, "");
    const policy = { PolicyName: "cpu", TargetTrackingScalingPolicyConfiguration } as ScalingPolicy;
    expect(trackingOf(policy)).toEqual(form);
  });
});

describe("a scheduled action", () => {
  it("sets a bound at least", () => {
    const form = { ...EMPTY_SCHEDULE, actionName: "morning" };
    expect(Object.keys(scheduleFaults(form))).toEqual(["minimum"]);
    expect(scheduleFaults({ ...form, minimum: "4" })).toEqual({});
    expect(Object.keys(scheduleFaults({ ...form, minimum: "4", schedule: "8 o'clock" }))).toEqual([
      "schedule",
    ]);
    expect(scheduleCommand("shop", "web", { ...form, minimum: "4", maximum: "8" })).toContain(
      "--scheduled-action-name morning --schedule 'cron(0 8 ? * MON-FRI *)' --timezone UTC " +
        "--scalable-target-action MinCapacity=4,MaxCapacity=8",
    );
  });
});
