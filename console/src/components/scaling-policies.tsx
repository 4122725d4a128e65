import { DeleteScalingPolicyCommand, type ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import type { Service } from "@aws-sdk/client-ecs";
import AttributeEditor from "@cloudscape-design/components/attribute-editor";
import Box from "@cloudscape-design/components/box";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { targetGroupsQuery } from "../lib/elbv2";
import { policiesQuery, scaled, scaling, scalingCommand } from "../lib/scaling";
import {
  ADJUSTMENTS,
  EMPTY_STEPS,
  putSteps,
  type Step,
  type StepPolicy,
  stepFaults,
  stepsCommand,
  stepsOf,
  stepText,
} from "../lib/step-policy";
import { nameOf } from "../lib/text";
import {
  EMPTY_TRACKING,
  putTracking,
  resourceLabel,
  trackingCommand,
  trackingFaults,
  trackingOf,
} from "../lib/tracking-policy";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { Choice, TextField } from "./fields";
import { PageLink, paths } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { TrackingFields } from "./tracking-fields";
import { useForm } from "./use-form";
import type { StepProps } from "./use-steps";

interface Props {
  service: Service;
  /** Whether it has bounds: without them AWS takes no policy. */
  isScaled: boolean;
}

const named = (service: Service) => [nameOf(service.clusterArn), service.serviceName ?? ""] as const;

function goal(policy: ScalingPolicy): string {
  const tracking = policy.TargetTrackingScalingPolicyConfiguration;
  if (policy.StepScalingPolicyConfiguration) {
    const form = stepsOf(policy);
    return form.steps.map((step) => stepText(form, step)).join("; ");
  }
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } =
    tracking ?? {};
  const metric = predefined?.PredefinedMetricType ?? customized?.MetricName ?? "metric maths";
  return tracking ? `${metric} at ${tracking.TargetValue}` : "a forecast, which moves nothing";
}

function cooldown(policy: ScalingPolicy): string {
  const tracking = policy.TargetTrackingScalingPolicyConfiguration;
  if (!tracking) return `${policy.StepScalingPolicyConfiguration?.Cooldown ?? 300} s`;
  const away = tracking.DisableScaleIn ? "never in" : `in ${tracking.ScaleInCooldown ?? 300} s`;
  return `out ${tracking.ScaleOutCooldown ?? 300} s, ${away}`;
}

const COLUMNS: Column<ScalingPolicy>[] = [
  { id: "name", header: "Policy", value: (p) => p.PolicyName, cell: (p) => p.PolicyName, minWidth: 140 },
  { id: "type", header: "Type", value: (p) => p.PolicyType, cell: (p) => p.PolicyType, minWidth: 190 },
  { id: "goal", header: "What it does", value: goal, cell: goal, minWidth: 260 },
  { id: "cooldown", header: "Cooldowns", value: cooldown, cell: cooldown, minWidth: 170 },
  {
    id: "alarms",
    header: "Alarms",
    value: (p) => p.Alarms?.map(({ AlarmName }) => AlarmName).join(" "),
    cell: (p) =>
      p.Alarms?.length ? (
        <SpaceBetween size="xxs">
          {p.Alarms.map(({ AlarmName }) => (
            <PageLink key={AlarmName} to={paths.alarm(AlarmName ?? "")} fontSize="body-s">
              {AlarmName}
            </PageLink>
          ))}
        </SpaceBetween>
      ) : (
        "none: name the policy in an alarm's actions"
      ),
    minWidth: 300,
  },
];

/** The scaling policies of a service: made, changed and deleted here. */
export function ScalingPolicies({ service, isScaled }: Props) {
  const [cluster, name] = named(service);
  const query = useQuery(policiesQuery(cluster, name));
  const [selected, setSelected] = useState<string | null>(null);
  const chosen = query.data?.find(({ PolicyName }) => PolicyName === selected);
  return (
    <ResourceTable
      noun="policies"
      title="Scaling policies"
      description="The largest wish for more tasks is followed; for fewer all policies have to agree."
      columns={COLUMNS}
      query={query}
      rowKey={({ PolicyName }) => PolicyName ?? ""}
      selected={selected}
      onSelect={setSelected}
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          {chosen?.TargetTrackingScalingPolicyConfiguration?.PredefinedMetricSpecification && (
            <PutTracking service={service} policy={chosen} />
          )}
          {chosen?.StepScalingPolicyConfiguration && <PutSteps service={service} policy={chosen} />}
          <DeletePolicy service={service} policy={chosen} />
          {isScaled && <PutTracking service={service} />}
          {isScaled && <PutSteps service={service} />}
          <CopyCommand command={scalingCommand("describe-scaling-policies", cluster, name)} />
        </SpaceBetween>
      }
      empty={
        isScaled
          ? "No policy yet: a target tracking policy keeps a metric near a value."
          : "Set the bounds of the service first."
      }
    />
  );
}

interface PolicyProps {
  service: Service;
  /** The one that is changed; without it another is made. */
  policy?: ScalingPolicy | undefined;
}

function PutTracking({ service, policy }: PolicyProps) {
  const [cluster, name] = named(service);
  const used = service.loadBalancers?.[0]?.targetGroupArn ?? "";
  const groups = useQuery(targetGroupsQuery);
  const balancer = groups.data?.find(({ TargetGroupArn }) => TargetGroupArn === used)?.LoadBalancerArns?.[0];
  const kept = policy?.TargetTrackingScalingPolicyConfiguration?.PredefinedMetricSpecification?.ResourceLabel;
  const label = kept ?? resourceLabel(balancer ?? "", used);
  const first = policy ? trackingOf(policy) : EMPTY_TRACKING;
  const { props, check, start } = useForm(first, (form) => trackingFaults(form, used !== ""));
  return (
    <Action
      label={policy ? "Edit" : "Create target tracking policy"}
      title={policy ? `Edit ${policy.PolicyName}` : "Create target tracking policy"}
      command={trackingCommand(cluster, name, props.form, label)}
      run={async () => {
        check();
        await putTracking(cluster, name, props.form, label);
      }}
      done={`Policy ${props.form.policyName} is in effect.`}
      kinds={["scaling", "alarm"]}
      isPrimary={!policy}
      typed={props.form}
      onOpen={() => start(first)}
    >
      <TrackingFields {...props} isNamed={policy !== undefined} />
    </Action>
  );
}

function PutSteps({ service, policy }: PolicyProps) {
  const [cluster, name] = named(service);
  const first = policy ? stepsOf(policy) : EMPTY_STEPS;
  const { props, check, start } = useForm(first, stepFaults);
  return (
    <Action
      label={policy ? "Edit" : "Create step policy"}
      title={policy ? `Edit ${policy.PolicyName}` : "Create step policy"}
      command={stepsCommand(cluster, name, props.form)}
      run={async () => {
        check();
        await putSteps(cluster, name, props.form);
      }}
      done={`Policy ${props.form.policyName} is there: it acts when an alarm names it in its actions.`}
      kinds={["scaling"]}
      typed={props.form}
      onOpen={() => start(first)}
    >
      <StepFields {...props} isNamed={policy !== undefined} />
    </Action>
  );
}

function StepFields({ isNamed, ...props }: StepProps<StepPolicy> & { isNamed: boolean }) {
  const { form, faults, change } = props;
  return (
    <SpaceBetween size="l">
      {!isNamed && <TextField {...props} field="policyName" hasSpaces label="Policy name" />}
      <Choice
        label="Adjustment type"
        description={ADJUSTMENTS.find(({ value }) => value === form.adjustmentType)?.description ?? ""}
        options={ADJUSTMENTS.map(({ value, label }) => ({ value, label }))}
        value={form.adjustmentType}
        empty=""
        onChoose={(value) => change({ adjustmentType: value as StepPolicy["adjustmentType"] })}
      />
      {form.adjustmentType === "PercentChangeInCapacity" && (
        <TextField {...props} field="magnitude" label="Fewest tasks at once" isNumber />
      )}
      <TextField {...props} field="cooldownSeconds" label="Cooldown, in seconds" placeholder="300" isNumber />
      <FormField
        label="Steps"
        description="From and to are distances of the metric from the alarm's threshold; an empty one is open."
        errorText={faults.steps ?? ""}
        stretch
      >
        <AttributeEditor
          items={form.steps}
          addButtonText="Add step"
          removeButtonText="Remove"
          removeButtonAriaLabel={(step) => `Remove the step ${stepText(form, step)}`}
          gridLayout={[{ rows: [[1, 1, 1]], removeButton: { width: "auto" } }]}
          empty="There is no step."
          onAddButtonClick={() =>
            change({
              steps: [...form.steps, { lower: form.steps.at(-1)?.upper ?? "", upper: "", adjustment: "1" }],
            })
          }
          onRemoveButtonClick={({ detail }) =>
            change({ steps: form.steps.filter((_, index) => index !== detail.itemIndex) })
          }
          definition={[
            stepColumn("From", "lower", props),
            stepColumn("To", "upper", props),
            stepColumn("Adjustment", "adjustment", props),
          ]}
        />
      </FormField>
    </SpaceBetween>
  );
}

function stepColumn(label: string, field: keyof Step, { form, change }: StepProps<StepPolicy>) {
  const become = (at: number, value: string) =>
    change({ steps: form.steps.map((step, index) => (index === at ? { ...step, [field]: value } : step)) });
  return {
    label,
    control: (step: Step, index: number) => (
      <Input
        value={step[field]}
        inputMode="decimal"
        placeholder={field === "adjustment" ? "" : "open"}
        onChange={({ detail }) => become(index, detail.value.trim())}
      />
    ),
  };
}

function DeletePolicy({ service, policy }: PolicyProps) {
  const [cluster, name] = named(service);
  const PolicyName = policy?.PolicyName ?? "";
  return (
    <Action
      label="Delete policy"
      title={`Delete ${PolicyName}?`}
      command={scalingCommand("delete-scaling-policy", cluster, name, { "policy-name": PolicyName })}
      run={() => scaling.send(new DeleteScalingPolicyCommand({ ...scaled(cluster, name), PolicyName }))}
      done={`Policy ${PolicyName} was deleted.`}
      kinds={["scaling", "alarm"]}
      isDisabled={!policy}
    >
      <Box>The alarms that it owns go with it. The service keeps the tasks that it has.</Box>
    </Action>
  );
}
