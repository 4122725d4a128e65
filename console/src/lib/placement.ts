import type { PlacementConstraint, PlacementStrategy } from "@aws-sdk/client-ecs";

const ZONE = "attribute:ecs.availability-zone";

interface Template {
  value: string;
  label: string;
  description: string;
  strategy: PlacementStrategy[];
  constraints: PlacementConstraint[];
}

/** AWS's templates of where tasks go. */
export const PLACEMENTS: Template[] = [
  {
    value: "balanced-spread",
    label: "AZ balanced spread",
    description: "Evenly over the zones, and over the instances in each.",
    strategy: [
      { type: "spread", field: ZONE },
      { type: "spread", field: "instanceId" },
    ],
    constraints: [],
  },
  {
    value: "balanced-binpack",
    label: "AZ balanced binpack",
    description: "Evenly over the zones, on as few instances in each as their memory allows.",
    strategy: [
      { type: "spread", field: ZONE },
      { type: "binpack", field: "memory" },
    ],
    constraints: [],
  },
  {
    value: "binpack",
    label: "Binpack",
    description: "On as few instances as their memory allows.",
    strategy: [{ type: "binpack", field: "memory" }],
    constraints: [],
  },
  {
    value: "one-a-host",
    label: "One task per host",
    description: "Never two of them on one instance.",
    strategy: [],
    constraints: [{ type: "distinctInstance" }],
  },
  {
    value: "none",
    label: "None",
    description: "Where ECS puts tasks that say nothing.",
    strategy: [],
    constraints: [],
  },
];

/** What a template asks for. */
export function placement(value: string): Pick<Template, "strategy" | "constraints"> {
  const { strategy, constraints } = PLACEMENTS.find((one) => one.value === value) ?? {
    strategy: [],
    constraints: [],
  };
  return { strategy, constraints };
}

const text = (strategy: PlacementStrategy[] = [], constraints: PlacementConstraint[] = []) =>
  [
    ...strategy.map(({ type, field }) => `${type} ${field ?? ""}`),
    ...constraints.map(({ type, expression }) => `${type} ${expression ?? ""}`),
  ].join();

/** The template that a service was made with; none of them where it says something of its own. */
export function templateOf(
  strategy: PlacementStrategy[] | undefined,
  constraints: PlacementConstraint[] | undefined,
): string | undefined {
  const wanted = text(strategy, constraints);
  return PLACEMENTS.find((one) => text(one.strategy, one.constraints) === wanted)?.value;
}

/** As options of an `aws ecs` command; what is empty is left out unless it takes something away. */
export function placementOptions(
  value: string,
  isWhole = false,
): Record<string, string[] | string | undefined> {
  const { strategy, constraints } = placement(value);
  return {
    "placement-strategy": strategy.length
      ? strategy.map(({ type, field }) => `type=${type},field=${field}`)
      : isWhole
        ? "[]"
        : undefined,
    "placement-constraints": constraints.length
      ? constraints.map(({ type }) => `type=${type}`)
      : isWhole
        ? "[]"
        : undefined,
  };
}
