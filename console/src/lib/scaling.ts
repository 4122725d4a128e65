import {
  ApplicationAutoScalingClient,
  DescribeScalingActivitiesCommand,
  paginateDescribeScalableTargets,
  paginateDescribeScalingPolicies,
  paginateDescribeScheduledActions,
  type ScalableTarget,
  type ScalingActivity,
  type ScalingPolicy,
  type ScheduledAction,
} from "@aws-sdk/client-application-auto-scaling";
import { queryOptions } from "@tanstack/react-query";
import { clientOptions } from "./clients";
import { ofOne } from "./listing";
import { awsCommand } from "./text";

export const scaling = new ApplicationAutoScalingClient(clientOptions);

/** The desired count of a service, as Application Auto Scaling names it. */
export const scaled = (cluster: string, service: string) =>
  ({
    ServiceNamespace: "ecs",
    ResourceId: `service/${cluster}/${service}`,
    ScalableDimension: "ecs:service:DesiredCount",
  }) as const;

/** An `aws application-autoscaling` command about that count. */
export function scalingCommand(
  operation: string,
  cluster: string,
  service: string,
  parameters: Record<string, string | number | boolean | undefined> = {},
): string {
  const { ServiceNamespace, ResourceId, ScalableDimension } = scaled(cluster, service);
  return awsCommand(`application-autoscaling ${operation}`, {
    "service-namespace": ServiceNamespace,
    "resource-id": ResourceId,
    "scalable-dimension": ScalableDimension,
    ...parameters,
  });
}

/** Whether a policy or a scheduled action can be called so. */
export const isName = (text: string): boolean => /^[^:/|]{1,256}$/.test(text);
export const NAME_FAULT = "1 to 256 characters, none of them a colon, a slash or a vertical bar.";

const ACTIVITIES_MAX = 50;
// Pages of AWS's own sizes: policies come ten at a time.
const paging = { client: scaling };

/** The bounds of a service, or null where it is not scaled. */
export const scalableTargetQuery = (cluster: string, service: string) =>
  queryOptions({
    queryKey: ["scaling", "target", cluster, service],
    meta: ofOne(scaled(cluster, service).ResourceId),
    queryFn: async (): Promise<ScalableTarget | null> => {
      const { ResourceId, ...asked } = scaled(cluster, service);
      for await (const page of paginateDescribeScalableTargets(paging, {
        ...asked,
        ResourceIds: [ResourceId],
      }))
        if (page.ScalableTargets?.[0]) return page.ScalableTargets[0];
      return null;
    },
  });

export const policiesQuery = (cluster: string, service: string) =>
  queryOptions({
    queryKey: ["scaling", "policy", cluster, service],
    meta: ofOne(scaled(cluster, service).ResourceId),
    queryFn: async (): Promise<ScalingPolicy[]> => {
      const found: ScalingPolicy[] = [];
      for await (const page of paginateDescribeScalingPolicies(paging, scaled(cluster, service)))
        found.push(...(page.ScalingPolicies ?? []));
      return found;
    },
  });

export const scheduledActionsQuery = (cluster: string, service: string) =>
  queryOptions({
    queryKey: ["scaling", "schedule", cluster, service],
    meta: ofOne(scaled(cluster, service).ResourceId),
    queryFn: async (): Promise<ScheduledAction[]> => {
      const found: ScheduledAction[] = [];
      for await (const page of paginateDescribeScheduledActions(paging, scaled(cluster, service)))
        found.push(...(page.ScheduledActions ?? []));
      return found;
    },
  });

/** The newest activities, those that changed nothing included. */
export const activitiesQuery = (cluster: string, service: string) =>
  queryOptions({
    queryKey: ["scaling", "activity", cluster, service],
    meta: ofOne(scaled(cluster, service).ResourceId),
    queryFn: async (): Promise<ScalingActivity[]> => {
      const asked = {
        ...scaled(cluster, service),
        IncludeNotScaledActivities: true,
        MaxResults: ACTIVITIES_MAX,
      };
      return (await scaling.send(new DescribeScalingActivitiesCommand(asked))).ScalingActivities ?? [];
    },
  });
