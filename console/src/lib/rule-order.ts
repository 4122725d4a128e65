import type { Rule, RulePriorityPair } from "@aws-sdk/client-elastic-load-balancing-v2";

/** A listener's rules but the default one, the first to be tried first. */
export function inOrder(rules: Rule[]): Rule[] {
  return rules
    .filter(({ IsDefault }) => !IsDefault)
    .sort((one, other) => Number(one.Priority) - Number(other.Priority));
}

/** The priorities that move a rule one place up (-1) or down (1); null where it has no such place. */
export function moved(rules: Rule[], arn: string | null, by: -1 | 1): RulePriorityPair[] | null {
  const ordered = inOrder(rules);
  const place = ordered.findIndex(({ RuleArn }) => RuleArn === arn);
  const one = ordered[place];
  const other = place < 0 ? undefined : ordered[place + by];
  if (!one || !other) return null;
  return [
    { RuleArn: one.RuleArn, Priority: Number(other.Priority) },
    { RuleArn: other.RuleArn, Priority: Number(one.Priority) },
  ];
}

/** A priority behind all others. */
export function nextPriority(rules: Rule[]): number {
  return Number(inOrder(rules).at(-1)?.Priority ?? 0) + 1;
}
