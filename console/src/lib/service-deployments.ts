import {
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
  type Service,
  type ServiceDeploymentBrief,
  type ServiceRevision,
  StopServiceDeploymentCommand,
} from "@aws-sdk/client-ecs";
import { queryOptions } from "@tanstack/react-query";
import { ecs } from "./clients";
import { described } from "./ecs";
import { awsCommand } from "./text";

const DESCRIBED_MAX = 20;
const STOPPABLE = new Set(["PENDING", "IN_PROGRESS"]);
const ENDED = new Set(["SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"]);

/** A service's deployments, the newest first. */
export const serviceDeploymentsQuery = (cluster: string, service: string) =>
  queryOptions({
    queryKey: ["service-deployment", cluster, service],
    queryFn: async (): Promise<ServiceDeploymentBrief[]> => {
      const found: ServiceDeploymentBrief[] = [];
      // The SDK has no paginator for it.
      let nextToken: string | undefined;
      do {
        const asked = { cluster, service, maxResults: 100, nextToken };
        const page = await ecs.send(new ListServiceDeploymentsCommand(asked));
        found.push(...(page.serviceDeployments ?? []));
        nextToken = page.nextToken;
      } while (nextToken);
      return found;
    },
    meta: { shows: (arn) => arn.endsWith(`:service/${cluster}/${service}`) },
  });

/** Service revisions of these ARNs, by ARN. They never change. */
export const serviceRevisionsQuery = (arns: string[]) =>
  queryOptions({
    queryKey: ["service-revision", arns],
    queryFn: async (): Promise<Record<string, ServiceRevision>> => {
      const found = await described(
        arns,
        DESCRIBED_MAX,
        async (serviceRevisionArns) =>
          (await ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns }))).serviceRevisions ??
          [],
      );
      return Object.fromEntries(found.map((revision) => [revision.serviceRevisionArn ?? "", revision]));
    },
    // Those that are known stand while a new deployment's is asked for.
    placeholderData: (before) => before,
    staleTime: Number.POSITIVE_INFINITY,
    refetchInterval: false,
  });

export const listCommand = (cluster: string, service: string) =>
  awsCommand("ecs list-service-deployments", { cluster, service });

export const rollBackCommand = (arn: string) =>
  awsCommand("ecs stop-service-deployment", { "service-deployment-arn": arn, "stop-type": "ROLLBACK" });

export const rollBack = (serviceDeploymentArn: string) =>
  ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: "ROLLBACK" }));

/** The deployment that can be rolled back, of those of a service. */
export const stoppable = (deployments: ServiceDeploymentBrief[] | undefined) =>
  deployments?.find(({ status }) => STOPPABLE.has(status ?? ""));

/** What a roll-back returns to, as far as the history tells: the newest revision that was deployed before and that
 * worked. */
export function rollBackTarget(
  deployments: ServiceDeploymentBrief[],
  arn: string,
): ServiceDeploymentBrief | undefined {
  const place = deployments.findIndex(({ serviceDeploymentArn }) => serviceDeploymentArn === arn);
  return deployments.slice(place + 1).find(({ status }) => status === "SUCCESSFUL");
}

/** The task definition of the newest completed deployment that the service still has beside the present one: there a
 * roll-back goes first. */
export const completedBefore = ({ deployments }: Service): string | undefined =>
  deployments?.find(({ status, rolloutState }) => status !== "PRIMARY" && rolloutState === "COMPLETED")
    ?.taskDefinition;

/** How long it took, in whole seconds; undefined while it lasts. */
export function secondsOf({ status, startedAt, finishedAt }: ServiceDeploymentBrief): number | undefined {
  if (!ENDED.has(status ?? "") || !startedAt || !finishedAt) return undefined;
  return Math.round((finishedAt.getTime() - startedAt.getTime()) / 1000);
}

/** Seconds in up to two units, as `3 min 20 s`. */
export function tookText(seconds: number | undefined): string {
  if (seconds === undefined) return "-";
  if (seconds === 0) return "under 1 s";
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  const parts = [
    hours && `${hours} h`,
    minutes && `${minutes} min`,
    !hours && seconds % 60 && `${seconds % 60} s`,
  ];
  return parts.filter(Boolean).join(" ");
}
