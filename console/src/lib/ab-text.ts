import type { Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { digits } from "./numbers";
import { awsCommand, elbName } from "./text";
import type { Interval, Shift } from "./tidegate-api";

/** `1.2 % (0.8 to 1.9)`; a bound that is not known leaves the other. */
export function percentText(interval: Interval | undefined): string {
  if (!interval) return "-";
  return `${digits(interval.Value)} % (${between(interval, digits)})`;
}

/** `12 ms (9 to 16)`. */
export function timeText(interval: Interval | undefined): string {
  if (!interval) return "-";
  const inMs = (seconds: number) => (1000 * seconds).toFixed(0);
  return `${inMs(interval.Value)} ms (${between(interval, inMs)})`;
}

function between({ Lower, Upper }: Interval, text: (value: number) => string): string {
  return Upper === undefined ? `from ${text(Lower)}` : `${text(Lower)} to ${text(Upper)}`;
}

/** The load balancer in the ARN of a rule or a listener: `.../app/NAME/...`. */
export const balancerOf = (arn: string): string => arn.split("/")[2] ?? "";

/** Target groups with their weights, as `shop 90, canary 10`. */
export function weightsText(
  weights: { TargetGroupArn?: string | undefined; Weight?: number | undefined }[],
): string {
  return weights.map(({ TargetGroupArn, Weight }) => `${elbName(TargetGroupArn)} ${Weight ?? 0}`).join(", ");
}

/** The groups that a rule shares its requests among; none where it does not. */
export function weighted(rule: Rule) {
  const groups = rule.Actions?.find(({ Type }) => Type === "forward")?.ForwardConfig?.TargetGroups ?? [];
  return groups.length > 1 ? groups : [];
}

/** How far a shift is, as `canary: 20 % in step 1 of 9`. */
export function progressText({ TargetGroupArn, Steps, Step }: Shift): string {
  const percent = Steps[Step - 1]?.Percent ?? 0;
  return `${elbName(TargetGroupArn)}: ${percent} % in step ${Step} of ${Steps.length}`;
}

const tidegate = (operation: string, parameters: Parameters<typeof awsCommand>[1]) =>
  awsCommand(operation, parameters).replace(/^aws /, "tidegate ");

export const compareCommand = (ruleArn: string, seconds: number, confidence: number, baseline?: string) =>
  tidegate(`ab compare ${ruleArn}`, { window: `${seconds}s`, confidence, baseline });

export const statusCommand = (ruleArn: string) => `tidegate ab status ${ruleArn}`;

export const stopCommand = (shiftId: string, isRolledBack: boolean) =>
  tidegate(`ab stop ${shiftId}`, { "roll-back": isRolledBack });
