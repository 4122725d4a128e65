import type {
  ModifyRuleCommandInput,
  Rule,
  RulePriorityPair,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { actionsText, withSecret } from "./pre-routing";
import { type ActionForm, actionForm, actionsOf } from "./rule-actions";
import { type ConditionForm, conditionForm, conditionOf } from "./rule-conditions";
import { type TransformsForm, transformsForm, transformsOf } from "./rule-transforms";
import { isOther } from "./same";
import { awsCommand } from "./text";

/** A rule as a form has it; the priority as it was typed. */
export interface RuleForm {
  priority: string;
  conditions: ConditionForm[];
  action: ActionForm;
  transforms: TransformsForm;
}

/** A new rule, as the API takes it. */
export function ruleOf({ priority, conditions, action, transforms }: RuleForm) {
  const Transforms = transformsOf(transforms);
  return {
    Priority: Number(priority),
    Conditions: conditions.map(conditionOf),
    Actions: actionsOf(action),
    ...(Transforms.length > 0 && { Transforms }),
  };
}

interface Changes {
  modified?: ModifyRuleCommandInput;
  priorities?: { RulePriorities: RulePriorityPair[] };
}

/** What is asked for so that a rule becomes what the form says: only what is another than it was in `first`. */
export function ruleChanges(first: Rule, form: RuleForm): Changes {
  const { RuleArn } = first;
  const { Priority, Conditions, Actions, Transforms } = ruleOf(form);
  const parts = {
    ...(isOther(form.conditions, first.Conditions?.map(conditionForm) ?? []) && { Conditions }),
    ...(isOther(form.action, actionForm(first.Actions ?? [])) && { Actions }),
    // An empty list changes nothing.
    ...(isOther(form.transforms, transformsForm(first.Transforms ?? [])) &&
      (Transforms ? { Transforms } : { ResetTransforms: true })),
  };
  return {
    ...(Object.keys(parts).length > 0 && { modified: { RuleArn, ...parts } }),
    ...(form.priority !== first.Priority && { priorities: { RulePriorities: [{ RuleArn, Priority }] } }),
  };
}

type Parts = Pick<ModifyRuleCommandInput, "Conditions" | "Actions" | "Transforms" | "ResetTransforms">;

const words = ({ Conditions, Actions, Transforms, ResetTransforms }: Parts) => ({
  conditions: Conditions && JSON.stringify(Conditions),
  actions: Actions && actionsText(Actions),
  transforms: Transforms && JSON.stringify(Transforms),
  "reset-transforms": ResetTransforms,
});

export const createCommand = (listenerArn: string, form: RuleForm): string =>
  withSecret(
    awsCommand("elbv2 create-rule", {
      "listener-arn": listenerArn,
      priority: form.priority,
      ...words(ruleOf(form)),
    }),
  );

export const orderCommand = (pairs: RulePriorityPair[]): string =>
  awsCommand("elbv2 set-rule-priorities", {
    "rule-priorities": pairs.map(({ RuleArn, Priority }) => `RuleArn=${RuleArn},Priority=${Priority}`),
  });

/** The same as `aws` commands, one a line; what shows the rule where nothing was changed. */
export function changeCommands(first: Rule, form: RuleForm): string {
  const { modified, priorities } = ruleChanges(first, form);
  const { RuleArn } = first;
  const lines = [
    ...(modified
      ? [withSecret(awsCommand("elbv2 modify-rule", { "rule-arn": RuleArn, ...words(modified) }))]
      : []),
    ...(priorities ? [orderCommand(priorities.RulePriorities)] : []),
  ];
  return lines.join("\n") || awsCommand("elbv2 describe-rules", { "rule-arns": RuleArn });
}
