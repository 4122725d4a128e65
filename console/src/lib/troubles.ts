import type { Service } from "@aws-sdk/client-ecs";

const STEADY = "has reached a steady state.";
const REFERENCE = " For more information, see the Troubleshooting section";

/** What mends each trouble, by a part of the event that tells of it; the first one counts. */
const MENDS: readonly (readonly [part: string, mend: string])[] = [
  ["No Container Instances were found", "Run instances for the cluster: none has joined it."],
  [
    "was unable to place a task",
    "Run more instances, or let the task ask for less CPU, memory or host ports.",
  ],
  [
    "failed to register targets",
    "Run the cluster's instances in the VPC of the target group and its load balancer, or let the service use " +
      "a load balancer and target group in the VPC of the instances.",
  ],
  [
    "that is not enabled for the load balancer",
    "Enable the zone for the load balancer, or run instances in zones that are enabled.",
  ],
  ["is unhealthy in", "What the health check asks for has to answer: see the tasks and their logs."],
  ["deployment failed: ", "See why the tasks stopped, and their logs."],
  ["is unable to consistently start tasks", "See why the tasks stopped, and their logs."],
  [
    "was unable to stop or start tasks during a deployment",
    "Raise the service's maximum percent, or lower its minimum healthy percent.",
  ],
];

/** What keeps a service from its steady state. */
export interface Trouble {
  /** The event, in AWS's words. */
  said: string;
  mend: string;
  /** Where an instance is in another VPC than the target group. */
  wrongVpc: { targetGroupArn: string; vpcId: string; instanceId: string } | null;
}

/** The newest trouble of a service; null where all is well or merely on its way. */
export function troubleOf(service: Service): Trouble | null {
  if (isSteady(service)) return null;
  for (const { message = "" } of service.events ?? []) {
    if (message.includes(STEADY)) return null;
    const mend = MENDS.find(([part]) => message.includes(part))?.[1];
    if (mend) return { said: message.split(REFERENCE)[0] ?? "", mend, wrongVpc: wrongVpcIn(message) };
  }
  return null;
}

/** Whether a service is where it is to be: one deployment, completed, with every task that is wanted. */
export function isSteady({ status, runningCount, desiredCount, deployments = [] }: Service): boolean {
  return (
    status !== "ACTIVE" ||
    (runningCount === desiredCount &&
      deployments.length === 1 &&
      deployments[0]?.rolloutState === "COMPLETED")
  );
}

function wrongVpcIn(message: string): Trouble["wrongVpc"] {
  const found = /\(target-group ([^)]+)\) with \(error .* target group VPC '(vpc-\w+)': '(i-\w+)'/.exec(
    message,
  );
  const [, targetGroupArn, vpcId, instanceId] = found ?? [];
  return targetGroupArn && vpcId && instanceId ? { targetGroupArn, vpcId, instanceId } : null;
}
