import {
  DeleteRuleCommand,
  type Listener,
  type Rule,
  SetRulePrioritiesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Box from "@cloudscape-design/components/box";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { elbv2 } from "../lib/clients";
import { rulesQuery } from "../lib/elbv2";
import { queries } from "../lib/queries";
import { conditionText } from "../lib/rule-conditions";
import { orderCommand } from "../lib/rule-form";
import { moved } from "../lib/rule-order";
import { transformText } from "../lib/rule-transforms";
import { isOther } from "../lib/same";
import { awsCommand } from "../lib/text";
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
          {r.Transforms?.map((transform) => (
            <Box key={transform.Type} color="text-body-secondary">
              {transformText(transform)}
            </Box>
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
  const edit = isDefault ? paths.editListener(balancer, arn) : paths.editRule(balancer, arn, selected ?? "");
  return (
    <SpaceBetween size="s">
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
            <MoveRule label="Move up" rules={rules} selected={selected} by={-1} listener={arn} />
            <MoveRule label="Move down" rules={rules} selected={selected} by={1} listener={arn} />
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

interface MoveProps {
  label: string;
  rules: Rule[];
  selected: string | null;
  by: -1 | 1;
  listener: string;
}

/** Changes a rule's place with its neighbour's. */
function MoveRule({ label, rules, selected, by, listener }: MoveProps) {
  const pairs = moved(rules, selected, by);
  const [, other] = pairs ?? [];
  const neighbour = rules.find(({ RuleArn }) => RuleArn === other?.RuleArn);
  return (
    <Action
      label={label}
      title={`${label}?`}
      command={orderCommand(pairs ?? [])}
      run={async () => {
        // The list as it was drawn may be older than what others have moved since.
        const now = await queries.fetchQuery({ ...rulesQuery(listener), staleTime: 0 });
        const asked = moved(now, selected, by);
        if (!asked || isOther(asked, pairs)) {
          throw new Error("The rules were changed meanwhile: look at them again.");
        }
        await elbv2.send(new SetRulePrioritiesCommand({ RulePriorities: asked }));
      }}
      done="The rule was moved."
      kinds={["rule"]}
      isDisabled={pairs === null}
    >
      <Box>
        {`It is tried ${by < 0 ? "before" : "after"} the rule with priority ${neighbour?.Priority} then, ` +
          "whose priority it changes with its own."}
      </Box>
    </Action>
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
