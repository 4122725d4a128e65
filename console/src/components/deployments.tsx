import type { Deployment, Service, Task } from "@aws-sdk/client-ecs";
import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import {
  AROUND_SECONDS,
  breakerThreshold,
  countsOf,
  isDone,
  phasesText,
  type Step,
  setback,
  span,
  steps,
  timeline,
} from "../lib/deployment-timeline";
import { instancesQuery, tasksQuery } from "../lib/ecs";
import { targetHealthQuery } from "../lib/elbv2";
import { healthyTargets, healthyTasks } from "../lib/healthy-tasks";
import { nameOf } from "../lib/text";
import { moment } from "../lib/times";
import { Age } from "./age";
import { RevisionLink } from "./link";
import { useNow } from "./now";
import { type Column, known, ResourceTable } from "./resource-table";
import { RollBack, ServiceHistory } from "./service-history";
import { RolloutStatus } from "./statuses";
import { TimelineChart } from "./timeline-chart";

const STEPS_MAX = 100;

/** The tab of a service's page about where it is going, and how far it is. */
export function Deployments({ service }: { service: Service }) {
  const cluster = nameOf(service.clusterArn);
  const running = useQuery(tasksQuery(cluster, "RUNNING", service.serviceName));
  const stopped = useQuery(tasksQuery(cluster, "STOPPED", service.serviceName));
  const tasks = useMemo(
    () => [...(running.data ?? []), ...(stopped.data ?? [])],
    [running.data, stopped.data],
  );
  const healthy = useHealthy(service, tasks);
  return (
    <SpaceBetween size="l">
      <Setback service={service} />
      <ResourceTable
        noun="deployments"
        title="Deployments"
        description={`PRIMARY is where the service is going, ACTIVE what it leaves: its tasks drain before they stop. ${breaker(service)}`}
        columns={columns(tasks, healthy)}
        query={known(service.deployments)}
        rowKey={(deployment) => deployment.id ?? ""}
        empty="This service has no deployment."
        actions={<RollBack service={service} />}
      />
      {running.data && stopped.data && <Timeline service={service} tasks={tasks} />}
      <ServiceHistory service={service} />
    </SpaceBetween>
  );
}

/** The tasks that serve; undefined until all of it is known. */
function useHealthy(service: Service, tasks: Task[]): Task[] | undefined {
  const uses = service.loadBalancers ?? [];
  const instances = useQuery(instancesQuery(nameOf(service.clusterArn)));
  const targets = useQueries({
    queries: uses.map(({ targetGroupArn }) => targetHealthQuery(targetGroupArn ?? "")),
  });
  if (!instances.data || targets.some(({ data }) => !data)) return undefined;
  const known = uses.map((use, index) => ({ use, healthy: healthyTargets(targets[index]?.data ?? []) }));
  return healthyTasks(tasks, instances.data, known);
}

function breaker(service: Service): string {
  const given = service.deploymentConfiguration?.deploymentCircuitBreaker;
  if (!given?.enable) return "The circuit breaker is off: a deployment whose tasks fail goes on trying.";
  const failures = breakerThreshold(service.desiredCount ?? 0);
  const then = given.rollback ? "the last revision that worked comes back" : "the deployment ends as failed";
  return `After ${failures} tasks that fail to start the circuit breaker trips: ${then}.`;
}

function Setback({ service }: { service: Service }) {
  const { failed, back } = setback(service);
  if (!failed && !back) return null;
  return (
    <Alert
      type={failed && !back ? "error" : "warning"}
      header={back ? `Rolling back to ${nameOf(back.taskDefinition)}` : "The deployment failed"}
    >
      {failed && `${nameOf(failed.taskDefinition)} (${failed.id}): ${failed.rolloutStateReason} `}
      {back?.rolloutStateReason}
    </Alert>
  );
}

const isDraining = (task: Task) => task.desiredStatus === "STOPPED" && task.lastStatus !== "STOPPED";

function columns(tasks: Task[], healthy: Task[] | undefined): Column<Deployment>[] {
  const number = (id: string, header: string, value: (d: Deployment) => number | undefined) => ({
    id,
    header,
    cell: (d: Deployment) => value(d) ?? "-",
    minWidth: 75,
  });
  const draining = countsOf(tasks.filter(isDraining));
  const serving = healthy && countsOf(healthy);
  return [
    {
      id: "status",
      header: "Status",
      value: (d) => d.status,
      cell: (d) => (
        <>
          {d.status}
          <Box fontSize="body-s">
            began <Age since={d.createdAt} /> ago
          </Box>
        </>
      ),
      minWidth: 120,
    },
    {
      id: "definition",
      header: "Task definition",
      value: (d) => nameOf(d.taskDefinition),
      cell: (d) => <RevisionLink arn={d.taskDefinition} />,
      minWidth: 130,
    },
    { id: "progress", header: "Tasks", cell: (d) => <Progress deployment={d} />, minWidth: 125 },
    number("pending", "Pending", (d) => d.pendingCount),
    number("healthy", "Healthy", (d) => serving && (serving.get(d.id ?? "") ?? 0)),
    number("draining", "Draining", (d) => draining.get(d.id ?? "") ?? 0),
    number("failed", "Failed", (d) => d.failedTasks),
    {
      id: "rollout",
      header: "Rollout",
      value: (d) => `${d.rolloutState} ${d.rolloutStateReason}`,
      cell: (d) => (
        <>
          <RolloutStatus state={d.rolloutState} />
          <Box fontSize="body-s">{d.rolloutStateReason}</Box>
        </>
      ),
      minWidth: 175,
    },
  ];
}

function Progress({ deployment }: { deployment: Deployment }) {
  const { desiredCount = 0, runningCount = 0, status } = deployment;
  const isOld = status === "ACTIVE";
  const text = isOld ? `${runningCount} still run` : `${runningCount} of ${desiredCount} run`;
  return (
    <ProgressBar
      variant="standalone"
      value={desiredCount || isOld ? (100 * runningCount) / Math.max(desiredCount, runningCount, 1) : 100}
      status={deployment.rolloutState === "FAILED" ? "error" : "in-progress"}
      additionalInfo={text}
      resultText={text}
      ariaLabel={`Tasks of ${deployment.id}`}
    />
  );
}

const newerText = ({ newer }: Step) => phasesText(newer);
const olderText = ({ older }: Step) => phasesText(older);

const HAPPENED: Column<Step>[] = [
  { id: "at", header: "Time", value: ({ at }) => at, cell: ({ at }) => moment(new Date(at)), minWidth: 200 },
  { id: "newer", header: "New tasks", value: newerText, cell: newerText, minWidth: 170 },
  { id: "older", header: "Old tasks", value: olderText, cell: olderText, minWidth: 170 },
  {
    id: "what",
    header: "What happened",
    value: ({ what }) => what.join("\n"),
    cell: ({ what }) => <div className="lines">{what.join("\n")}</div>,
    minWidth: 420,
  },
];

/** New and old tasks over the time of the newest deployment: drawn, and as a table that can be read aloud. */
function Timeline({ service, tasks }: { service: Service; tasks: Task[] }) {
  const isOver = isDone(service);
  const now = useNow(isOver ? null : 1000);
  const primary = service.deployments?.[0];
  const { begin, end } = useMemo(() => span(service, tasks, now), [service, tasks, now]);
  const moments = useMemo(
    () => timeline(tasks, primary?.id ?? "", begin, end),
    [tasks, primary?.id, begin, end],
  );
  const last = moments.at(-1);
  const happened = useMemo(() => {
    const told = (service.events ?? [])
      .map(({ createdAt, message = "" }) => ({ at: createdAt?.getTime() ?? 0, message }))
      .filter(({ at }) => at >= begin && at <= end + 1000);
    return steps(moments, told, STEPS_MAX);
  }, [service.events, moments, begin, end]);
  const state = last ? `New tasks: ${phasesText(last.newer)}. Old tasks: ${phasesText(last.older)}.` : "";
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header
            variant="h2"
            description={
              isOver
                ? `Done. It took ${Math.round((end - begin) / 1000 - 2 * AROUND_SECONDS) || "less than 1"} s. Tasks that stopped more than an hour ago are not known any more.`
                : state
            }
          >
            Timeline of {nameOf(primary?.taskDefinition)}
          </Header>
        }
      >
        <TimelineChart moments={moments} begin={begin} end={end} description={state} />
      </Container>
      <ResourceTable
        noun="steps"
        title="What happened"
        columns={HAPPENED}
        query={known(happened)}
        rowKey={({ at }) => String(at)}
        sortBy="at"
        isDescending
        empty="Nothing has happened yet."
      />
    </SpaceBetween>
  );
}
