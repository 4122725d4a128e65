import type { ContainerInstance, LoadBalancer, Task } from "@aws-sdk/client-ecs";
import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";

/** The targets of a target group that are healthy, as `INSTANCE:PORT`. */
export function healthyTargets(targets: TargetHealthDescription[]): Set<string> {
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === "healthy");
  return new Set(healthy.map(({ Target }) => `${Target?.Id}:${Target?.Port}`));
}

/** The tasks that run and are healthy in every target group of their service, by its uses of them. */
export function healthyTasks(
  tasks: Task[],
  instances: ContainerInstance[],
  uses: { use: LoadBalancer; healthy: Set<string> }[],
): Task[] {
  const ids = new Map(instances.map((one) => [one.containerInstanceArn, one.ec2InstanceId]));
  const isTarget = (task: Task, { use, healthy }: (typeof uses)[number]) => {
    const container = task.containers?.find(({ name }) => name === use.containerName);
    const binding = container?.networkBindings?.find(
      ({ containerPort }) => containerPort === use.containerPort,
    );
    return healthy.has(`${ids.get(task.containerInstanceArn)}:${binding?.hostPort}`);
  };
  return tasks.filter(
    (task) =>
      task.lastStatus === "RUNNING" &&
      task.desiredStatus === "RUNNING" &&
      task.healthStatus !== "UNHEALTHY" &&
      uses.every((use) => isTarget(task, use)),
  );
}
