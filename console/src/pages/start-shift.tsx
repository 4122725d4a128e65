import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import RadioGroup from "@cloudscape-design/components/radio-group";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { EditForm } from "../components/edit-form";
import { TextField } from "../components/fields";
import { paths } from "../components/link";
import { balancerOf } from "../lib/ab-text";
import { listState } from "../lib/list-state";
import {
  EMPTY_SHIFT,
  type GuardForm,
  type ShiftFaults,
  type ShiftForm,
  shiftCommand,
  shiftFaults,
  shiftOf,
} from "../lib/shift-form";
import { elbName, errorText } from "../lib/text";
import { comparisonQuery, startShift } from "../lib/tidegate-api";

/** Starts a shift of the weights of the rule that the address names. */
export default function StartShift() {
  const ruleArn = useSearchParams()[0].get("rule") ?? "";
  const [form, setForm] = useState(EMPTY_SHIFT);
  const change = (part: Partial<ShiftForm>) => setForm({ ...form, ...part });
  const faults = shiftFaults(form);
  return (
    <EditForm
      title="Start a shift"
      description={`Gives a target group of a rule of ${balancerOf(ruleArn)} more and more of its requests, and takes them back at once if a guard is broken.`}
      submit="Start shift"
      command={shiftCommand(ruleArn, form)}
      commandNoun="tidegate"
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={() => startShift(shiftOf(ruleArn, form))}
      done={`Requests are being shifted to ${elbName(form.targetGroupArn)}.`}
      kinds={["shift", "rule", "listener"]}
      back={paths.abTest(ruleArn)}
    >
      {(isChecked) => {
        const shown = isChecked ? faults : {};
        return (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Steps</Header>}>
              <Steps ruleArn={ruleArn} form={form} faults={shown} change={change} />
            </Container>
            <Container header={<Header variant="h2">Guards</Header>}>
              <Guards form={form} faults={shown} change={change} />
            </Container>
          </SpaceBetween>
        );
      }}
    </EditForm>
  );
}

interface Props {
  form: ShiftForm;
  faults: ShiftFaults;
  change: (part: Partial<ShiftForm>) => void;
}

function Steps({ ruleArn, ...props }: Props & { ruleArn: string }) {
  const { form, faults, change } = props;
  const compared = useQuery(
    comparisonQuery({ RuleArn: ruleArn, WindowInSeconds: 300, ConfidencePercent: 95 }),
  );
  const options = (compared.data?.TargetGroups ?? []).map(({ TargetGroupArn, TargetGroupName, Weight }) => ({
    value: TargetGroupArn,
    label: TargetGroupName,
    description: `weight ${Weight}`,
  }));
  return (
    <SpaceBetween size="l">
      {compared.error && <Alert type="error">{errorText(compared.error)}</Alert>}
      <FormField label="Target group that is to get the requests" errorText={faults.targetGroupArn ?? ""}>
        <Select
          options={options}
          {...listState(compared)}
          placeholder="Choose a target group"
          selectedOption={options.find(({ value }) => value === form.targetGroupArn) ?? null}
          onChange={({ detail }) => change({ targetGroupArn: detail.selectedOption.value ?? "" })}
        />
      </FormField>
      <FormField label="Strategy">
        <RadioGroup
          value={form.kind}
          onChange={({ detail }) => change({ kind: detail.value as ShiftForm["kind"] })}
          items={[
            { value: "linear", label: "Linear", description: "As much more in each step." },
            { value: "canary", label: "Canary", description: "A small part first, then everything." },
          ]}
        />
      </FormField>
      <ColumnLayout columns={3}>
        <TextField
          {...props}
          field="percent"
          label={form.kind === "linear" ? "Percent more in each step" : "Percent of the first step"}
          isNumber
        />
        <TextField {...props} field="bakeSeconds" label="Seconds that a step lasts" isNumber />
        <TextField {...props} field="until" label="Percent at the end" isNumber />
      </ColumnLayout>
    </SpaceBetween>
  );
}

const WHAT = [
  { value: "errors", label: "Error rate" },
  { value: "p50", label: "Response time, p50" },
  { value: "p95", label: "Response time, p95" },
  { value: "p99", label: "Response time, p99" },
];
const LIMITS = [
  { value: "own", label: "above" },
  { value: "baseline", label: "above the baseline's by" },
];
const NEW_GUARD: GuardForm = { what: "p95", isRelative: false, value: "500" };

function Guards(props: Props) {
  const { form, faults, change } = props;
  const put = (at: number, part: Partial<GuardForm>) =>
    change({ guards: form.guards.map((one, index) => (index === at ? { ...one, ...part } : one)) });
  return (
    <SpaceBetween size="l">
      {form.guards.map((guard, index) => (
        <Guard
          // biome-ignore lint/suspicious/noArrayIndexKey: a guard has no name but its place
          key={index}
          guard={guard}
          place={index + 1}
          onChange={(part) => put(index, part)}
          onRemove={() => change({ guards: form.guards.filter((_, at) => at !== index) })}
        />
      ))}
      {form.guards.length === 0 && (
        <Alert type="warning">Without a guard the shift goes by the clock alone, whatever happens.</Alert>
      )}
      <FormField errorText={faults.guards ?? ""}>
        <Button formAction="none" onClick={() => change({ guards: [...form.guards, NEW_GUARD] })}>
          Add guard
        </Button>
      </FormField>
      <ColumnLayout columns={3}>
        <TextField {...props} field="windowSeconds" label="Seconds that guards look back" isNumber />
        <TextField {...props} field="requests" label="Requests that a step needs" isNumber />
        <TextField {...props} field="patienceSeconds" label="Seconds of patience after a step" isNumber />
      </ColumnLayout>
    </SpaceBetween>
  );
}

interface GuardProps {
  guard: GuardForm;
  place: number;
  onChange: (part: Partial<GuardForm>) => void;
  onRemove: () => void;
}

function Guard({ guard, place, onChange, onRemove }: GuardProps) {
  const unit = guard.isRelative || guard.what === "errors" ? "%" : "ms";
  return (
    <SpaceBetween direction="horizontal" size="s" alignItems="end">
      <FormField label={`Roll back if (${place})`}>
        <div style={{ width: 210 }}>
          <Select
            options={WHAT}
            selectedOption={WHAT.find(({ value }) => value === guard.what) ?? null}
            onChange={({ detail }) => onChange({ what: detail.selectedOption.value as GuardForm["what"] })}
          />
        </div>
      </FormField>
      <FormField label={`is (${place})`}>
        <div style={{ width: 220 }}>
          <Select
            options={LIMITS}
            selectedOption={LIMITS[guard.isRelative ? 1 : 0] ?? null}
            onChange={({ detail }) => onChange({ isRelative: detail.selectedOption.value === "baseline" })}
          />
        </div>
      </FormField>
      <FormField label={`${unit} (${place})`}>
        <div style={{ width: 100 }}>
          <Input
            value={guard.value}
            inputMode="decimal"
            onChange={({ detail }) => onChange({ value: detail.value.trim() })}
          />
        </div>
      </FormField>
      <Button formAction="none" ariaLabel={`Remove guard ${place}`} onClick={onRemove}>
        Remove
      </Button>
    </SpaceBetween>
  );
}
