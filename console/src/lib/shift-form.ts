import { isWithin } from "./numbers";
import { awsCommand } from "./text";
import type { Guard, StartShift } from "./tidegate-api";

export interface GuardForm {
  /** `errors`, or a percentile of the response times. */
  what: "errors" | "p50" | "p95" | "p99";
  /** A limit of its own, or one counted from the baseline's figure. */
  isRelative: boolean;
  /** Percent, or milliseconds of a response time's own limit. */
  value: string;
}

/** What a shift is started with; numbers as they were typed. */
export interface ShiftForm {
  targetGroupArn: string;
  kind: "linear" | "canary";
  percent: string;
  bakeSeconds: string;
  until: string;
  guards: GuardForm[];
  windowSeconds: string;
  requests: string;
  patienceSeconds: string;
}

export const EMPTY_SHIFT: ShiftForm = {
  targetGroupArn: "",
  kind: "linear",
  percent: "10",
  bakeSeconds: "60",
  until: "100",
  guards: [
    { what: "errors", isRelative: false, value: "1" },
    { what: "p95", isRelative: true, value: "50" },
  ],
  windowSeconds: "60",
  requests: "50",
  patienceSeconds: "600",
};

export type ShiftFaults = Partial<Record<Exclude<keyof ShiftForm, "kind">, string>>;

const isCount = (text: string) => isWithin(text, 1, 999_999_999);
const isNumber = (text: string) => /^\d+(\.\d+)?$/.test(text);

export function shiftFaults(form: ShiftForm): ShiftFaults {
  const isPercent = (text: string) => isWithin(text, 1, 100);
  const seconds = "A whole number of seconds.";
  return {
    ...(!form.targetGroupArn && { targetGroupArn: "Choose the target group that is to get the requests." }),
    ...(!isPercent(form.percent) && { percent: "A whole percentage." }),
    ...(!isPercent(form.until) && { until: "A whole percentage." }),
    ...(!isCount(form.bakeSeconds) && { bakeSeconds: seconds }),
    ...(!isCount(form.windowSeconds) && { windowSeconds: seconds }),
    ...(!isCount(form.patienceSeconds) && { patienceSeconds: seconds }),
    ...(!isCount(form.requests) && { requests: "A whole number of requests." }),
    ...(form.guards.some(({ value }) => !isNumber(value)) && { guards: "A guard needs a number." }),
  };
}

/** A shift as the API takes it. */
export function shiftOf(ruleArn: string, form: ShiftForm): StartShift {
  const BakeTimeInSeconds = Number(form.bakeSeconds);
  const percent = Number(form.percent);
  return {
    RuleArn: ruleArn,
    TargetGroupArn: form.targetGroupArn,
    ...(form.kind === "linear"
      ? { Linear: { StepPercent: percent, BakeTimeInSeconds } }
      : { Canary: { CanaryPercent: percent, BakeTimeInSeconds } }),
    UntilPercent: Number(form.until),
    Guards: form.guards.map(guardOf),
    WindowInSeconds: Number(form.windowSeconds),
    MinimumRequests: Number(form.requests),
    PatienceInSeconds: Number(form.patienceSeconds),
  };
}

function guardOf({ what, isRelative, value }: GuardForm): Guard {
  const number = Number(value);
  const metric: Guard =
    what === "errors" ? { Metric: "ErrorRate" } : { Metric: "ResponseTime", Percentile: what };
  if (isRelative) return { ...metric, MoreThanBaseline: number };
  return { ...metric, Limit: what === "errors" ? number : number / 1000 };
}

/** The same as a command. */
export function shiftCommand(ruleArn: string, form: ShiftForm): string {
  const command = awsCommand(`ab shift ${ruleArn}`, {
    to: form.targetGroupArn,
    [form.kind]: `${form.percent}%/${form.bakeSeconds}s`,
    until: `${form.until}%`,
    window: `${form.windowSeconds}s`,
    requests: form.requests,
    patience: `${form.patienceSeconds}s`,
    "no-wait": true,
  });
  const words = form.guards.map((guard) => `--guard-${guard.what} ${limitText(guard)}`);
  return [command.replace(/^aws /, "tidegate "), ...words].join(" ");
}

function limitText({ what, isRelative, value }: GuardForm): string {
  if (isRelative) return `baseline+${value}%`;
  return what === "errors" ? `${value}%` : `${value}ms`;
}
