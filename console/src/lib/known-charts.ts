import type { Cluster, Service, Task } from "@aws-sdk/client-ecs";
import type { LoadBalancer, TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Chart, Line, Metric } from "./charts";
import { elbName, nameOf } from "./text";

const ECS = "AWS/ECS";
const INSIGHTS = "ECS/ContainerInsights";
const ELB = "AWS/ApplicationELB";
// Agents publish every 20 seconds, each in its turn, as Amazon's do; a report takes its way.
const AGENTS_LATE_SECONDS = 30;

/** What an ARN names in CloudWatch: `targetgroup/NAME/ID`, `app/NAME/ID`. */
function elbDimension(arn: string | undefined): string {
  return (arn?.split(":").at(-1) ?? "").replace(/^loadbalancer\//, "");
}

/** What the running tasks of a service use. */
export function usageCharts(service: Service): Chart[] {
  const dimensions = { ClusterName: nameOf(service.clusterArn), ServiceName: service.serviceName ?? "" };
  return [
    usage(
      "CPU",
      { namespace: ECS, name: "CPUUtilization", dimensions },
      "No task that reserves CPU has reported: each does once a minute.",
    ),
    usage(
      "Memory",
      { namespace: ECS, name: "MemoryUtilization", dimensions },
      "No task has reported: each does once a minute.",
    ),
    {
      title: "Running tasks",
      unit: "count",
      // Each task counts once a minute.
      lines: [
        {
          title: "Running tasks",
          metric: { namespace: ECS, name: "MemoryUtilization", dimensions },
          statistic: "SampleCount",
          perSeconds: 60,
          isWhole: true,
          lateSeconds: AGENTS_LATE_SECONDS,
        },
      ],
      empty: "No task has reported: each does once a minute.",
    },
  ];
}

/** A share of what is reserved: of the average task, and of the one that uses the most. */
function usage(what: string, metric: Metric, empty: string): Chart {
  return {
    title: `${what} used of what tasks reserve`,
    unit: "percent",
    lines: [
      { title: "Average", metric, statistic: "Average" },
      { title: "Maximum", metric, statistic: "Maximum" },
    ],
    empty,
  };
}

/** Whether single tasks of a cluster are measured. */
export function isEnhanced(cluster: Cluster): boolean {
  return (
    cluster.settings?.some(({ name, value }) => name === "containerInsights" && value === "enhanced") ?? false
  );
}

/** What a task uses of what it reserves, and each of its containers where they are several: measured where the
 * cluster's insights are enhanced. */
export function taskCharts(task: Task): Chart[] {
  const service = task.group?.startsWith("service:") ? task.group.slice("service:".length) : "";
  const family = nameOf(task.taskDefinitionArn).replace(/:\d+$/, "");
  const dimensions = {
    ClusterName: nameOf(task.clusterArn),
    ...(service ? { ServiceName: service } : { TaskDefinitionFamily: family }),
    TaskId: nameOf(task.taskArn),
  };
  const containers = (task.containers ?? []).map(({ name = "" }) => name).sort();
  return ["Cpu", "Memory"].map((what) => {
    const of = (kind: string, more = {}): Metric => ({
      namespace: INSIGHTS,
      name: `${kind}${what}Utilization`,
      dimensions: { ...dimensions, ...more },
    });
    const parts = containers.map((name) => ({
      title: name,
      metric: of("Container", { ContainerName: name }),
    }));
    const lines = [{ title: "Task", metric: of("Task") }, ...(parts.length > 1 ? parts : [])];
    return {
      title: `${what === "Cpu" ? "CPU" : "Memory"} used of what is reserved`,
      unit: "percent",
      lines: lines.map((line) => ({ ...line, statistic: "Average" })),
      empty: what === "Cpu" ? "It reserves no CPU, or did not run." : "It did not run.",
    };
  });
}

/** What goes to a target group, from each load balancer that forwards to it. */
export function groupCharts(group: TargetGroup): Chart[] {
  return pairs(group).flatMap(({ dimensions, of }) => [
    requests(`Requests a second to ${of}`, dimensions),
    latency(`Response time of ${of}`, dimensions),
    codes(`Answers a second of ${of}`, dimensions, "Target"),
  ]);
}

/** All that is known of a target group: its traffic, its targets, and what went wrong on the way to them. */
export function groupMonitoring(group: TargetGroup): Chart[] {
  const beside = pairs(group).flatMap(({ dimensions, of }) => [
    {
      title: `Targets of ${of}`,
      unit: "count" as const,
      lines: [
        level("Healthy", "HealthyHostCount", dimensions, "Minimum"),
        level("Unhealthy", "UnHealthyHostCount", dimensions, "Maximum"),
      ],
      empty: "No target is registered.",
    },
    {
      title: `Failures a second of ${of}`,
      unit: "number" as const,
      lines: [
        rate("Connections to targets", "TargetConnectionErrorCount", dimensions),
        rate("No target to choose", "NoTargetRequestCount", dimensions),
        rate("5xx of the load balancer", "HTTPCode_ELB_5XX_Count", dimensions),
      ],
      empty: "Nothing failed.",
    },
  ]);
  return [...groupCharts(group), ...beside];
}

/** All that is known of a load balancer. */
export function balancerMonitoring(balancer: LoadBalancer): Chart[] {
  const dimensions = { LoadBalancer: elbDimension(balancer.LoadBalancerArn) };
  return [
    requests("Requests a second", dimensions),
    latency("Response time of targets", dimensions),
    codes("Answers of targets a second", dimensions, "Target"),
    codes("Answers of the load balancer itself a second", dimensions, "ELB"),
    {
      title: "Connections",
      unit: "number",
      lines: [
        level("Open", "ActiveConnectionCount", dimensions, "Maximum"),
        rate("New a second", "NewConnectionCount", dimensions),
        rate("Rejected a second", "RejectedConnectionCount", dimensions),
      ],
      empty: "Nobody connected.",
    },
    {
      title: "Bytes a second",
      unit: "bytes",
      lines: [rate("Processed", "ProcessedBytes", dimensions)],
      empty: QUIET,
    },
  ];
}

/** What the instances of a cluster have reserved and use. */
export function clusterCharts(cluster: string): Chart[] {
  const dimensions = { ClusterName: cluster };
  return ["CPU", "Memory"].map(
    (what): Chart => ({
      title: `${what} of container instances`,
      unit: "percent",
      lines: [
        {
          title: "Used",
          metric: { namespace: ECS, name: `${what}Utilization`, dimensions },
          statistic: "Average",
        },
        {
          title: "Reserved",
          metric: { namespace: ECS, name: `${what}Reservation`, dimensions },
          statistic: "Average",
        },
      ],
      empty: "No instance has reported.",
    }),
  );
}

interface Pair {
  dimensions: Record<string, string>;
  /** What a chart calls it. */
  of: string;
}

function pairs(group: TargetGroup): Pair[] {
  const balancers = group.LoadBalancerArns ?? [];
  return balancers.map((arn) => ({
    dimensions: { TargetGroup: elbDimension(group.TargetGroupArn), LoadBalancer: elbDimension(arn) },
    of:
      balancers.length > 1 ? `${group.TargetGroupName} from ${elbName(arn)}` : (group.TargetGroupName ?? ""),
  }));
}

const QUIET = "No request came.";

function rate(title: string, name: string, dimensions: Record<string, string>): Line {
  return { title, metric: { namespace: ELB, name, dimensions }, statistic: "Sum", perSeconds: 1 };
}

/** What is told once a minute, and on every change. */
function level(title: string, name: string, dimensions: Record<string, string>, statistic: string): Line {
  return { title, metric: { namespace: ELB, name, dimensions }, statistic };
}

function requests(title: string, dimensions: Record<string, string>): Chart {
  return { title, unit: "number", lines: [rate("Requests", "RequestCount", dimensions)], empty: QUIET };
}

function latency(title: string, dimensions: Record<string, string>): Chart {
  const metric = { namespace: ELB, name: "TargetResponseTime", dimensions };
  return {
    title,
    unit: "seconds",
    lines: ["p50", "p90", "p99"].map((statistic) => ({ title: statistic, metric, statistic })),
    empty: QUIET,
  };
}

/** Answers by the first digit of their status, of targets or of the load balancer itself. */
function codes(title: string, dimensions: Record<string, string>, whose: "Target" | "ELB"): Chart {
  const classes = whose === "Target" ? ["2XX", "3XX", "4XX", "5XX"] : ["3XX", "4XX", "5XX"];
  return {
    title,
    unit: "number",
    lines: classes.map((digit) => rate(digit.toLowerCase(), `HTTPCode_${whose}_${digit}_Count`, dimensions)),
    empty: QUIET,
  };
}
