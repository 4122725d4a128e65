import { expect, test } from "vitest";
import { queriesOf } from "../lib/charts";
import {
  balancerMonitoring,
  clusterCharts,
  groupMonitoring,
  isEnhanced,
  taskCharts,
  usageCharts,
} from "../lib/known-charts";

const ELB = "arn:aws:elasticloadbalancing:us-east-1:000000000000";
const GROUP = {
  TargetGroupName: "users",
  TargetGroupArn: `${ELB}:targetgroup/users/1a`,
  LoadBalancerArns: [`${ELB}:loadbalancer/app/shop/2b`],
};
const dimensions = { TargetGroup: "targetgroup/users/1a", LoadBalancer: "app/shop/2b" };

test("a target group's traffic is told apart by load balancer", () => {
  const charts = groupMonitoring(GROUP);
  expect(charts[0]?.title).toBe("Requests a second to users");
  for (const { metric } of charts.flatMap(({ lines }) => lines))
    expect(metric.dimensions).toEqual(dimensions);

  const other = `${ELB}:loadbalancer/app/other/3c`;
  const both = groupMonitoring({ ...GROUP, LoadBalancerArns: [...GROUP.LoadBalancerArns, other] });
  expect(both).toHaveLength(2 * charts.length);
  expect(both.map(({ title }) => title)).toContain("Response time of users from other");
  expect(groupMonitoring({ ...GROUP, LoadBalancerArns: [] })).toEqual([]);
});

test("a load balancer's connections are a level, its requests a rate", () => {
  const lines = balancerMonitoring({ LoadBalancerArn: GROUP.LoadBalancerArns[0] }).flatMap(
    (chart) => chart.lines,
  );
  const named = (name: string) => lines.find(({ metric }) => metric.name === name);
  expect(named("ActiveConnectionCount")?.statistic).toBe("Maximum");
  expect(named("ActiveConnectionCount")?.perSeconds).toBeUndefined();
  expect(named("RequestCount")).toMatchObject({ statistic: "Sum", perSeconds: 1 });
  expect(named("RequestCount")?.metric.dimensions).toEqual({ LoadBalancer: "app/shop/2b" });
});

test("a service and a cluster are named as their tasks' samples are", () => {
  const arn = "arn:aws:ecs:us-east-1:000000000000:cluster/shop";
  const [cpu] = usageCharts({ clusterArn: arn, serviceName: "users" });
  expect(cpu?.lines[0]?.metric.dimensions).toEqual({ ClusterName: "shop", ServiceName: "users" });
  expect(
    queriesOf(clusterCharts("shop"), 60).map(({ MetricStat }) => MetricStat?.Metric?.MetricName),
  ).toEqual(["CPUUtilization", "CPUReservation", "MemoryUtilization", "MemoryReservation"]);
});

const TASK = {
  clusterArn: "arn:aws:ecs:us-east-1:000000000000:cluster/shop",
  taskArn: "arn:aws:ecs:us-east-1:000000000000:task/shop/1a2b",
  taskDefinitionArn: "arn:aws:ecs:us-east-1:000000000000:task-definition/users:12",
  group: "service:users-service",
  containers: [{ name: "app" }],
};

test("a task is named by its service, or by its family where it has none", () => {
  const [cpu] = taskCharts(TASK);
  expect(cpu?.lines.map(({ metric }) => metric)).toEqual([
    {
      namespace: "ECS/ContainerInsights",
      name: "TaskCpuUtilization",
      dimensions: { ClusterName: "shop", ServiceName: "users-service", TaskId: "1a2b" },
    },
  ]);
  const [, memory] = taskCharts({ ...TASK, group: "family:users" });
  expect(memory?.lines[0]?.metric.dimensions).toEqual({
    ClusterName: "shop",
    TaskDefinitionFamily: "users",
    TaskId: "1a2b",
  });
});

test("several containers of a task have a line each", () => {
  const [cpu, memory] = taskCharts({ ...TASK, containers: [{ name: "proxy" }, { name: "app" }] });
  expect(cpu?.lines.map(({ title }) => title)).toEqual(["Task", "app", "proxy"]);
  expect(memory?.lines[2]?.metric).toMatchObject({
    name: "ContainerMemoryUtilization",
    dimensions: { ContainerName: "proxy", TaskId: "1a2b" },
  });
});

test("tasks are measured where insights are enhanced", () => {
  const settings = (value: string) => ({ settings: [{ name: "containerInsights" as const, value }] });
  expect(isEnhanced(settings("enhanced"))).toBe(true);
  expect(isEnhanced(settings("enabled"))).toBe(false);
  expect(isEnhanced({})).toBe(false);
});
