import { describe, expect, it } from "vitest";
import {
  balancerOf,
  compareCommand,
  percentText,
  progressText,
  stopCommand,
  timeText,
  weighted,
} from "../lib/ab-text";
import { EMPTY_SHIFT, shiftCommand, shiftFaults, shiftOf } from "../lib/shift-form";
import type { Shift } from "../lib/tidegate-api";

const RULE = "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/shop/5187/1bb6/77";
const FORM = { ...EMPTY_SHIFT, targetGroupArn: "arn:t" };

describe("figures", () => {
  it("have the bounds that hold them, and say where there is none above", () => {
    expect(percentText({ Value: 1.2345, Lower: 0, Upper: 9.876 })).toBe("1.23 % (0 to 9.88)");
    expect(timeText({ Value: 0.0105, Lower: 0.009 })).toBe("11 ms (from 9)");
    expect(timeText(undefined)).toBe("-");
  });
});

describe("a shift", () => {
  it("is asked for as the API takes it: times in seconds, rates in percent", () => {
    expect(shiftOf(RULE, FORM)).toEqual({
      RuleArn: RULE,
      TargetGroupArn: "arn:t",
      Linear: { StepPercent: 10, BakeTimeInSeconds: 60 },
      UntilPercent: 100,
      Guards: [
        { Metric: "ErrorRate", Limit: 1 },
        { Metric: "ResponseTime", Percentile: "p95", MoreThanBaseline: 50 },
      ],
      WindowInSeconds: 60,
      MinimumRequests: 50,
      PatienceInSeconds: 600,
    });
    const canary = shiftOf(RULE, {
      ...FORM,
      kind: "canary",
      guards: [{ what: "p99", isRelative: false, value: "250" }],
    });
    expect(canary.Canary).toEqual({ CanaryPercent: 10, BakeTimeInSeconds: 60 });
    expect(canary.Guards).toEqual([{ Metric: "ResponseTime", Percentile: "p99", Limit: 0.25 }]);
  });

  it("is a command with the same in it", () => {
    expect(shiftCommand("arn:r", FORM)).toBe(
      "tidegate ab shift arn:r --to arn:t --linear 10%/60s --until 100% --window 60s --requests 50 --patience 600s --no-wait --guard-errors 1% --guard-p95 baseline+50%",
    );
    expect(stopCommand("shift-1", true)).toBe("tidegate ab stop shift-1 --roll-back");
    expect(stopCommand("shift-1", false)).toBe("tidegate ab stop shift-1");
    expect(compareCommand("arn:r", 300, 95)).toBe("tidegate ab compare arn:r --window 300s --confidence 95");
  });

  it("is faulty without a target group, and with numbers that are none", () => {
    expect(shiftFaults(FORM)).toEqual({});
    const guards = [{ what: "errors" as const, isRelative: false, value: "" }];
    expect(Object.keys(shiftFaults({ ...EMPTY_SHIFT, percent: "101", bakeSeconds: "0", guards }))).toEqual([
      "targetGroupArn",
      "percent",
      "bakeSeconds",
      "guards",
    ]);
  });

  it("tells how far it is", () => {
    const TargetGroupArn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/canary/6d";
    const steps = [10, 20].map((Percent) => ({ Percent, BakeTimeInSeconds: 60 }));
    expect(progressText({ TargetGroupArn, Steps: steps, Step: 2 } as Shift)).toBe(
      "canary: 20 % in step 2 of 2",
    );
  });
});

describe("rules", () => {
  it("are of a load balancer, and compared where they have several groups", () => {
    expect(balancerOf(RULE)).toBe("shop");
    const TargetGroups = [{ TargetGroupArn: "a", Weight: 1 }];
    const forward = (groups: typeof TargetGroups) => ({
      Actions: [{ Type: "forward" as const, ForwardConfig: { TargetGroups: groups } }],
    });
    expect(weighted(forward(TargetGroups))).toEqual([]);
    expect(weighted(forward([...TargetGroups, ...TargetGroups]))).toHaveLength(2);
    expect(weighted({ Actions: [{ Type: "redirect" }] })).toEqual([]);
  });
});
