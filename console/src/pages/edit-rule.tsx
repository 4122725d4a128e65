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
import { ShiftWarning } from "../components/shift-warning";
import { TransformFields } from "../components/transform-fields";
import { elbv2 } from "../lib/clients";
import { listenerQuery, rulesQuery } from "../lib/elbv2";
import { preRoutingFaults } from "../lib/pre-routing";
import { actionFault, actionForm, EMPTY_ACTION } from "../lib/rule-actions";
import { type ConditionForm, conditionForm, conditionsFault, EMPTY_CONDITION } from "../lib/rule-conditions";
import { changeCommands, createCommand, ruleChanges, ruleOf } from "../lib/rule-form";
import { nextPriority } from "../lib/rule-order";
import { NO_TRANSFORMS, transformsFaults, transformsForm } from "../lib/rule-transforms";

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
  // What others change while the form is open, as a shift the weights, is not written back.
  const [first] = useState(rule);
  const [priority, setPriority] = useState(() => rule?.Priority ?? `${nextPriority(rules)}`);
  const [conditions, setConditions] = useState(() => rule?.Conditions?.map(conditionForm) ?? FIRST);
  const [action, setAction] = useState(() => (rule ? actionForm(rule.Actions ?? []) : EMPTY_ACTION));
  const [transforms, setTransforms] = useState(() =>
    rule ? transformsForm(rule.Transforms ?? []) : NO_TRANSFORMS,
  );
  const listener = useQuery(listenerQuery(listenerArn)).data;
  // A login that there is can be seen whatever is known of the listener.
  const isSecure = listener?.Protocol === "HTTPS" || actionForm(first?.Actions ?? []).before.kind !== "none";
  const rewriteFaults = transformsFaults(transforms);
  const beforeFaults = preRoutingFaults(action.before);
  const faults = {
    priority: /^\d{1,5}$/.test(priority) ? undefined : "A number from 1 to 50000.",
    conditions: conditionsFault(conditions),
    action: actionFault(action),
    ...rewriteFaults,
    ...beforeFaults,
  };
  const form = { priority, conditions, action, transforms };
  const run = async () => {
    if (!first) return elbv2.send(new CreateRuleCommand({ ListenerArn: listenerArn, ...ruleOf(form) }));
    const { modified, priorities } = ruleChanges(first, form);
    if (!modified && !priorities) throw new Error("Nothing was changed.");
    if (modified) await elbv2.send(new ModifyRuleCommand(modified));
    if (priorities) await elbv2.send(new SetRulePrioritiesCommand(priorities));
    return null;
  };
  const command = first ? changeCommands(first, form) : createCommand(listenerArn, form);
  return (
    <EditForm
      title={rule ? `Edit rule ${rule.Priority}` : "Add rule"}
      description="A request is given to the first rule, by priority, whose conditions all hold."
      submit={rule ? "Save rule" : "Add rule"}
      command={command}
      typed={form}
      isFaulty={Object.values(faults).some(Boolean)}
      run={run}
      done={rule ? "The rule was saved." : `Rule ${priority} was added.`}
      kinds={["rule", "listener"]}
      back={paths.loadBalancer(balancer)}
    >
      {(isChecked) => (
        <SpaceBetween size="l">
          <ShiftWarning ruleArn={first?.RuleArn} />
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
              beforeFaults={isChecked ? beforeFaults : {}}
              isSecure={isSecure}
              onChange={(part) => setAction({ ...action, ...part })}
            />
          </Container>
          <Container
            header={
              <Header
                variant="h2"
                description="What the target gets in place of what was asked for. Rules look at the request as it came."
              >
                Rewrite
              </Header>
            }
          >
            <TransformFields
              form={transforms}
              faults={isChecked ? rewriteFaults : {}}
              change={(part) => setTransforms({ ...transforms, ...part })}
            />
          </Container>
        </SpaceBetween>
      )}
    </EditForm>
  );
}
