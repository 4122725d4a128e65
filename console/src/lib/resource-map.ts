import type {
  Listener,
  Rule,
  TargetGroup,
  TargetHealthDescription,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { inOrder } from "./rule-order";

/** What a load balancer consists of, as far as it is known yet. */
export interface Parts {
  listeners: Listener[];
  /** By listener ARN. */
  rules: Record<string, Rule[]>;
  groups: TargetGroup[];
  /** By target group ARN. */
  health: Record<string, TargetHealthDescription[]>;
}

/** A box of the map: its place from the top and its height, in pixels. */
interface Box<Item> {
  key: string;
  item: Item;
  top: number;
  height: number;
}

export interface Edge {
  key: string;
  /** The column that it leaves, from the left. */
  column: 0 | 1 | 2;
  from: number;
  to: number;
  state: "plain" | "idle" | "healthy" | "unhealthy" | "changing";
}

/** A target, or how many more of its group are not shown. */
export type Leaf = { group: string; target: TargetHealthDescription } | { group: string; more: number };

export interface ResourceMap {
  listeners: Box<Listener>[];
  rules: Box<{ rule: Rule; listener: Listener }>[];
  groups: Box<{ arn: string; group: TargetGroup | null; health: TargetHealthDescription[] }>[];
  leaves: Box<Leaf>[];
  edges: Edge[];
  height: number;
}

const HEIGHTS = { listener: 64, rule: 64, group: 84, leaf: 60 };
const GAP = 12;
// A group of hundreds would push the others off the page: its own page lists them.
export const LEAVES_MAX = 8;

/** Boxes and lines, each column from the top, in the order in which requests meet them. */
export function resourceMap({ listeners, rules, groups, health }: Parts): ResourceMap {
  const ordered = [...listeners].sort((one, other) => (one.Port ?? 0) - (other.Port ?? 0));
  const listenerBoxes = stack(ordered, HEIGHTS.listener, ({ ListenerArn }) => ListenerArn ?? "");
  const ruled = ordered.flatMap((listener) =>
    tried(rules[listener.ListenerArn ?? ""] ?? []).map((rule) => ({ rule, listener })),
  );
  const ruleBoxes = stack(ruled, HEIGHTS.rule, ({ rule }) => rule.RuleArn ?? "");
  const arns = [...new Set(ruled.flatMap(({ rule }) => forwardsTo(rule).map(({ arn }) => arn)))];
  const known = arns.map((arn) => ({
    arn,
    group: groups.find(({ TargetGroupArn }) => TargetGroupArn === arn) ?? null,
    health: health[arn] ?? [],
  }));
  const groupBoxes = stack(known, HEIGHTS.group, ({ arn }) => arn);
  const leaves = stack(known.flatMap(leavesOf), HEIGHTS.leaf, leafKey);
  const edges: Edge[] = [
    ...ruleBoxes.map(({ key, item, ...box }) =>
      edge(0, find(listenerBoxes, item.listener.ListenerArn), { key, ...box }, "plain"),
    ),
    ...ruleBoxes.flatMap((box) =>
      forwardsTo(box.item.rule).map(({ arn, share }) =>
        edge(1, box, find(groupBoxes, arn), share === 0 ? "idle" : "plain"),
      ),
    ),
    ...leaves.map((box) => edge(2, find(groupBoxes, box.item.group), box, stateOf(box.item))),
  ].filter((one) => one !== null);
  const height = Math.max(
    HEIGHTS.group,
    ...[listenerBoxes, ruleBoxes, groupBoxes, leaves].map((boxes) => bottom(boxes)),
  );
  return { listeners: listenerBoxes, rules: ruleBoxes, groups: groupBoxes, leaves, edges, height };
}

/** The groups that a rule forwards to, each with its share of the weights from 0 to 1. */
export function forwardsTo(rule: Rule): { arn: string; share: number }[] {
  return (rule.Actions ?? []).flatMap((action) => {
    if (action.Type !== "forward") return [];
    const weighted = action.ForwardConfig?.TargetGroups ?? [];
    const all = weighted.length ? weighted : [{ TargetGroupArn: action.TargetGroupArn, Weight: 1 }];
    const sum = all.reduce((total, { Weight = 1 }) => total + Weight, 0);
    return all.flatMap(({ TargetGroupArn: arn, Weight = 1 }) =>
      arn ? [{ arn, share: sum ? Weight / sum : 0 }] : [],
    );
  });
}

/** `2 healthy, 1 draining` of a group's targets, those in trouble first. */
export function healthText(health: TargetHealthDescription[]): string {
  const counts = new Map<string, number>();
  for (const { TargetHealth } of sorted(health)) {
    const state = TargetHealth?.State ?? "unknown";
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return [...counts].map(([state, count]) => `${count} ${state}`).join(", ") || "no target";
}

const ORDER = ["unhealthy", "unavailable", "initial", "draining", "unused", "healthy"];

/** Those in trouble first, so that they are shown where not all are. */
function sorted(health: TargetHealthDescription[]): TargetHealthDescription[] {
  const place = ({ TargetHealth }: TargetHealthDescription) => ORDER.indexOf(TargetHealth?.State ?? "");
  return [...health].sort((one, other) => place(one) - place(other));
}

function leavesOf({ arn, health }: { arn: string; health: TargetHealthDescription[] }): Leaf[] {
  const shown = health.length > LEAVES_MAX ? LEAVES_MAX - 1 : health.length;
  // Those in trouble are chosen first, but keep their places while their health changes.
  const leaves: Leaf[] = sorted(health)
    .slice(0, shown)
    .map((target) => ({ group: arn, target }))
    .sort((one, other) => leafKey(one).localeCompare(leafKey(other)));
  return health.length > shown ? [...leaves, { group: arn, more: health.length - shown }] : leaves;
}

function leafKey(leaf: Leaf): string {
  if ("more" in leaf) return `${leaf.group} more`;
  const { Id, Port } = leaf.target.Target ?? {};
  return `${leaf.group} ${Id}:${Port}`;
}

const STATES: Record<string, Edge["state"]> = {
  healthy: "healthy",
  unhealthy: "unhealthy",
  unavailable: "unhealthy",
  unused: "idle",
};

function stateOf(leaf: Leaf): Edge["state"] {
  if ("more" in leaf) return "plain";
  return STATES[leaf.target.TargetHealth?.State ?? ""] ?? "changing";
}

/** Rules as they are tried, the default one last. */
const tried = (rules: Rule[]): Rule[] => [...inOrder(rules), ...rules.filter(({ IsDefault }) => IsDefault)];

function stack<Item>(items: Item[], height: number, keyOf: (item: Item) => string): Box<Item>[] {
  return items.map((item, index) => ({ key: keyOf(item), item, top: index * (height + GAP), height }));
}

function bottom(boxes: Box<unknown>[]): number {
  const last = boxes.at(-1);
  return last ? last.top + last.height : 0;
}

const find = <Item>(boxes: Box<Item>[], key: string | undefined) => boxes.find((box) => box.key === key);

type Place = Pick<Box<unknown>, "key" | "top" | "height">;

function edge(
  column: Edge["column"],
  from: Place | undefined,
  to: Place | undefined,
  state: Edge["state"],
): Edge | null {
  if (!from || !to) return null;
  const middle = ({ top, height }: Place) => top + height / 2;
  return { key: `${from.key} ${to.key}`, column, from: middle(from), to: middle(to), state };
}
