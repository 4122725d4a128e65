import type { Listener, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueries, useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageLink, paths } from "../components/link";
import { type Column, known, ResourceTable } from "../components/resource-table";
import { ShiftTable } from "../components/shift-table";
import { balancerOf, progressText, weighted, weightsText } from "../lib/ab-text";
import { listenersQuery, loadBalancersQuery, rulesQuery } from "../lib/elbv2";
import { conditionText } from "../lib/rule-conditions";
import { type Shift, shiftsQuery } from "../lib/tidegate-api";

interface Row {
  listener: Listener;
  rule: Rule;
  shift: Shift | undefined;
}

const nameOfRule = ({ listener, rule }: Row): string =>
  `${balancerOf(listener.ListenerArn ?? "")} ${listener.Protocol}:${listener.Port}, ${
    rule.IsDefault ? "default rule" : `priority ${rule.Priority}`
  }`;

const COLUMNS: Column<Row>[] = [
  {
    id: "rule",
    header: "Rule",
    value: nameOfRule,
    cell: (row) => <PageLink to={paths.abTest(row.rule.RuleArn ?? "")}>{nameOfRule(row)}</PageLink>,
    minWidth: 240,
  },
  {
    id: "conditions",
    header: "If",
    value: ({ rule }) => (rule.Conditions ?? []).map(conditionText).join(" and "),
    cell: ({ rule }) => (rule.Conditions ?? []).map(conditionText).join(" and ") || "no other rule matches",
    minWidth: 220,
  },
  {
    id: "weights",
    header: "Weights",
    value: ({ rule }) => weightsText(weighted(rule)),
    cell: ({ rule }) => weightsText(weighted(rule)),
    minWidth: 200,
  },
  {
    id: "shift",
    header: "Shift",
    value: ({ shift }) => (shift ? progressText(shift) : ""),
    cell: ({ shift }) => (shift ? progressText(shift) : "none in progress"),
    minWidth: 220,
  },
];

/** Rules that share their requests among target groups, and shifts of their weights. */
export default function AbTests() {
  const { rows, isPending, error } = useWeightedRules();
  const shifts = useQuery(shiftsQuery());
  const running = shifts.data?.filter(({ Status }) => Status === "IN_PROGRESS") ?? [];
  const query = {
    ...known(rows.map((row) => ({ ...row, shift: running.find((one) => one.RuleArn === row.rule.RuleArn) }))),
    isPending,
    error,
  };
  return (
    <SpaceBetween size="l">
      <ResourceTable
        variant="full-page"
        noun="rules"
        title="A/B tests"
        description="Rules that share their requests among target groups by weights."
        columns={COLUMNS}
        query={query}
        rowKey={({ rule }) => rule.RuleArn ?? ""}
        sortBy="rule"
        actions={<CopyCommand command="tidegate ab status" noun="tidegate" />}
        empty="No rule forwards to several target groups yet: edit a listener or a rule of a load balancer and add a second one."
      />
      <ShiftTable query={shifts} />
    </SpaceBetween>
  );
}

function useWeightedRules() {
  const balancers = useQuery(loadBalancersQuery);
  const listeners = useQueries({
    queries: (balancers.data ?? []).map(({ LoadBalancerArn = "" }) => listenersQuery(LoadBalancerArn)),
  });
  const all = listeners.flatMap(({ data }) => data ?? []);
  const rules = useQueries({ queries: all.map(({ ListenerArn = "" }) => rulesQuery(ListenerArn)) });
  const rows = all.flatMap((listener, index) =>
    (rules[index]?.data ?? [])
      .filter((rule) => weighted(rule).length > 0)
      .map((rule) => ({ listener, rule })),
  );
  const asked = [balancers, ...listeners, ...rules];
  return {
    rows,
    isPending: asked.some((one) => one.isPending),
    error: asked.find((one) => one.error)?.error ?? null,
  };
}
