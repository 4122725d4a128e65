import {
  DeregisterScalableTargetCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
} from "@aws-sdk/client-application-auto-scaling";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Checkbox from "@cloudscape-design/components/checkbox";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { isWhole } from "../lib/numbers";
import { scaled, scaling, scalingCommand } from "../lib/scaling";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { TextField } from "./fields";
import { useForm } from "./use-form";

interface Props {
  cluster: string;
  service: string;
  /** null where the service is not scaled. */
  target: ScalableTarget | null;
  desired: number;
}

interface Form {
  minimum: string;
  maximum: string;
  isOutSuspended: boolean;
  isInSuspended: boolean;
  isScheduleSuspended: boolean;
}

const SUSPENSIONS: { field: keyof Form; label: string }[] = [
  { field: "isOutSuspended", label: "Scale-out by policies" },
  { field: "isInSuspended", label: "Scale-in by policies" },
  { field: "isScheduleSuspended", label: "Scheduled actions" },
];

function formOf(target: ScalableTarget | null, desired: number): Form {
  const suspended = target?.SuspendedState;
  return {
    minimum: String(target?.MinCapacity ?? Math.min(1, desired)),
    maximum: String(target?.MaxCapacity ?? Math.max(4, desired)),
    isOutSuspended: suspended?.DynamicScalingOutSuspended ?? false,
    isInSuspended: suspended?.DynamicScalingInSuspended ?? false,
    isScheduleSuspended: suspended?.ScheduledScalingSuspended ?? false,
  };
}

function faultsOf({ minimum, maximum }: Form) {
  const isOrdered = Number(minimum) <= Number(maximum);
  return {
    ...(!isWhole(minimum) && { minimum: "A whole number, 0 or more." }),
    ...(!(isWhole(maximum) && isOrdered) && { maximum: "A whole number, not below the minimum." }),
  };
}

const suspension = (form: Form) => ({
  DynamicScalingInSuspended: form.isInSuspended,
  DynamicScalingOutSuspended: form.isOutSuspended,
  ScheduledScalingSuspended: form.isScheduleSuspended,
});

const describeCommand = (cluster: string, service: string) =>
  awsCommand("application-autoscaling describe-scalable-targets", {
    "service-namespace": "ecs",
    "resource-ids": scaled(cluster, service).ResourceId,
  });

/** The bounds of a service's desired count, and what of its scaling is suspended. */
export function ScalingTarget(props: Props) {
  const { cluster, service, target, desired } = props;
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="Policies and schedules move the desired count within these bounds."
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <EditTarget {...props} />
              {target && <Deregister {...props} />}
              <CopyCommand command={describeCommand(cluster, service)} />
            </SpaceBetween>
          }
        >
          Scalable target
        </Header>
      }
    >
      {target ? (
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Minimum number of tasks", value: target.MinCapacity ?? "-" },
            { label: "Desired number of tasks", value: desired },
            { label: "Maximum number of tasks", value: target.MaxCapacity ?? "-" },
            { label: "Suspended", value: <Suspended form={formOf(target, desired)} /> },
          ]}
        />
      ) : (
        <Box>
          This service keeps the desired count that it was given. Set bounds first; then policies and
          schedules can move it.
        </Box>
      )}
    </Container>
  );
}

function Suspended({ form }: { form: Form }) {
  const still = SUSPENSIONS.filter(({ field }) => form[field]).map(({ label }) => label);
  if (still.length === 0) return <StatusIndicator>nothing</StatusIndicator>;
  return <StatusIndicator type="warning">{still.join(", ")}</StatusIndicator>;
}

function EditTarget({ cluster, service, target, desired }: Props) {
  const { props, check, start } = useForm(formOf(target, desired), faultsOf);
  const { form, change } = props;
  const command = scalingCommand("register-scalable-target", cluster, service, {
    "min-capacity": form.minimum,
    "max-capacity": form.maximum,
    "suspended-state": Object.entries(suspension(form))
      .map(([name, value]) => `${name}=${value}`)
      .join(","),
  });
  return (
    <Action
      label={target ? "Edit bounds" : "Set bounds"}
      title={`Bounds of ${service}`}
      command={command}
      run={async () => {
        check();
        const bounds = { MinCapacity: Number(form.minimum), MaxCapacity: Number(form.maximum) };
        const asked = { ...scaled(cluster, service), ...bounds, SuspendedState: suspension(form) };
        await scaling.send(new RegisterScalableTargetCommand(asked));
      }}
      done={`${service} has ${form.minimum} to ${form.maximum} tasks.`}
      kinds={["scaling", "service"]}
      isPrimary={!target}
      typed={form}
      onOpen={() => start(formOf(target, desired))}
    >
      <ColumnLayout columns={2}>
        <TextField {...props} field="minimum" label="Minimum number of tasks" isNumber />
        <TextField {...props} field="maximum" label="Maximum number of tasks" isNumber />
      </ColumnLayout>
      <Box color="text-body-secondary">A desired count outside of them is brought within them at once.</Box>
      <FormField label="Suspended">
        <SpaceBetween size="xs">
          {SUSPENSIONS.map(({ field, label }) => (
            <Checkbox
              key={field}
              checked={form[field] === true}
              onChange={({ detail }) => change({ [field]: detail.checked })}
            >
              {label}
            </Checkbox>
          ))}
        </SpaceBetween>
      </FormField>
    </Action>
  );
}

function Deregister({ cluster, service }: Props) {
  return (
    <Action
      label="Deregister"
      title={`Stop scaling ${service}?`}
      command={scalingCommand("deregister-scalable-target", cluster, service)}
      run={() => scaling.send(new DeregisterScalableTargetCommand(scaled(cluster, service)))}
      done={`${service} is not scaled any more.`}
      kinds={["scaling", "alarm"]}
    >
      <Alert type="warning">
        Its policies, their alarms and its scheduled actions go. The service keeps the tasks that it has.
      </Alert>
    </Action>
  );
}
