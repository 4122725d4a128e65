import type { ScalingActivity, ScalingPolicy } from "@aws-sdk/client-application-auto-scaling";
import type { Service } from "@aws-sdk/client-ecs";
import type { Chart, Line, Point, Unit } from "./charts";
import { usageCharts } from "./known-charts";

const SET = /^Setting desired count to (\d+)\.$/;

/** The desired count over a span of time, as scaling set it, and as it is at the end. Before the first change
 * that is known there is no point: it may have been any. */
export function desiredCounts(
  activities: ScalingActivity[],
  now: number,
  span: { begin: Date; end: Date },
): Point[] {
  const changes = activities
    .flatMap(({ StartTime, Description, StatusCode }) => {
      const count = SET.exec(Description ?? "")?.[1];
      const isDone = StatusCode === "Successful" || StatusCode === "InProgress";
      return StartTime && count !== undefined && isDone ? [{ at: StartTime, count: Number(count) }] : [];
    })
    .sort((one, other) => one.at.getTime() - other.at.getTime());
  const points: Point[] = [];
  let count: number | undefined;
  for (const change of changes) {
    if (change.at < span.begin) {
      count = change.count;
      continue;
    }
    if (change.at > span.end) break;
    if (count !== undefined && points.length === 0) points.push({ x: span.begin, y: count });
    if (count !== undefined) points.push({ x: change.at, y: count });
    points.push({ x: change.at, y: change.count });
    count = change.count;
  }
  if (count !== undefined && points.length === 0) points.push({ x: span.begin, y: count });
  if (count !== undefined && count !== now) points.push({ x: span.end, y: count });
  points.push({ x: span.end, y: now });
  return points;
}

/** The metric that a target tracking policy keeps, with its target; null for one that is not predefined. */
export function policyChart(policy: ScalingPolicy, service: Service): Chart | null {
  const given = policy.TargetTrackingScalingPolicyConfiguration;
  const { PredefinedMetricType: type, ResourceLabel } = given?.PredefinedMetricSpecification ?? {};
  const [cpu, memory] = usageCharts(service);
  const chart = (line: Line | undefined, unit: Unit, empty: string | undefined): Chart | null =>
    line
      ? {
          title: `${policy.PolicyName}: ${type} against its target`,
          unit,
          lines: [{ ...line, title: unit === "percent" ? "Average" : "Requests a minute for each target" }],
          threshold: { title: "Target", y: given?.TargetValue ?? 0 },
          ...(empty !== undefined && { empty }),
        }
      : null;
  if (type === "ECSServiceAverageCPUUtilization") return chart(cpu?.lines[0], "percent", cpu?.empty);
  if (type === "ECSServiceAverageMemoryUtilization") return chart(memory?.lines[0], "percent", memory?.empty);
  if (type === "ALBRequestCountPerTarget")
    return chart(perTarget(ResourceLabel ?? ""), "number", "No request came.");
  return null;
}

/** `app/NAME/ID/targetgroup/NAME/ID`: a load balancer and a target group. */
function perTarget(label: string): Line {
  const [balancer = "", group = ""] = label.split("/targetgroup/");
  return {
    title: "",
    metric: {
      namespace: "AWS/ApplicationELB",
      name: "RequestCountPerTarget",
      dimensions: { LoadBalancer: balancer, TargetGroup: `targetgroup/${group}` },
    },
    statistic: "Sum",
    perSeconds: 60,
  };
}
