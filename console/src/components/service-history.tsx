import type { Service, ServiceDeploymentBrief, ServiceRevision } from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import { useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import {
  completedBefore,
  listCommand,
  rollBack,
  rollBackCommand,
  rollBackTarget,
  secondsOf,
  serviceDeploymentsQuery,
  serviceRevisionsQuery,
  stoppable,
  tookText,
} from "../lib/service-deployments";
import { nameOf } from "../lib/text";
import { moment } from "../lib/times";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { RevisionLink } from "./link";
import { type Column, ResourceTable } from "./resource-table";
import { ServiceDeploymentStatus } from "./statuses";

type Revisions = Record<string, ServiceRevision> | undefined;

/** Every deployment that a service has had, with what came of it. */
export function ServiceHistory({ service }: { service: Service }) {
  const { cluster, name, query, revisions } = useHistory(service);
  const shown = useMemo(() => columns(revisions), [revisions]);
  return (
    <ResourceTable
      noun="service deployments"
      title="History"
      description="What was deployed in the last 90 days, and what came of it."
      columns={shown}
      query={query}
      rowKey={({ serviceDeploymentArn }) => serviceDeploymentArn ?? ""}
      sortBy="at"
      isDescending
      empty="Nothing was deployed yet. The service's creation is its first deployment; an update to another task definition, and one that is forced, are more."
      actions={<CopyCommand command={listCommand(cluster, name)} />}
    />
  );
}

/** Asks, and rolls back the deployment that is in progress. */
export function RollBack({ service }: { service: Service }) {
  const { name, query, revisions } = useHistory(service);
  const deployments = query.data ?? [];
  const present = stoppable(deployments);
  // The one that was asked about: it may end, or another begin, while the question is open.
  const [deployment, setDeployment] = useState(present);
  const arn = deployment?.serviceDeploymentArn ?? "";
  const target = rollBackTarget(deployments, arn);
  const kept = nameOf(completedBefore(service)) || definitionOf(target, revisions);
  const from = definitionOf(deployment, revisions) || "this revision";
  return (
    <Action
      label="Roll back"
      title={`Roll back ${name}?`}
      command={rollBackCommand(arn)}
      run={() => rollBack(arn)}
      done={`${name} is being rolled back.`}
      kinds={["service", "service-deployment", "task"]}
      isDisabled={!present}
      onOpen={() => setDeployment(present)}
    >
      {kept || target ? (
        <Box>
          The deployment of {from} ends, and {kept || "the revision before"} is deployed again: its tasks
          start and become healthy before others drain.
        </Box>
      ) : (
        <Box>
          No earlier deployment of this service is known to have succeeded. Without one there is nothing to
          return to: the deployment of {from} fails, and no more tasks start.
        </Box>
      )}
    </Action>
  );
}

function useHistory(service: Service) {
  const cluster = nameOf(service.clusterArn);
  const name = service.serviceName ?? "";
  const query = useQuery(serviceDeploymentsQuery(cluster, name));
  const arns = useMemo(
    () => [...new Set((query.data ?? []).map((one) => one.targetServiceRevisionArn ?? ""))].sort(),
    [query.data],
  );
  const revisions = useQuery({ ...serviceRevisionsQuery(arns), enabled: arns.length > 0 });
  return { cluster, name, query, revisions: revisions.data };
}

function definitionOf(deployment: ServiceDeploymentBrief | undefined, revisions: Revisions): string {
  return nameOf(revisions?.[deployment?.targetServiceRevisionArn ?? ""]?.taskDefinition);
}

function columns(revisions: Revisions): Column<ServiceDeploymentBrief>[] {
  return [
    {
      id: "at",
      header: "Created",
      value: (d) => d.createdAt?.getTime(),
      cell: (d) => moment(d.createdAt),
      minWidth: 190,
    },
    {
      id: "status",
      header: "Status",
      value: (d) => `${d.status} ${d.statusReason ?? ""}`,
      cell: (d) => (
        <>
          <ServiceDeploymentStatus status={d.status} />
          {d.statusReason && <Box fontSize="body-s">{d.statusReason}</Box>}
        </>
      ),
      minWidth: 260,
    },
    {
      id: "definition",
      header: "Task definition",
      value: (d) => definitionOf(d, revisions),
      cell: (d) => {
        const definition = revisions?.[d.targetServiceRevisionArn ?? ""]?.taskDefinition;
        return definition ? <RevisionLink arn={definition} /> : "-";
      },
      minWidth: 130,
    },
    {
      id: "took",
      header: "Took",
      value: secondsOf,
      cell: (d) => tookText(secondsOf(d)),
      minWidth: 80,
    },
    {
      id: "id",
      header: "Service deployment",
      value: (d) => nameOf(d.serviceDeploymentArn),
      cell: (d) => <Box variant="code">{nameOf(d.serviceDeploymentArn)}</Box>,
      minWidth: 200,
    },
  ];
}
