import {
  CreateRuleCommand,
  type Listener,
  ModifyRuleCommand,
  type Rule,
  SetRulePrioritiesCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { ActionFields } from "../components/action-fields";
import { ConditionFields } from "../components/condition-fields";
import { Details } from "../components/details";
import { EditForm } from "../components/edit-form";
import { paths } from "../components/link";
import { elbv2 } from "../lib/clients";
import { rulesQuery } from "../lib/elbv2";
import { actionFault, actionForm, actionsOf, EMPTY_ACTION } from "../lib/rule-actions";
import {
  type ConditionForm,
  conditionForm,
  conditionOf,
  conditionsFault,
  EMPTY_CONDITION,
} from "../lib/rule-conditions";
import { nextPriority } from "../lib/rule-order";
import { awsCommand } from "../lib/text";

/** Adds a rule to the listener that the address names, or edits one of its rules. */
export default function EditRule() {
  const { name = "" } = useParams();
  const [parameters] = useSearchParams();
  const listenerArn = parameters.get("listener") ?? "";
  const ruleArn = parameters.get("rule");
  const rules = useQuery(rulesQuery(listenerArn));
  const rule = rules.data?.find(({ RuleArn }) => RuleArn === ruleArn);
  const found = ruleArn ? rules.data && (rule ?? null) : rules.data;
  return (
    <Details noun="rule" query={{ data: found, error: rules.error }}>
      {() => (
        <Editor
          key={ruleArn}
          balancer={name}
          listenerArn={listenerArn}
          rule={rule ?? null}
          rules={rules.data ?? []}
        />
      )}
    </Details>
  );
}

interface Props {
  balancer: string;
  listenerArn: NonNullable<Listener["ListenerArn"]>;
  rule: Rule | null;
  rules: Rule[];
}

const FIRST: ConditionForm[] = [EMPTY_CONDITION];

function Editor({ balancer, listenerArn, rule, rules }: Props) {
  const [priority, setPriority] = useState(() => rule?.Priority ?? `${nextPriority(rules)}`);
  const [conditions, setConditions] = useState(() => rule?.Conditions?.map(conditionForm) ?? FIRST);
  const [action, setAction] = useState(() => (rule ? actionForm(rule.Actions ?? []) : EMPTY_ACTION));
  const faults = {
    priority: /^\d{1,5}$/.test(priority) ? undefined : "A number from 1 to 50000.",
    conditions: conditionsFault(conditions),
    action: actionFault(action),
  };
  const asked = { Conditions: conditions.map(conditionOf), Actions: actionsOf(action) };
  const RuleArn = rule?.RuleArn;
  const isMoved = rule?.Priority !== priority;
  const run = async () => {
    const Priority = Number(priority);
    if (!rule) {
      return elbv2.send(new CreateRuleCommand({ ListenerArn: listenerArn, Priority, ...asked }));
    }
    await elbv2.send(new ModifyRuleCommand({ RuleArn, ...asked }));
    if (!isMoved) return null;
    return elbv2.send(new SetRulePrioritiesCommand({ RulePriorities: [{ RuleArn, Priority }] }));
  };
  const words = { conditions: JSON.stringify(asked.Conditions), actions: JSON.stringify(asked.Actions) };
  const pair = `RuleArn=${RuleArn},Priority=${priority}`;
  const command = rule
    ? [
        awsCommand("elbv2 modify-rule", { "rule-arn": RuleArn, ...words }),
        ...(isMoved ? [awsCommand("elbv2 set-rule-priorities", { "rule-priorities": pair })] : []),
      ].join("\n")
    : awsCommand("elbv2 create-rule", { "listener-arn": listenerArn, priority, ...words });
  return (
    <EditForm
      title={rule ? `Edit rule ${rule.Priority}` : "Add rule"}
      description="A request is given to the first rule, by priority, whose conditions all hold."
      submit={rule ? "Save rule" : "Add rule"}
      command={command}
      isFaulty={Object.values(faults).some(Boolean)}
      run={run}
      done={rule ? "The rule was saved." : `Rule ${priority} was added.`}
      kinds={["rule", "listener"]}
      back={paths.loadBalancer(balancer)}
    >
      {(isChecked) => (
        <SpaceBetween size="l">
          <Container header={<Header variant="h2">Priority</Header>}>
            <FormField label="Priority" errorText={(isChecked && faults.priority) || ""}>
              <Input
                value={priority}
                inputMode="numeric"
                onChange={({ detail }) => setPriority(detail.value.trim())}
              />
            </FormField>
          </Container>
          <Container header={<Header variant="h2">If</Header>}>
            <ConditionFields
              forms={conditions}
              fault={isChecked ? faults.conditions : undefined}
              onChange={setConditions}
            />
          </Container>
          <Container header={<Header variant="h2">Then</Header>}>
            <ActionFields
              form={action}
              fault={isChecked ? faults.action : undefined}
              onChange={(part) => setAction({ ...action, ...part })}
            />
          </Container>
        </SpaceBetween>
      )}
    </EditForm>
  );
}
