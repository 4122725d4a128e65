import type { Deployment, Service, Task } from "@aws-sdk/client-ecs";
import { count } from "./text";

/** How many tasks are where on their way. */
export interface Phases {
  pending: number;
  running: number;
  /** Told to stop: they drain from their target groups and end. */
  draining: number;
}

/** The tasks of the newest deployment and of those before it, from a time (milliseconds) on. */
export interface Moment {
  at: number;
  newer: Phases;
  older: Phases;
}

/** What a timeline shows before and after the deployment. */
export const AROUND_SECONDS = 1;

const NONE: Phases = { pending: 0, running: 0, draining: 0 };

interface Change {
  at: number;
  side: "newer" | "older";
  from: keyof Phases | null;
  to: keyof Phases | null;
}

/** A task's way: pending, running, draining, gone. A part that it skips takes no time. */
function changes(task: Task, side: Change["side"]): Change[] {
  const made = task.createdAt?.getTime();
  if (made === undefined) return [];
  const found: Change[] = [{ at: made, side, from: null, to: "pending" }];
  const go = (to: keyof Phases | null, date: Date | undefined) => {
    const last = found.at(-1);
    if (date && last) found.push({ at: Math.max(last.at, date.getTime()), side, from: last.to, to });
  };
  go("running", task.startedAt);
  go("draining", task.stoppingAt);
  go(null, task.executionStoppedAt ?? task.stoppedAt);
  return found;
}

/** Every change of the counts in a span of time, the counts at its begin first. */
export function timeline(tasks: Task[], newest: string, begin: number, end: number): Moment[] {
  const all = tasks
    .flatMap((task) => changes(task, task.startedBy === newest ? "newer" : "older"))
    .sort((one, other) => one.at - other.at);
  let moment: Moment = { at: begin, newer: NONE, older: NONE };
  const moments: Moment[] = [];
  for (const { at, side, from, to } of all) {
    if (at > end) break;
    if (at > begin && moments.length === 0) moments.push(moment);
    const counts = { ...moment[side] };
    if (from) counts[from] -= 1;
    if (to) counts[to] += 1;
    moment = { ...moment, at: Math.max(at, begin), [side]: counts };
    if (at > begin && moments.at(-1)?.at === at) moments.pop();
    if (at > begin) moments.push(moment);
  }
  return moments.length ? moments : [moment];
}

/** At most so many of them: the last of each span of equal length, and the first. */
export function thinned(moments: Moment[], most: number): Moment[] {
  const [first, last] = [moments[0], moments.at(-1)];
  if (!first || !last || moments.length <= most) return moments;
  const width = (last.at - first.at) / (most - 1);
  const slot = ({ at }: Moment) => Math.ceil((at - first.at) / width);
  return moments.filter((moment, index) => {
    const next = moments[index + 1];
    return !next || slot(next) !== slot(moment);
  });
}

/** What a second of a deployment saw, with the counts at its end: its events, or else what changed. */
export interface Step extends Moment {
  what: string[];
}

/** The seconds in which something happened, in order; of those that only changed counts so many at most. */
export function steps(moments: Moment[], events: { at: number; message: string }[], most: number): Step[] {
  const changed = thinned(lastOfSeconds(moments), most).map(({ at }) => secondOf(at));
  const told = new Map<number, string[]>();
  for (const { at, message } of events) told.set(secondOf(at), [...(told.get(secondOf(at)) ?? []), message]);
  const seconds = [...new Set([...changed, ...told.keys()])].sort((one, other) => one - other);
  const found: Step[] = [];
  for (const second of seconds) {
    const counts = moments.findLast(({ at }) => secondOf(at) <= second) ?? moments[0];
    if (!counts) continue;
    const what = told.get(second) ?? [changeText(found.at(-1), counts)];
    found.push({ ...counts, at: second * 1000, what });
  }
  return found;
}

const secondOf = (at: number) => Math.floor(at / 1000);

const lastOfSeconds = (moments: Moment[]) =>
  moments.filter(({ at }, index) => secondOf(moments[index + 1]?.at ?? Infinity) !== secondOf(at));

/** How the counts came from those before: `1 new task runs, 2 old tasks drain`. */
function changeText(before: Moment | undefined, after: Moment): string {
  if (!before) return "Before the deployment";
  const of = (side: Change["side"], noun: string) => {
    const more = (phase: keyof Phases) => after[side][phase] - before[side][phase];
    const gone = -(more("pending") + more("running") + more("draining"));
    return [
      more("pending") > 0 && `${count(more("pending"), noun)} pending`,
      more("running") > 0 && `${count(more("running"), noun)} running`,
      more("draining") > 0 && `${count(more("draining"), noun)} draining`,
      gone > 0 && `${count(gone, noun)} gone`,
    ];
  };
  return [...of("newer", "new task"), ...of("older", "old task")].filter(Boolean).join(", ") || "No change";
}

export function isDone({ deployments }: Service): boolean {
  return deployments?.[0]?.rolloutState === "COMPLETED" && deployments.length === 1;
}

/** What a deployment's timeline shows: from when it began until it was done, or until now. */
export function span(service: Service, tasks: Task[], now: number): { begin: number; end: number } {
  const primary = service.deployments?.[0];
  const begin = primary?.createdAt?.getTime() ?? now;
  if (!primary || !isDone(service))
    return { begin: begin - AROUND_SECONDS * 1000, end: Math.max(now, begin) };
  const done = primary.updatedAt?.getTime() ?? begin;
  // The last old task may go after the roll-out was called completed.
  const gone = tasks
    .filter(({ startedBy, createdAt }) => startedBy !== primary.id && (createdAt?.getTime() ?? 0) < done)
    .map(({ executionStoppedAt, stoppedAt }) => (executionStoppedAt ?? stoppedAt)?.getTime() ?? 0);
  return {
    begin: begin - AROUND_SECONDS * 1000,
    end: gone.reduce((last, at) => Math.max(last, at), done) + AROUND_SECONDS * 1000,
  };
}

/** How many of the tasks each deployment has, by its id. */
export function countsOf(tasks: Task[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { startedBy = "" } of tasks) counts.set(startedBy, (counts.get(startedBy) ?? 0) + 1);
  return counts;
}

/** Counts in words: `1 pending, 2 running`. */
export function phasesText({ pending, running, draining }: Phases): string {
  const parts = [
    pending > 0 && `${pending} pending`,
    running > 0 && `${running} running`,
    draining > 0 && `${draining} draining`,
  ].filter(Boolean);
  return parts.join(", ") || "none";
}

/** The newest deployment that failed, and the one that went back before it. */
export function setback(service: Service): { failed: Deployment | undefined; back: Deployment | undefined } {
  const deployments = service.deployments ?? [];
  return {
    failed: deployments.find(({ rolloutState }) => rolloutState === "FAILED"),
    back: deployments.find(({ rolloutStateReason }) => rolloutStateReason?.includes("rolling back to")),
  };
}

/** Failures at which the circuit breaker trips: half of the desired count, from 3 to 200. */
export function breakerThreshold(desired: number): number {
  return Math.min(200, Math.max(3, Math.ceil(desired / 2)));
}
