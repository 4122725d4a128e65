import {
  type ContainerOverride,
  type Failure,
  RunTaskCommand,
  type RunTaskCommandInput,
  StopTaskCommand,
} from "@aws-sdk/client-ecs";
import type { ClientTokens } from "./client-token";
import { ecs } from "./clients";
import { placement, placementOptions } from "./placement";
import { isOther } from "./same";
import { closedWordsIn } from "./shell-words";
import { awsCommand, count, nameOf } from "./text";

/** What one container of a task gets instead of what its definition says; empty is as it says. */
export interface Override {
  name: string;
  /** Words as a shell takes them, or a JSON list. */
  command: string;
  /** `NAME=value`, one a line. */
  environment: string;
  cpu: string;
  memory: string;
}

/** What the form asks for. Numbers are as they were typed. */
export interface NewTasks {
  family: string;
  /** `family:revision`; empty for the newest. */
  revision: string;
  count: string;
  group: string;
  startedBy: string;
  placement: string;
  overrides: Override[];
}

export const EMPTY_TASKS: NewTasks = {
  family: "",
  revision: "",
  count: "1",
  group: "",
  startedBy: "",
  placement: "none",
  overrides: [],
};

export const emptyOverride = (name: string): Override => ({
  name,
  command: "",
  environment: "",
  cpu: "",
  memory: "",
});

/** The overrides with a part of one container's changed; one that says nothing is none. */
export function overridden(overrides: Override[], name: string, part: Partial<Override>): Override[] {
  const others = overrides.filter((one) => one.name !== name);
  const next = { ...emptyOverride(name), ...overrides.find((one) => one.name === name), ...part };
  return isOther(next, emptyOverride(name)) ? [...others, next] : others;
}

export type TaskFaults = Partial<Record<keyof NewTasks, string>>;

/** What must be mended, by field. AWS has the last word on the rest. */
export function taskFaults(form: NewTasks): TaskFaults {
  const isOverride = ({ cpu, memory, environment, command }: Override) =>
    /^\d{0,9}$/.test(cpu) &&
    /^\d{0,9}$/.test(memory) &&
    lines(environment).every((line) => /^[^=]+=/.test(line)) &&
    words(command) !== null;
  return {
    ...(!form.family && { family: "Choose a task definition." }),
    ...(!/^([1-9]|10)$/.test(form.count) && { count: "1 to 10." }),
    ...(!form.overrides.every(isOverride) && {
      overrides: "Numbers are whole, variables are NAME=value, and quotes of commands are closed.",
    }),
  };
}

const lines = (text: string) => text.split("\n").filter((line) => line.trim() !== "");

/** The words of a command: of a JSON list, or as a shell splits them; null where a quote stays open. */
export function words(text: string): string[] | null {
  if (text.trim().startsWith("[")) {
    try {
      const list: unknown = JSON.parse(text);
      return Array.isArray(list) && list.every((word) => typeof word === "string") ? list : null;
    } catch {
      return null;
    }
  }
  return closedWordsIn(text);
}

function override(form: Override): ContainerOverride | null {
  const command = words(form.command) ?? [];
  const environment = lines(form.environment).map((line) => {
    const at = line.indexOf("=");
    return { name: line.slice(0, at).trim(), value: line.slice(at + 1) };
  });
  const given = {
    ...(command.length > 0 && { command }),
    ...(environment.length > 0 && { environment }),
    ...(form.cpu && { cpu: Number(form.cpu) }),
    ...(form.memory && { memory: Number(form.memory) }),
  };
  return Object.keys(given).length > 0 ? { name: form.name, ...given } : null;
}

/** The request that the form stands for. */
export function runRequest(cluster: string, form: NewTasks): RunTaskCommandInput {
  const containerOverrides = form.overrides.flatMap((one) => override(one) ?? []);
  const { strategy, constraints } = placement(form.placement);
  return {
    cluster,
    taskDefinition: form.revision || form.family,
    count: Number(form.count),
    ...(form.group && { group: form.group }),
    ...(form.startedBy && { startedBy: form.startedBy }),
    ...(strategy.length > 0 && { placementStrategy: strategy }),
    ...(constraints.length > 0 && { placementConstraints: constraints }),
    ...(containerOverrides.length > 0 && { overrides: { containerOverrides } }),
  };
}

/** Run them; the ids of those that started, and why others did not. Raises what AWS says. Another try with the same
 * tokens starts none twice whose answer was lost. */
export async function run(
  cluster: string,
  form: NewTasks,
  tokens: ClientTokens,
): Promise<{ ids: string[]; failures: Failure[] }> {
  const asked = runRequest(cluster, form);
  const { tasks = [], failures = [] } = await tokens.over(asked, (clientToken) =>
    ecs.send(new RunTaskCommand({ ...asked, clientToken })),
  );
  return { ids: tasks.map(({ taskArn }) => nameOf(taskArn)), failures };
}

/** What came of a request of which some tasks are left: what AWS gives as reasons, each with where it holds. */
export function failureText(started: number, left: number, failures: Failure[]): string {
  const reasons = [
    ...new Set(
      failures.map(({ reason, arn, detail }) => {
        const where = arn ? ` (container instance ${nameOf(arn).slice(0, 12)})` : "";
        return `${reason}${where}${detail ? `: ${detail}` : ""}`;
      }),
    ),
  ];
  return `${count(started, "task")} started, ${left} not: ${reasons.join("; ")}. The next try is for the rest.`;
}

export function runCommand(cluster: string, form: NewTasks): string {
  const asked = runRequest(cluster, form);
  return awsCommand("ecs run-task", {
    cluster,
    "task-definition": asked.taskDefinition,
    count: asked.count,
    group: asked.group,
    "started-by": asked.startedBy,
    ...placementOptions(form.placement),
    overrides: asked.overrides && JSON.stringify(asked.overrides),
  });
}

const AT_ONCE = 10;

/** Stop tasks, a few at a time. Raises the first error once all were tried, and says how many it is of. */
export async function stopAll(cluster: string, ids: string[]): Promise<void> {
  const errors: unknown[] = [];
  for (let first = 0; first < ids.length; first += AT_ONCE) {
    const batch = ids.slice(first, first + AT_ONCE);
    const ends = await Promise.allSettled(
      batch.map((task) => ecs.send(new StopTaskCommand({ cluster, task }))),
    );
    errors.push(...ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : [])));
  }
  const [error] = errors;
  if (error === undefined) return;
  if (ids.length === 1 || !(error instanceof Error)) throw error;
  const told = new Error(`${error.message} (${errors.length} of ${ids.length} tasks were not stopped)`);
  told.name = error.name;
  throw told;
}

/** The same as commands, one a line. */
export const stopCommand = (cluster: string, ids: string[]) =>
  ids.map((task) => awsCommand("ecs stop-task", { cluster, task })).join("\n");
