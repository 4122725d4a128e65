import {
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import { queryOptions } from "@tanstack/react-query";
import { type Range, span } from "./charts";
import { cloudwatch } from "./metrics";
import { elbDimension, rateText } from "./traffic-text";

/** What a target group gets now, as its load balancer counts it. */
export interface Traffic {
  /** Requests a second. */
  rate: number;
  /** Answers of 5xx by its targets, a second. */
  errors: number;
  /** Seconds until 95 of 100 answers began; none where nothing was answered. */
  p95: number | undefined;
}

// The newest reports, each of five seconds.
const NOW: Range = { id: "now", label: "now", seconds: 15, period: 5 };
const METRICS = [
  { id: "r", name: "RequestCount", statistic: "Sum" },
  { id: "e", name: "HTTPCode_Target_5XX_Count", statistic: "Sum" },
  { id: "t", name: "TargetResponseTime", statistic: "p95" },
];
const GROUPS_MAX = 160;

/** By target group ARN, of a load balancer's groups. */
export const trafficQuery = (loadBalancerArn: string, groupArns: string[]) =>
  queryOptions({
    queryKey: ["metric", "traffic", loadBalancerArn, ...groupArns],
    enabled: groupArns.length > 0,
    placeholderData: (before, query) => (query?.queryKey[2] === loadBalancerArn ? before : undefined),
    refetchInterval: NOW.period * 1000,
    queryFn: async (): Promise<Record<string, Traffic>> => {
      const { begin, end } = span(NOW, Date.now());
      const asked = groupArns.slice(0, GROUPS_MAX);
      const command = new GetMetricDataCommand({
        MetricDataQueries: asked.flatMap((arn, index) => queriesOf(loadBalancerArn, arn, index)),
        StartTime: begin,
        EndTime: end,
      });
      const results = (await cloudwatch.send(command)).MetricDataResults ?? [];
      return Object.fromEntries(asked.map((arn, index) => [arn, trafficIn(results, index, NOW.seconds)]));
    },
  });

function queriesOf(loadBalancerArn: string, groupArn: string, index: number): MetricDataQuery[] {
  const Dimensions = [
    { Name: "LoadBalancer", Value: elbDimension(loadBalancerArn) },
    { Name: "TargetGroup", Value: elbDimension(groupArn) },
  ];
  return METRICS.map(({ id, name, statistic }) => ({
    Id: `${id}${index}`,
    MetricStat: {
      Metric: { Namespace: "AWS/ApplicationELB", MetricName: name, Dimensions },
      Period: NOW.period,
      Stat: statistic,
    },
  }));
}

function trafficIn(results: MetricDataResult[], index: number, seconds: number): Traffic {
  const values = (id: string) => results.find(({ Id }) => Id === `${id}${index}`)?.Values ?? [];
  const sum = (id: string) => values(id).reduce((total, value) => total + value, 0);
  const times = values("t");
  return {
    rate: sum("r") / seconds,
    errors: sum("e") / seconds,
    p95: times.length > 0 ? Math.max(...times) : undefined,
  };
}

/** `12.4 requests/s, p95 20 ms`, in a line each. */
export function trafficText({ rate, errors, p95 }: Traffic): string {
  return [
    `${rateText(rate)} requests/s`,
    ...(errors > 0 ? [`${rateText(errors)} errors/s`] : []),
    ...(p95 === undefined ? [] : [`p95 ${Math.max(1, Math.round(p95 * 1000))} ms`]),
  ].join(", ");
}
