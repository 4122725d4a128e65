import type { Service } from "@aws-sdk/client-ecs";
import type { TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import type { Chart, Line, Metric } from "./charts";
import { elbName, nameOf } from "./text";

const ECS = "AWS/ECS";
const ELB = "AWS/ApplicationELB";

/** What an ARN names in CloudWatch: `targetgroup/NAME/ID`, `app/NAME/ID`. */
export function elbDimension(arn: string | undefined): string {
  return (arn?.split(":").at(-1) ?? "").replace(/^loadbalancer\//, "");
}

/** What the running tasks of a service use. */
export function usageCharts(service: Service): Chart[] {
  const dimensions = { ClusterName: nameOf(service.clusterArn), ServiceName: service.serviceName ?? "" };
  return [
    usage(
      "CPU",
      { namespace: ECS, name: "CPUUtilization", dimensions },
      "Its tasks reserve no CPU, or none runs.",
    ),
    usage("Memory", { namespace: ECS, name: "MemoryUtilization", dimensions }, "No task runs."),
    {
      title: "Running tasks",
      unit: "number",
      // Each task counts once a minute.
      lines: [
        {
          title: "Tasks that reported",
          metric: { namespace: ECS, name: "MemoryUtilization", dimensions },
          statistic: "SampleCount",
          perSeconds: 60,
        },
      ],
      empty: "No task runs.",
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

/** What goes to a target group, from each load balancer that forwards to it. */
export function groupCharts(group: TargetGroup): Chart[] {
  const balancers = group.LoadBalancerArns ?? [];
  return balancers.flatMap((arn) => {
    const dimensions = {
      TargetGroup: elbDimension(group.TargetGroupArn),
      LoadBalancer: elbDimension(arn),
    };
    const of =
      balancers.length > 1 ? `${group.TargetGroupName} from ${elbName(arn)}` : `${group.TargetGroupName}`;
    return [
      requests(`Requests a second to ${of}`, dimensions),
      latency(`Response time of ${of}`, dimensions),
      codes(`Answers a second of ${of}`, dimensions, "Target"),
    ];
  });
}

const QUIET = "No request came.";

export function rate(title: string, name: string, dimensions: Record<string, string>): Line {
  return { title, metric: { namespace: ELB, name, dimensions }, statistic: "Sum", perSeconds: 1 };
}

export function requests(title: string, dimensions: Record<string, string>): Chart {
  return { title, unit: "number", lines: [rate("Requests", "RequestCount", dimensions)], empty: QUIET };
}

export function latency(title: string, dimensions: Record<string, string>): Chart {
  const metric = { namespace: ELB, name: "TargetResponseTime", dimensions };
  return {
    title,
    unit: "seconds",
    lines: ["p50", "p90", "p99"].map((statistic) => ({ title: statistic, metric, statistic })),
    empty: QUIET,
  };
}

/** Answers by the first digit of their status, of targets or of the load balancer itself. */
export function codes(title: string, dimensions: Record<string, string>, whose: "Target" | "ELB"): Chart {
  const classes = whose === "Target" ? ["2XX", "3XX", "4XX", "5XX"] : ["3XX", "4XX", "5XX"];
  return {
    title,
    unit: "number",
    lines: classes.map((digit) => rate(digit.toLowerCase(), `HTTPCode_${whose}_${digit}_Count`, dimensions)),
    empty: QUIET,
  };
}
