import type { Service } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { troubleOf } from "../lib/troubles";

const ARN = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/users/0123";
const OUTSIDE =
  `(service users) failed to register targets in (target-group ${ARN}) with ` +
  "(error The following targets are not in the target group VPC 'vpc-1a': 'i-2b')";

function service(messages: string[], more: Partial<Service> = {}): Service {
  return {
    status: "ACTIVE",
    desiredCount: 2,
    runningCount: 1,
    deployments: [{ rolloutState: "IN_PROGRESS" }],
    events: messages.map((message) => ({ message })),
    ...more,
  };
}

describe("troubleOf", () => {
  it("names target group, VPC and instance where the instance is in another VPC", () => {
    expect(troubleOf(service(["(service users) has started 1 tasks", OUTSIDE]))).toMatchObject({
      said: OUTSIDE,
      wrongVpc: { targetGroupArn: ARN, vpcId: "vpc-1a", instanceId: "i-2b" },
    });
  });

  it("is the newest one, without the words that lead to AWS's manual", () => {
    const place =
      "(service users) was unable to place a task because no container instance met all of its requirements. " +
      "Reason: No Container Instances were found in your cluster.";
    const long = `${place} For more information, see the Troubleshooting section of the manual.`;
    expect(troubleOf(service([long, OUTSIDE]))).toEqual({
      said: place,
      mend: "Run instances for the cluster: none has joined it.",
      wrongVpc: null,
    });
  });

  it.each([
    ["what was before the steady state", service(["has reached a steady state.", OUTSIDE])],
    ["a service without events", service([], { events: undefined as never })],
    ["a service that is deleted", service([OUTSIDE], { status: "DRAINING" })],
    [
      "a service that is where it is to be",
      service([OUTSIDE], { runningCount: 2, deployments: [{ rolloutState: "COMPLETED" }] }),
    ],
  ])("does not count %s", (_, one) => expect(troubleOf(one)).toBeNull());
});
