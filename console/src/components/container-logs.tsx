import type { Service, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { taskDefinitionQuery } from "../lib/ecs";
import { type ContainerLog, serviceLogs, taskLogs } from "../lib/log-sources";
import { Details } from "./details";
import { PageLink, paths } from "./link";
import { LogViewer } from "./log-viewer";

/** What the containers of a task print. */
export function TaskLogs({ task }: { task: Task }) {
  return (
    <OfDefinition arn={task.taskDefinitionArn}>
      {(definition) => <ContainerLogs logs={taskLogs(task, definition)} />}
    </OfDefinition>
  );
}

/** What the containers of all tasks of a service print. */
export function ServiceLogs({ service }: { service: Service }) {
  return (
    <OfDefinition arn={service.taskDefinition}>
      {(definition) => <ContainerLogs logs={serviceLogs(definition)} />}
    </OfDefinition>
  );
}

interface DefinitionProps {
  arn: string | undefined;
  children: (definition: TaskDefinition) => ReactNode;
}

function OfDefinition({ arn, children }: DefinitionProps) {
  return (
    <Details noun="task definition" query={useQuery(taskDefinitionQuery(arn ?? ""))}>
      {children}
    </Details>
  );
}

function ContainerLogs({ logs }: { logs: ContainerLog[] }) {
  const [chosen, choose] = useState(logs[0]?.container ?? "");
  const log = logs.find(({ container }) => container === chosen) ?? logs[0];
  return (
    <SpaceBetween size="m">
      {logs.length > 1 && (
        <SegmentedControl
          label="Container"
          selectedId={log?.container ?? ""}
          options={logs.map(({ container }) => ({ id: container, text: container }))}
          onChange={({ detail }) => choose(detail.selectedId)}
        />
      )}
      {log && <OneLog log={log} />}
    </SpaceBetween>
  );
}

function OneLog({ log: { container, source, reason } }: { log: ContainerLog }) {
  if (!source) {
    return (
      <Container header={<Header variant="h2">{`Log of ${container}`}</Header>}>
        <Box>{reason}</Box>
      </Container>
    );
  }
  return (
    <SpaceBetween size="xs">
      <LogViewer key={`${source.group} ${source.prefix}`} title={`Log of ${container}`} source={source} />
      <Box>
        Log group <PageLink to={paths.logGroup(source.group)}>{source.group}</PageLink>, streams{" "}
        {source.prefix}
      </Box>
    </SpaceBetween>
  );
}
