import { type MetricAlarm, PutMetricAlarmCommand } from "@aws-sdk/client-cloudwatch";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { AlarmChart } from "../components/alarm-chart";
import { Details } from "../components/details";
import { EditForm } from "../components/edit-form";
import { Choice } from "../components/fields";
import { paths } from "../components/link";
import { MetricPicker } from "../components/metric-picker";
import {
  type AlarmForm,
  COMPARISONS,
  command,
  EMPTY,
  faultsOf,
  formOf,
  MISSING,
  MISSING_NOTES,
  PERIODS,
  request,
  STATISTICS,
  seen,
} from "../lib/alarm-form";
import { alarmQuery } from "../lib/alarms";
import { cloudwatch } from "../lib/metrics";

/** Makes an alarm, or changes the one that the address names. */
export default function CreateAlarm() {
  const edited = useSearchParams()[0].get("edit");
  return edited ? <Edit name={edited} /> : <AlarmEditor start={EMPTY} />;
}

function Edit({ name }: { name: string }) {
  const query = useQuery({
    ...alarmQuery(name),
    select: (alarm) => {
      const start = alarm && formOf(alarm);
      return start && { alarm, start };
    },
  });
  return (
    <Details noun="alarm on one metric" query={query}>
      {({ alarm, start }) => <AlarmEditor start={start} old={alarm} />}
    </Details>
  );
}

function AlarmEditor({ start, old }: { start: AlarmForm; old?: MetricAlarm }) {
  const [form, setForm] = useState(start);
  const faults = faultsOf(form);
  return (
    <EditForm
      title={old ? `Edit ${form.name}` : "Create alarm"}
      submit={old ? "Save" : "Create alarm"}
      command={command(form, old)}
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={() => cloudwatch.send(new PutMetricAlarmCommand(request(form, old)))}
      done={`Alarm ${form.name} was ${old ? "changed" : "created"}.`}
      kinds={["alarm"]}
      back={old ? paths.alarm(form.name) : paths.alarms()}
      next={paths.alarm(form.name)}
    >
      {(isChecked) => (
        <Fields
          form={form}
          faults={isChecked ? faults : {}}
          change={(part) => setForm((known) => ({ ...known, ...part }))}
          old={old}
        />
      )}
    </EditForm>
  );
}

interface Props {
  form: AlarmForm;
  faults: Partial<Record<keyof AlarmForm, string>>;
  change: (part: Partial<AlarmForm>) => void;
}

function Fields({ old, ...props }: Props & { old: MetricAlarm | undefined }) {
  const { form } = props;
  return (
    <SpaceBetween size="l">
      <Watched {...props} />
      {form.metric && <AlarmChart alarm={seen(form, old)} />}
      <Condition {...props} />
      <Actions {...props} isNamed={old !== undefined} />
    </SpaceBetween>
  );
}

function Watched({ form, faults, change }: Props) {
  const periods = [...new Set([...PERIODS, form.period])];
  return (
    <Container header={<Header variant="h2">Metric</Header>}>
      <ColumnLayout columns={2}>
        <MetricPicker metric={form.metric} error={faults.metric} onChoose={(metric) => change({ metric })} />
        <SpaceBetween size="l">
          <Choice
            empty=""
            label="Statistic"
            options={[...new Set([...STATISTICS, form.statistic])].map((value) => ({ value, label: value }))}
            value={form.statistic}
            onChoose={(statistic) => change({ statistic })}
          />
          <Choice
            empty=""
            label="Period"
            options={periods.map((value) => ({ value, label: `${value} s` }))}
            value={form.period}
            onChoose={(period) => change({ period })}
          />
        </SpaceBetween>
      </ColumnLayout>
    </Container>
  );
}

function Condition(props: Props) {
  const { form, change } = props;
  const options = (texts: Record<string, string>) =>
    Object.entries(texts).map(([value, label]) => ({ value, label }));
  return (
    <Container header={<Header variant="h2">Conditions</Header>}>
      <ColumnLayout columns={3}>
        <Choice
          empty=""
          label="Whenever the metric is"
          options={options(COMPARISONS)}
          value={form.comparison}
          onChoose={(comparison) => change({ comparison })}
        />
        <Text {...props} field="threshold" label="Threshold" mode="decimal" />
        <Choice
          empty=""
          label="Missing data treatment"
          description={MISSING_NOTES[form.missing] ?? ""}
          options={options(MISSING)}
          value={form.missing}
          onChoose={(missing) => change({ missing })}
        />
        <Text
          {...props}
          field="datapoints"
          label="Datapoints to alarm"
          description="So many of them have to breach."
          mode="numeric"
        />
        <Text
          {...props}
          field="evaluationPeriods"
          label="Evaluation periods"
          description="Out of so many of the newest."
          mode="numeric"
        />
      </ColumnLayout>
    </Container>
  );
}

function Actions({ isNamed, ...props }: Props & { isNamed: boolean }) {
  return (
    <Container
      header={
        <Header
          variant="h2"
          description="One a line: a URL, which gets a POST of CloudWatch's JSON, or the ARN of a scaling policy."
        >
          Name and actions
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ColumnLayout columns={2}>
          <Text {...props} field="name" label="Alarm name" isDisabled={isNamed} />
          <Text {...props} field="description" label="Description" />
        </ColumnLayout>
        <ColumnLayout columns={3}>
          <Many {...props} field="onAlarm" label="In alarm" />
          <Many {...props} field="onOk" label="OK" />
          <Many {...props} field="onInsufficient" label="Insufficient data" />
        </ColumnLayout>
      </SpaceBetween>
    </Container>
  );
}

type TextField = "name" | "description" | "threshold" | "evaluationPeriods" | "datapoints";

interface TextProps extends Props {
  field: TextField;
  label: string;
  description?: string;
  mode?: "text" | "numeric" | "decimal";
  isDisabled?: boolean;
}

function Text({ form, faults, change, field, label, description, mode, isDisabled }: TextProps) {
  return (
    <FormField label={label} description={description ?? ""} errorText={faults[field] ?? ""}>
      <Input
        value={form[field]}
        inputMode={mode ?? "text"}
        disabled={isDisabled ?? false}
        onChange={({ detail }) => change({ [field]: detail.value })}
      />
    </FormField>
  );
}

interface ManyProps extends Props {
  field: "onAlarm" | "onOk" | "onInsufficient";
  label: string;
}

function Many({ form, change, field, label }: ManyProps) {
  return (
    <FormField label={label}>
      <Textarea
        value={form[field]}
        rows={2}
        placeholder="http://127.0.0.1:8080/hook"
        onChange={({ detail }) => change({ [field]: detail.value })}
      />
    </FormField>
  );
}
