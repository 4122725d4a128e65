import type { Task } from "@aws-sdk/client-ecs";
import SegmentedControl from "@cloudscape-design/components/segmented-control";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { memo, useMemo, useState } from "react";
import { type DesiredStatus, tasksQuery } from "../lib/ecs";
import { awsCommand, describeCommand, nameOf } from "../lib/text";
import { Age } from "./age";
import { CopyCommand } from "./copy-command";
import { PageButton, PageLink, paths, RevisionLink } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { PlainStatus, TaskStatus } from "./statuses";
import { StopTasks } from "./stop-task";

function columns(cluster: string, desired: DesiredStatus): Column<Task>[] {
  const since = (task: Task) => (desired === "STOPPED" ? task.stoppedAt : (task.startedAt ?? task.createdAt));
  return [
    {
      id: "id",
      header: "Task",
      value: (t) => nameOf(t.taskArn),
      cell: (t) => (
        <PageLink to={paths.task(cluster, nameOf(t.taskArn))}>{nameOf(t.taskArn).slice(0, 12)}</PageLink>
      ),
      minWidth: 140,
    },
    {
      id: "status",
      header: "Last status",
      value: (t) => t.lastStatus,
      cell: (t) => <TaskStatus status={t.lastStatus} />,
      minWidth: 150,
    },
    { id: "group", header: "Group", value: (t) => t.group, cell: (t) => t.group ?? "-", minWidth: 150 },
    {
      id: "definition",
      header: "Task definition",
      value: (t) => nameOf(t.taskDefinitionArn),
      cell: (t) => <RevisionLink arn={t.taskDefinitionArn} />,
      minWidth: 150,
    },
    desired === "STOPPED"
      ? {
          id: "reason",
          header: "Stopped because",
          value: (t) => t.stoppedReason,
          cell: (t) => t.stoppedReason ?? "-",
          minWidth: 300,
        }
      : {
          id: "health",
          header: "Container health",
          value: (t) => t.healthStatus,
          cell: (t) => <PlainStatus status={t.healthStatus} />,
          minWidth: 150,
        },
    {
      id: "age",
      header: desired === "STOPPED" ? "Stopped" : "Since",
      // Counted from the past, so that the newest is first in ascending order as in "3 s, 2 min".
      value: (t) => -(since(t)?.getTime() ?? 0),
      cell: (t) => (
        <>
          <Age since={since(t)} />
          {desired === "STOPPED" ? " ago" : ""}
        </>
      ),
      minWidth: 110,
    },
  ];
}

const NONE: ReadonlySet<string> = new Set();

/** The tasks of a cluster, or of one of its services; not drawn again for what changes around it. */
export const TaskTable = memo(function TaskTable({
  cluster,
  service,
}: {
  cluster: string;
  service?: string;
}) {
  const [desired, setDesired] = useState<DesiredStatus>("RUNNING");
  const [selected, setSelected] = useState<ReadonlySet<string>>(NONE);
  const query = useQuery(tasksQuery(cluster, desired, service));
  const chosen = selected.size ? (query.data ?? []).filter(({ taskArn = "" }) => selected.has(taskArn)) : [];
  const listed = { cluster, "service-name": service, "desired-status": desired };
  const command = describeCommand(
    awsCommand("ecs list-tasks", listed),
    "taskArns",
    100,
    `${awsCommand("ecs describe-tasks", { cluster })} --tasks`,
  );
  return (
    <ResourceTable
      key={desired}
      noun="tasks"
      title="Tasks"
      columns={useMemo(() => columns(cluster, desired), [cluster, desired])}
      query={query}
      rowKey={(task) => task.taskArn ?? ""}
      sortBy="age"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <StopTasks
            cluster={cluster}
            tasks={chosen.map(({ taskArn }) => nameOf(taskArn))}
            isService={chosen.some(({ group }) => group?.startsWith("service:"))}
            onDone={() => setSelected(NONE)}
          />
          {!service && (
            <PageButton to={paths.runTask(cluster)} isPlain>
              Run task
            </PageButton>
          )}
          <CopyCommand command={command} />
        </SpaceBetween>
      }
      {...(desired === "RUNNING" && { selectedMany: selected, onSelectMany: setSelected })}
      filters={
        <SegmentedControl
          label="Desired status"
          selectedId={desired}
          onChange={({ detail }) => setDesired(detail.selectedId as DesiredStatus)}
          options={[
            { id: "RUNNING", text: "Running" },
            { id: "STOPPED", text: "Stopped" },
          ]}
        />
      }
      empty={
        desired === "RUNNING"
          ? "No task is to run here: raise the desired count of a service, or run a task."
          : "No task has stopped here in the last hour."
      }
    />
  );
});
