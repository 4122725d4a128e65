import type { Service } from "@aws-sdk/client-ecs";
import { useQuery } from "@tanstack/react-query";
import { usageCharts } from "../lib/known-charts";
import { activitiesQuery, policiesQuery } from "../lib/scaling";
import { desiredCounts, policyChart } from "../lib/scaling-curve";
import { nameOf } from "../lib/text";
import { Metrics } from "./metric-chart";

const DESIRED = "Desired count, as scaling set it";

/** The metric of each target tracking policy against its target, and the tasks over the same time. */
export function ScalingCurves({ service }: { service: Service }) {
  const [cluster, name] = [nameOf(service.clusterArn), service.serviceName ?? ""];
  const policies = useQuery(policiesQuery(cluster, name));
  const activities = useQuery(activitiesQuery(cluster, name));
  const kept = (policies.data ?? []).flatMap((policy) => policyChart(policy, service) ?? []);
  const tasks = usageCharts(service)[2];
  if (kept.length === 0 || !tasks) return null;
  const desired = service.desiredCount ?? 0;
  return (
    <Metrics
      title="Policies at work"
      description="A policy adds tasks when its metric is above the target, and takes tasks away when it is well below."
      charts={[...kept, { ...tasks, title: "Tasks" }]}
      extra={(chart, span) =>
        chart === kept.length
          ? { title: DESIRED, points: desiredCounts(activities.data ?? [], desired, span) }
          : undefined
      }
    />
  );
}
