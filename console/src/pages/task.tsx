import type { Task, Container as TaskContainer } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { TaskLogs } from "../components/container-logs";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageLink, paths, RevisionLink } from "../components/link";
import { Page } from "../components/page";
import { type Column, known, ResourceTable } from "../components/resource-table";
import { PlainStatus, TaskStatus } from "../components/statuses";
import { StopTasks } from "../components/stop-task";
import { PageTabs } from "../components/tabs";
import { TaskMetrics } from "../components/task-metrics";
import { EditProtection, TaskProtection } from "../components/task-protection";
import { taskQuery } from "../lib/ecs";
import { awsCommand, nameOf } from "../lib/text";
import { moment } from "../lib/times";

export default function TaskPage() {
  const { cluster = "", task: id = "" } = useParams();
  const command = awsCommand("ecs describe-tasks", { cluster, tasks: id });
  return (
    <Details noun="task" query={useQuery(taskQuery(cluster, id))}>
      {(task) => (
        <Page
          title={`Task ${id.slice(0, 12)}`}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {serviceOf(task) && (
                <EditProtection cluster={cluster} id={id} isDisabled={task.desiredStatus !== "RUNNING"} />
              )}
              <StopTasks
                cluster={cluster}
                tasks={task.desiredStatus === "RUNNING" ? [id] : []}
                isService={serviceOf(task) !== undefined}
              />
              <CopyCommand command={command} />
            </SpaceBetween>
          }
        >
          {task.stoppedReason && (
            <Alert
              type={task.stopCode === "UserInitiated" ? "info" : "warning"}
              header={task.stopCode ?? "Stopped"}
            >
              {task.stoppedReason}
            </Alert>
          )}
          <Overview cluster={cluster} task={task} />
          <PageTabs
            label="Parts of the task"
            tabs={[
              { id: "containers", label: "Containers", content: <Containers task={task} /> },
              { id: "logs", label: "Logs", content: <TaskLogs task={task} /> },
              {
                id: "metrics",
                label: "Metrics",
                content: <TaskMetrics cluster={cluster} task={task} />,
              },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

/** The name of the service that the task is of. */
const serviceOf = ({ group }: Task): string | undefined =>
  group?.startsWith("service:") ? group.slice("service:".length) : undefined;

function Group({ cluster, task }: { cluster: string; task: Task }) {
  const service = serviceOf(task);
  if (!service) return <>{task.group ?? "-"}</>;
  return <PageLink to={paths.service(cluster, service)}>{service}</PageLink>;
}

function Overview({ cluster, task }: { cluster: string; task: Task }) {
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "Last status", value: <TaskStatus status={task.lastStatus} /> },
          { label: "Desired status", value: task.desiredStatus ?? "-" },
          { label: "Service or group", value: <Group cluster={cluster} task={task} /> },
          {
            label: "Task definition",
            value: <RevisionLink arn={task.taskDefinitionArn} />,
          },
          { label: "Created", value: moment(task.createdAt) },
          { label: "Started", value: moment(task.startedAt) },
          { label: "Stopped", value: moment(task.stoppedAt) },
          { label: "Availability zone", value: task.availabilityZone ?? "-" },
          {
            label: "Scale-in protection",
            value: serviceOf(task) ? (
              <TaskProtection cluster={cluster} id={nameOf(task.taskArn)} />
            ) : (
              "None: for tasks of services"
            ),
          },
          { label: "ARN", value: <Arn arn={task.taskArn} /> },
        ]}
      />
    </Container>
  );
}

function bindings(container: TaskContainer): string {
  return (container.networkBindings ?? [])
    .map(
      ({ bindIP, hostPort, containerPort, protocol }) =>
        `${bindIP}:${hostPort} → ${containerPort}/${protocol}`,
    )
    .join(", ");
}

const COLUMNS: Column<TaskContainer>[] = [
  { id: "name", header: "Container", value: (c) => c.name, cell: (c) => c.name, minWidth: 140 },
  {
    id: "status",
    header: "Status",
    value: (c) => c.lastStatus,
    cell: (c) => <TaskStatus status={c.lastStatus} />,
    minWidth: 130,
  },
  { id: "image", header: "Image", value: (c) => c.image, cell: (c) => c.image ?? "-", minWidth: 180 },
  { id: "bindings", header: "Bindings", value: bindings, cell: (c) => bindings(c) || "-", minWidth: 220 },
  {
    id: "health",
    header: "Health",
    value: (c) => c.healthStatus,
    cell: (c) => <PlainStatus status={c.healthStatus} />,
    minWidth: 120,
  },
  {
    id: "exit",
    header: "Exit code",
    value: (c) => c.exitCode,
    cell: (c) => c.exitCode ?? "-",
    minWidth: 100,
  },
  { id: "reason", header: "Reason", value: (c) => c.reason, cell: (c) => c.reason ?? "-", minWidth: 160 },
];

function Containers({ task }: { task: Task }) {
  return (
    <ResourceTable
      noun="containers"
      title="Containers"
      columns={COLUMNS}
      query={known(task.containers)}
      rowKey={(container) => container.containerArn ?? container.name ?? ""}
      sortBy="name"
      empty="This task has no container yet."
    />
  );
}
