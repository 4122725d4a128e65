import Box from "@cloudscape-design/components/box";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import ExpandableSection from "@cloudscape-design/components/expandable-section";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Textarea from "@cloudscape-design/components/textarea";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useParams, useSearchParams } from "react-router";
import { EditForm } from "../components/edit-form";
import { Choice, TextField } from "../components/fields";
import { paths } from "../components/link";
import type { StepProps } from "../components/use-steps";
import { ClientTokens } from "../lib/client-token";
import { familiesQuery, revisionsQuery, taskDefinitionQuery } from "../lib/ecs";
import { listState } from "../lib/list-state";
import { PLACEMENTS } from "../lib/placement";
import {
  EMPTY_TASKS,
  emptyOverride,
  failureText,
  type NewTasks,
  type Override,
  overridden,
  run,
  runCommand,
  taskFaults,
} from "../lib/run-task";
import { count, nameOf } from "../lib/text";

type Props = StepProps<NewTasks>;

/** Tasks that belong to no service: they run once. */
export default function RunTask() {
  const { cluster = "" } = useParams();
  const [parameters] = useSearchParams();
  const [form, setForm] = useState({ ...EMPTY_TASKS, family: parameters.get("family") ?? "" });
  const [tokens] = useState(() => new ClientTokens());
  const faults = taskFaults(form);
  const change = (part: Partial<NewTasks>) => setForm((old) => ({ ...old, ...part }));
  /** Run them; where fewer started than were asked for, the form is for the rest from now on. */
  const start = async () => {
    const { ids, failures } = await run(cluster, form, tokens);
    const left = Number(form.count) - ids.length;
    if (left <= 0) return;
    change({ count: String(left) });
    throw new Error(failureText(ids.length, left, failures));
  };
  return (
    <EditForm
      title="Run task"
      description={`In cluster ${cluster}: the tasks run until they end or are stopped, and are not replaced.`}
      submit="Run task"
      command={runCommand(cluster, form)}
      typed={form}
      isFaulty={Object.keys(faults).length > 0}
      run={start}
      done={`${count(Number(form.count), "task")} of ${form.revision || form.family} started.`}
      kinds={["task", "cluster"]}
      back={`${paths.cluster(cluster)}?tab=tasks`}
    >
      {(isChecked) => {
        const props = { form, faults: isChecked ? faults : {}, change };
        return (
          <SpaceBetween size="l">
            <Container header={<Header variant="h2">Tasks</Header>}>
              <What {...props} />
            </Container>
            <Container header={<Header variant="h2">Overrides</Header>}>
              <Overrides {...props} />
            </Container>
          </SpaceBetween>
        );
      }}
    </EditForm>
  );
}

function What(props: Props) {
  const { form, faults, change } = props;
  const families = useQuery(familiesQuery);
  const revisions = useQuery({ ...revisionsQuery(form.family), enabled: form.family !== "" });
  const fixed = (revisions.data ?? []).map(nameOf).map((value) => ({ value, label: value }));
  return (
    <ColumnLayout columns={2}>
      <Choice
        label="Task definition"
        error={faults.family}
        options={(families.data ?? []).map((value) => ({ value, label: value }))}
        value={form.family}
        state={listState(families)}
        empty="There is no task definition yet: register one first."
        onChoose={(family) => change({ family, revision: "", overrides: [] })}
      />
      <Choice
        label="Revision"
        options={[{ value: "", label: "The newest" }, ...fixed]}
        value={form.revision}
        state={listState(revisions)}
        empty="Choose a task definition first."
        onChoose={(revision) => change({ revision, overrides: [] })}
      />
      <TextField {...props} field="count" label="Number of tasks" isNumber />
      <Choice
        label="Placement template"
        description={PLACEMENTS.find(({ value }) => value === form.placement)?.description ?? ""}
        options={PLACEMENTS}
        value={form.placement}
        empty=""
        onChoose={(chosen) => change({ placement: chosen })}
      />
      <TextField
        {...props}
        field="group"
        label="Task group"
        description="Tasks can be listed by it."
        placeholder={`family:${form.family}`}
      />
      <TextField {...props} field="startedBy" label="Started by" description="Who or what runs them." />
    </ColumnLayout>
  );
}

/** What the containers get instead of what the definition says. */
function Overrides({ form, faults, change }: Props) {
  const definition = useQuery({
    ...taskDefinitionQuery(form.revision || form.family),
    enabled: form.family !== "",
  });
  const names = (definition.data?.containerDefinitions ?? []).map(({ name }) => name ?? "");
  const become = (name: string, part: Partial<Override>) =>
    change({ overrides: overridden(form.overrides, name, part) });
  if (names.length === 0) return <Box>Choose a task definition first: its containers are shown here.</Box>;
  return (
    <SpaceBetween size="m">
      {names.map((name) => (
        <ExpandableSection key={name} headerText={`Container ${name}`} defaultExpanded={names.length === 1}>
          <OverrideFields
            form={form.overrides.find((one) => one.name === name) ?? emptyOverride(name)}
            change={(part) => become(name, part)}
          />
        </ExpandableSection>
      ))}
      {faults.overrides && (
        <Box color="text-status-error" fontSize="body-s">
          {faults.overrides}
        </Box>
      )}
    </SpaceBetween>
  );
}

function OverrideFields({ form, change }: { form: Override; change: (part: Partial<Override>) => void }) {
  return (
    <SpaceBetween size="m">
      <FormField label="Command" description="Words as a shell takes them, or a JSON list." stretch>
        <Input
          value={form.command}
          placeholder="As the definition says"
          onChange={({ detail }) => change({ command: detail.value })}
        />
      </FormField>
      <FormField
        label="Environment variables"
        description="More of them, or others: NAME=value, one a line."
        stretch
      >
        <Textarea
          value={form.environment}
          rows={3}
          onChange={({ detail }) => change({ environment: detail.value })}
        />
      </FormField>
      <ColumnLayout columns={2}>
        <FormField label="CPU units">
          <Input
            value={form.cpu}
            inputMode="numeric"
            onChange={({ detail }) => change({ cpu: detail.value.trim() })}
          />
        </FormField>
        <FormField label="Memory, in MiB">
          <Input
            value={form.memory}
            inputMode="numeric"
            onChange={({ detail }) => change({ memory: detail.value.trim() })}
          />
        </FormField>
      </ColumnLayout>
    </SpaceBetween>
  );
}
