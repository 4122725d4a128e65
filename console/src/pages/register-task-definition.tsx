import { RegisterTaskDefinitionCommand, type Tag, type TaskDefinition } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import ColumnLayout from "@cloudscape-design/components/column-layout";
import Container from "@cloudscape-design/components/container";
import FormField from "@cloudscape-design/components/form-field";
import Header from "@cloudscape-design/components/header";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import Tabs from "@cloudscape-design/components/tabs";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useSearchParams } from "react-router";
import { ContainerFields } from "../components/container-fields";
import { Details } from "../components/details";
import { TextField } from "../components/draft-fields";
import { EditForm } from "../components/edit-form";
import { JsonText } from "../components/json-text";
import { paths } from "../components/link";
import { ecs } from "../lib/clients";
import { type LineFault, lineFaults } from "../lib/definition-faults";
import {
  containersOf,
  type Draft,
  draftIn,
  faultsOf,
  newContainer,
  shownFaults,
  textAt,
  withValue,
} from "../lib/definition-form";
import { requestIn, textOf } from "../lib/definition-text";
import { definitionTagsQuery, taskDefinitionQuery } from "../lib/ecs";
import { awsCommand, nameOf } from "../lib/text";

/** Registers a revision, from the one that the address names or from an example. */
export default function RegisterTaskDefinition() {
  const from = useSearchParams()[0].get("from") ?? "";
  const query = useQuery({ ...taskDefinitionQuery(from), enabled: from !== "" });
  const tags = useQuery({ ...definitionTagsQuery(from), enabled: from !== "" });
  if (!from) return <Editor from={null} tags={[]} />;
  // Without its tags the next revision would be made without them.
  const both = { data: tags.data ? query.data : undefined, error: query.error ?? tags.error };
  return (
    <Details noun="task definition" query={both}>
      {(definition) => <Editor key={from} from={definition} tags={tags.data ?? []} />}
    </Details>
  );
}

function Editor({ from, tags }: { from: TaskDefinition | null; tags: Tag[] }) {
  const [text, setText] = useState(() => textOf(from, tags));
  const read = requestIn(text);
  const draft = draftIn(text);
  const isWrong = "fault" in read;
  const register = async () => {
    if (isWrong) throw new Error(read.fault);
    const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(read.request));
    return nameOf(taskDefinition?.taskDefinitionArn);
  };
  return (
    <EditForm
      title={from ? `New revision of ${from.family}` : "Register task definition"}
      submit="Register"
      command={awsCommand("ecs register-task-definition", {
        "cli-input-json": isWrong ? text : JSON.stringify(read.request),
      })}
      typed={text}
      isFaulty={isWrong || Object.keys(draft ? faultsOf(draft) : {}).length > 0}
      run={register}
      done={(name) => `${name} was registered.`}
      kinds={["task-definition"]}
      back={from ? paths.revision(nameOf(from.taskDefinitionArn)) : paths.taskDefinitions()}
      next={paths.revision}
    >
      {(isChecked) => (
        <Tabs
          ariaLabel="Ways to edit the task definition"
          tabs={[
            {
              id: "form",
              label: "Form",
              content: <Fields text={text} isChecked={isChecked || isWrong} onChange={setText} />,
            },
            {
              id: "json",
              label: "JSON",
              content: <Json text={text} faults={lineFaults(text, draft, isChecked)} onChange={setText} />,
            },
          ]}
        />
      )}
    </EditForm>
  );
}

interface PartProps {
  text: string;
  onChange: (text: string) => void;
}

function Json({ text, faults, onChange }: PartProps & { faults: LineFault[] }) {
  const told = faults.map(({ line, text }) => (line === null ? text : `Line ${line}: ${text}`));
  return (
    <FormField
      stretch
      label="Task definition"
      description="All that RegisterTaskDefinition takes; what the form does not know stays as it is here."
      errorText={told.length > 0 && told.map((fault) => <div key={fault}>{fault}</div>)}
    >
      <JsonText
        text={text}
        faulty={[...new Set(faults.flatMap(({ line }) => line ?? []))]}
        onChange={onChange}
      />
    </FormField>
  );
}

const NETWORKS = [
  { value: "", label: "Default: bridge" },
  { value: "bridge", label: "bridge" },
  { value: "host", label: "host" },
  { value: "none", label: "none" },
];

function Fields({ text, isChecked, onChange }: PartProps & { isChecked: boolean }) {
  const draft = draftIn(text);
  if (!draft) {
    return (
      <Alert type="info" header="The JSON has to be mended first">
        The form shows what it says, once it is a task definition.
      </Alert>
    );
  }
  const props = {
    draft,
    faults: shownFaults(draft, isChecked),
    onChange: (next: Draft) => onChange(JSON.stringify(next, null, 2)),
  };
  const mode = textAt(draft, ["networkMode"]);
  const containers = containersOf(draft);
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Task</Header>}>
        <ColumnLayout columns={2}>
          <TextField {...props} path={["family"]} label="Family" description="Its revisions are numbered." />
          <FormField label="Network mode" description="With bridge, containers have ports of their own.">
            <Select
              options={NETWORKS}
              selectedOption={NETWORKS.find(({ value }) => value === mode) ?? { value: mode, label: mode }}
              onChange={({ detail }) =>
                props.onChange(withValue(draft, ["networkMode"], detail.selectedOption.value || undefined))
              }
            />
          </FormField>
        </ColumnLayout>
      </Container>
      {containers.map((_, index) => (
        // Containers have no name that stays while it is typed.
        // biome-ignore lint/suspicious/noArrayIndexKey: see above
        <ContainerFields key={index} {...props} index={index} isOnly={containers.length === 1} />
      ))}
      <Button
        iconName="add-plus"
        formAction="none"
        onClick={() =>
          props.onChange(withValue(draft, ["containerDefinitions", containers.length], newContainer(draft)))
        }
      >
        Add container
      </Button>
    </SpaceBetween>
  );
}
