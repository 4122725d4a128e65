import { queryOptions } from "@tanstack/react-query";
import { ofOne } from "./listing";
import { signedRequest } from "./signed-fetch";

/** A figure with the bounds that hold it; without `Upper` there is none. */
export interface Interval {
  Value: number;
  Lower: number;
  Upper?: number;
}

export interface GroupFigures {
  TargetGroupArn: string;
  TargetGroupName: string;
  IsBaseline: boolean;
  Weight: number;
  WeightSharePercent: number;
  Requests: number;
  Errors: number;
  SharePercent?: Interval;
  ErrorRatePercent?: Interval;
  ResponseTimes: (Interval & { Percentile: string })[];
}

export interface Judgement {
  TargetGroupArn: string;
  Verdict: "NOT_ENOUGH_DATA" | "NO_DIFFERENCE_SEEN" | "BETTER" | "WORSE" | "MIXED";
  Findings: string[];
}

export interface Comparison {
  RuleArn: string;
  ListenerArn: string;
  LoadBalancerArn: string;
  /** In seconds, as all times of the API. */
  StartTime: number;
  EndTime: number;
  ConfidencePercent: number;
  BaselineTargetGroupArn: string;
  TargetGroups: GroupFigures[];
  Judgements: Judgement[];
  Verdict: string;
}

export interface Guard {
  Metric: "ErrorRate" | "ResponseTime";
  Percentile?: string;
  /** Percent of errors, or seconds. */
  Limit?: number;
  /** Percent more. */
  MoreThanBaseline?: number;
}

export interface GuardReading {
  Guard: Guard;
  State: "HOLDS" | "BREACHED" | "UNCERTAIN" | "NOT_ENOUGH_DATA";
  Text: string;
}

export interface Shift {
  ShiftId: string;
  RuleArn: string;
  ListenerArn: string;
  LoadBalancerArn: string;
  TargetGroupArn: string;
  BaselineTargetGroupArn: string;
  Status: "IN_PROGRESS" | "SUCCEEDED" | "ROLLED_BACK" | "STOPPED";
  StatusReason?: string;
  Steps: { Percent: number; BakeTimeInSeconds: number }[];
  /** From 1. */
  Step: number;
  StepStartedAt: number;
  OriginalWeights: { TargetGroupArn: string; Weight: number }[];
  Weights: { TargetGroupArn: string; Weight: number }[];
  Guards: Guard[];
  GuardReadings?: GuardReading[];
  CreatedAt: number;
  EndedAt?: number;
  Events: { At: number; Text: string }[];
}

export interface StartShift {
  RuleArn: string;
  TargetGroupArn: string;
  BaselineTargetGroupArn?: string;
  Linear?: { StepPercent: number; BakeTimeInSeconds: number };
  Canary?: { CanaryPercent: number; BakeTimeInSeconds: number };
  UntilPercent?: number;
  Guards?: Guard[];
  WindowInSeconds?: number;
  MinimumRequests?: number;
  PatienceInSeconds?: number;
}

/** Call an operation of Tidegate's own API. Raises an Error with the API's code as its name. */
export async function call<Answer>(operation: string, parameters: object): Promise<Answer> {
  const answer = await signedRequest("/", {
    method: "POST",
    headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `Tidegate.${operation}` },
    body: JSON.stringify(parameters),
  });
  const said = (await answer.json()) as Answer & { __type?: string; message?: string };
  if (answer.ok) return said;
  const error = new Error(said.message ?? `Answered with ${answer.status}.`);
  error.name = said.__type?.split("#").at(-1) ?? "Error";
  throw error;
}

export const comparisonQuery = (asked: {
  RuleArn: string;
  WindowInSeconds: number;
  ConfidencePercent: number;
  BaselineTargetGroupArn?: string;
}) =>
  queryOptions({
    queryKey: ["rule", asked.RuleArn, "comparison", asked],
    meta: ofOne(asked.RuleArn),
    // Balancers report so often.
    refetchInterval: 5_000,
    queryFn: async (): Promise<Comparison> =>
      (await call<{ Comparison: Comparison }>("DescribeComparison", asked)).Comparison,
  });

/** Of one rule, or of all, newest first. */
export const shiftsQuery = (ruleArn?: string) =>
  queryOptions({
    queryKey: ["shift", ruleArn ?? ""],
    queryFn: async (): Promise<Shift[]> => {
      const found: Shift[] = [];
      let NextToken: string | undefined;
      do {
        const asked = { ...(ruleArn && { RuleArn: ruleArn }), ...(NextToken && { NextToken }) };
        const page = await call<{ Shifts: Shift[]; NextToken?: string }>("DescribeShifts", asked);
        found.push(...page.Shifts);
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    },
    // What guards read changes with every report, and no change of a resource tells of it.
    refetchInterval: ({ state: { data } }) =>
      data?.some(({ Status }) => Status === "IN_PROGRESS") ? 2_000 : 30_000,
  });

export const startShift = (asked: StartShift) => call<{ Shift: Shift }>("StartShift", asked);

export const stopShift = (ShiftId: string, RollBack: boolean) =>
  call<{ Shift: Shift }>("StopShift", { ShiftId, RollBack });
