import {
  type ContainerDefinition,
  DeregisterTaskDefinitionCommand,
  type TaskDefinition,
} from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import CopyToClipboard from "@cloudscape-design/components/copy-to-clipboard";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import Select from "@cloudscape-design/components/select";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useParams } from "react-router";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageButton, paths } from "../components/link";
import { Page } from "../components/page";
import { type Column, known, ResourceTable } from "../components/resource-table";
import { RevisionChanges } from "../components/revision-changes";
import { PlainStatus } from "../components/statuses";
import { PageTabs } from "../components/tabs";
import { ecs } from "../lib/clients";
import { revisionsQuery, taskDefinitionQuery } from "../lib/ecs";
import { awsCommand, nameOf } from "../lib/text";
import { moment } from "../lib/times";

/** A family at one of its revisions: the newest where the address names none. */
export default function TaskDefinitionPage() {
  const { family = "", revision } = useParams();
  const revisions = useQuery(revisionsQuery(family));
  const newest = nameOf(revisions.data?.[0]);
  const name = revision ? `${family}:${revision}` : newest;
  const one = taskDefinitionQuery(name);
  const query = useQuery({ ...one, enabled: name !== "" });
  const isUnknown = !name && revisions.data !== undefined;
  const shown = { data: isUnknown ? null : query.data, error: query.error ?? revisions.error };
  return (
    <Details noun="task definition" query={shown}>
      {(definition) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <Revisions name={name} all={revisions.data ?? []} />
              <Deregister name={name} isActive={definition.status === "ACTIVE"} />
              <CopyCommand
                command={awsCommand("ecs describe-task-definition", { "task-definition": name })}
              />
              <PageButton to={paths.registerTaskDefinition(name)}>New revision</PageButton>
            </SpaceBetween>
          }
        >
          <Overview definition={definition} />
          <PageTabs
            label="Forms of the task definition"
            tabs={[
              { id: "containers", label: "Containers", content: <Containers definition={definition} /> },
              { id: "json", label: "JSON", content: <Json definition={definition} /> },
              {
                id: "changes",
                label: "Changes",
                content: <RevisionChanges definition={definition} all={revisions.data ?? []} />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Revisions({ name, all }: { name: string; all: string[] }) {
  const navigate = useNavigate();
  // A revision that was deregistered is in no list, and is shown all the same.
  const names = [...new Set([name, ...all.map(nameOf)])];
  names.sort((one, other) => Number(other.split(":")[1]) - Number(one.split(":")[1]));
  const options = names.map((value) => ({ value, label: `Revision ${value.split(":")[1]}` }));
  return (
    <Select
      ariaLabel="Revision"
      options={options}
      selectedOption={options.find(({ value }) => value === name) ?? null}
      onChange={({ detail }) => void navigate(paths.revision(detail.selectedOption.value ?? ""))}
    />
  );
}

/** Makes a revision inactive, after a question. */
function Deregister({ name, isActive }: { name: string; isActive: boolean }) {
  return (
    <Action
      label="Deregister"
      title={`Deregister ${name}?`}
      command={awsCommand("ecs deregister-task-definition", { "task-definition": name })}
      run={() => ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition: name }))}
      done={`${name} was deregistered.`}
      kinds={["task-definition"]}
      isDisabled={!isActive}
    >
      <Box>
        It becomes INACTIVE: services that use it go on and replace their tasks with it, but nothing new is
        run from it. This cannot be taken back; the same can be registered as the next revision.
      </Box>
    </Action>
  );
}

function Overview({ definition }: { definition: TaskDefinition }) {
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Status", value: <PlainStatus status={definition.status} /> },
          { label: "Network mode", value: definition.networkMode ?? "-" },
          { label: "Registered", value: moment(definition.registeredAt) },
          { label: "ARN", value: <Arn arn={definition.taskDefinitionArn} /> },
        ]}
      />
    </Container>
  );
}

function ports({ portMappings }: ContainerDefinition): string {
  return (portMappings ?? [])
    .map(
      ({ hostPort, containerPort, protocol }) =>
        `${hostPort || "dynamic"} → ${containerPort}/${protocol ?? "tcp"}`,
    )
    .join(", ");
}

function memory({ memory: hard, memoryReservation: soft }: ContainerDefinition): string {
  const parts = [hard && `${hard} MiB at most`, soft && `${soft} MiB reserved`];
  return parts.filter(Boolean).join(", ") || "-";
}

const COLUMNS: Column<ContainerDefinition>[] = [
  { id: "name", header: "Container", value: (c) => c.name, cell: (c) => c.name, minWidth: 140 },
  { id: "image", header: "Image", value: (c) => c.image, cell: (c) => c.image, minWidth: 180 },
  {
    id: "essential",
    header: "Essential",
    cell: (c) => (c.essential === false ? "no" : "yes"),
    minWidth: 100,
  },
  { id: "cpu", header: "CPU units", value: (c) => c.cpu, cell: (c) => c.cpu ?? 0, minWidth: 110 },
  {
    id: "memory",
    header: "Memory",
    value: (c) => c.memory ?? c.memoryReservation,
    cell: memory,
    minWidth: 150,
  },
  {
    id: "ports",
    header: "Host port → container port",
    value: ports,
    cell: (c) => ports(c) || "-",
    minWidth: 220,
  },
];

function Containers({ definition }: { definition: TaskDefinition }) {
  return (
    <ResourceTable
      noun="containers"
      title="Containers"
      columns={COLUMNS}
      query={known(definition.containerDefinitions)}
      rowKey={(container) => container.name ?? ""}
      empty="This task definition has no container."
    />
  );
}

function Json({ definition }: { definition: TaskDefinition }) {
  const text = JSON.stringify(definition, null, 2);
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <CopyToClipboard
              variant="button"
              copyButtonText="Copy JSON"
              copySuccessText="JSON copied"
              copyErrorText="The browser did not let it be copied"
              textToCopy={text}
            />
          }
        >
          JSON
        </Header>
      }
    >
      {/* A line that is longer than the page scrolls here, by keyboard too, and not with all of the page. */}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls is to be reached */}
      <section aria-label="JSON of the revision" tabIndex={0} style={{ overflowX: "auto" }}>
        <Box variant="pre">{text}</Box>
      </section>
    </Container>
  );
}
