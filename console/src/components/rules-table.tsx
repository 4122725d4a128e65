import {
  DeleteRuleCommand,
  type Listener,
  type Rule,
  SetRulePrioritiesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { elbv2 } from "../lib/clients";
import { rulesQuery } from "../lib/elbv2";
import { refresh } from "../lib/queries";
import { conditionText } from "../lib/rule-conditions";
import { moved } from "../lib/rule-order";
import { awsCommand, errorText } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { PageButton, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { Actions } from "./rule-text";

const conditionsText = (rule: Rule): string => (rule.Conditions ?? []).map(conditionText).join(" and ");

const COLUMNS: Column<Rule>[] = [
  {
    id: "priority",
    header: "Priority",
    value: (r) => (r.IsDefault ? Number.MAX_SAFE_INTEGER : Number(r.Priority)),
    cell: (r) => r.Priority,
    minWidth: 100,
  },
  {
    id: "conditions",
    header: "If",
    value: conditionsText,
    cell: (r) =>
      r.IsDefault ? (
        <Box color="text-body-secondary">no other rule matches</Box>
      ) : (
        <>
          {conditionsText(r)}
          {r.Transforms?.map(({ Type }) => (
            <Box key={Type} color="text-body-secondary">{`with ${Type}`}</Box>
          ))}
        </>
      ),
    minWidth: 300,
  },
  { id: "actions", header: "Then", cell: (r) => <Actions actions={r.Actions ?? []} />, minWidth: 300 },
];

/** The rules of a listener, to be added, edited, moved and deleted. */
export function Rules({ listener, balancer }: { listener: Listener; balancer: string }) {
  const arn = listener.ListenerArn ?? "";
  const query = useQuery(rulesQuery(arn));
  const rules = query.data ?? [];
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = rules.find(({ RuleArn }) => RuleArn === selected) ?? null;
  const isDefault = chosen?.IsDefault ?? false;
  const move = useMutation({
    mutationFn: async (by: -1 | 1) => {
      const pairs = moved(rules, selected, by);
      if (pairs) await elbv2.send(new SetRulePrioritiesCommand({ RulePriorities: pairs }));
    },
    onSettled: () => refresh(["rule"]),
  });
  const button = (label: string, by: -1 | 1) => (
    <Button disabled={moved(rules, selected, by) === null || move.isPending} onClick={() => move.mutate(by)}>
      {label}
    </Button>
  );
  const edit = isDefault ? paths.editListener(balancer, arn) : paths.editRule(balancer, arn, selected ?? "");
  return (
    <SpaceBetween size="s">
      {move.error && <Alert type="error">{errorText(move.error)}</Alert>}
      <ResourceTable
        noun="rules"
        title={`Rules of ${listener.Protocol}:${listener.Port}`}
        columns={COLUMNS}
        query={query}
        rowKey={(rule) => rule.RuleArn ?? ""}
        selected={selected}
        onSelect={setSelected}
        sortBy="priority"
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <CopyCommand command={awsCommand("elbv2 describe-rules", { "listener-arn": arn })} />
            {button("Move up", -1)}
            {button("Move down", 1)}
            <DeleteRule rule={isDefault ? null : chosen} />
            <PageButton to={edit} isPlain isDisabled={chosen === null}>
              Edit
            </PageButton>
            <PageButton to={paths.createRule(balancer, arn)}>Add rule</PageButton>
          </SpaceBetween>
        }
        empty="This listener has no rule."
      />
    </SpaceBetween>
  );
}

function DeleteRule({ rule }: { rule: Rule | null }) {
  const RuleArn = rule?.RuleArn;
  return (
    <Action
      label="Delete"
      title={`Delete rule ${rule?.Priority}?`}
      command={awsCommand("elbv2 delete-rule", { "rule-arn": RuleArn })}
      run={() => elbv2.send(new DeleteRuleCommand({ RuleArn }))}
      done={`Rule ${rule?.Priority} was deleted.`}
      kinds={["rule"]}
      isDisabled={rule === null}
    >
      <Box>Requests that it took go to the first of the other rules whose conditions hold.</Box>
    </Action>
  );
}
