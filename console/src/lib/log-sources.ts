import type { ContainerDefinition, Task, TaskDefinition } from "@aws-sdk/client-ecs";
import { awsCommand, nameOf } from "./text";

/** Where lines come from: a group, and of its streams those that begin so. */
export interface LogSource {
  group: string;
  prefix?: string;
}

/** What a container prints: a source in CloudWatch Logs, or why there is none. */
export interface ContainerLog {
  container: string;
  source: LogSource | null;
  reason?: string;
}

const AWSLOGS = "awslogs";

function reasonOf({ logConfiguration }: ContainerDefinition): string {
  const driver = logConfiguration?.logDriver;
  const what = driver ? `goes to the log driver ${driver}` : "has no log configuration";
  return `What this container prints ${what}: it is in files of its host, where tidegate logs reads it.`;
}

/** What each container's lines go to, by the source that `found` makes of its awslogs configuration, or why
 * there is none. */
function logsOf(
  definition: TaskDefinition,
  found: (name: string, group: string, prefix: string | undefined) => LogSource | string,
): ContainerLog[] {
  return (definition.containerDefinitions ?? []).map((container) => {
    const name = container.name ?? "";
    const options = container.logConfiguration?.options ?? {};
    const group = options["awslogs-group"];
    const source =
      container.logConfiguration?.logDriver === AWSLOGS && group
        ? found(name, group, options["awslogs-stream-prefix"])
        : reasonOf(container);
    return typeof source === "string"
      ? { container: name, source: null, reason: source }
      : { container: name, source };
  });
}

/** What a task's containers print: streams are named PREFIX/CONTAINER/TASK-ID, or by the container's id. */
export function taskLogs(task: Task, definition: TaskDefinition): ContainerLog[] {
  return logsOf(definition, (name, group, prefix) => {
    const runtimeId = task.containers?.find((one) => one.name === name)?.runtimeId;
    const stream = prefix ? `${prefix}/${name}/${nameOf(task.taskArn)}` : runtimeId;
    return stream ? { group, prefix: stream } : "The container has not been started yet.";
  });
}

/** What the containers of all tasks of a service print, those that have stopped among them. */
export function serviceLogs(definition: TaskDefinition): ContainerLog[] {
  return logsOf(definition, (name, group, prefix) =>
    prefix
      ? { group, prefix: `${prefix}/${name}/` }
      : `Its streams have no awslogs-stream-prefix that would tell them from others in ${group}: open a task's logs.`,
  );
}

/** The last part of a stream's name, cut: a task's id or a container's, as it stands before a line. */
export function shortStream(stream: string): string {
  return stream.split("/").at(-1)?.slice(0, 8) ?? "";
}

/** The same as an `aws` command. */
export function logCommand(source: LogSource, pattern: string, begin: number): string {
  return awsCommand("logs filter-log-events", {
    "log-group-name": source.group,
    "log-stream-name-prefix": source.prefix,
    "start-time": begin || undefined,
    "filter-pattern": pattern || undefined,
  });
}
