import type { Service } from "@aws-sdk/client-ecs";
import { describe, expect, it } from "vitest";
import { changes, formOf, isDeployment, serviceFaults, updateCommand } from "../lib/update-service";

const SERVICE: Service = {
  taskDefinition: "arn:task-definition/users:3",
  desiredCount: 2,
  deploymentConfiguration: {
    minimumHealthyPercent: 50,
    maximumPercent: 150,
    deploymentCircuitBreaker: { enable: true, rollback: false },
  },
  placementStrategy: [{ type: "binpack", field: "memory" }],
  loadBalancers: [{ targetGroupArn: "arn:targets", containerName: "web", containerPort: 80 }],
  healthCheckGracePeriodSeconds: 30,
};
const FORM = formOf(SERVICE);

describe("a service's form", () => {
  it("stands for the service, and asks for nothing as long as nothing is another", () => {
    expect(FORM).toMatchObject({ definition: "users:3", breaker: "stop", placement: "binpack" });
    expect(serviceFaults(FORM)).toEqual({});
    expect(changes(SERVICE, FORM)).toEqual({});
  });

  it("asks for what was changed alone", () => {
    expect(changes(SERVICE, { ...FORM, desired: "3" })).toEqual({ desiredCount: 3 });
    expect(changes(SERVICE, { ...FORM, breaker: "rollback" })).toEqual({
      deploymentConfiguration: {
        minimumHealthyPercent: 50,
        maximumPercent: 150,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
    });
    expect(changes(SERVICE, { ...FORM, placement: "none" })).toEqual({
      placementStrategy: [],
      placementConstraints: [],
    });
  });

  it("knows what begins a deployment", () => {
    const isOne = (part: Partial<typeof FORM>) => isDeployment(changes(SERVICE, { ...FORM, ...part }));
    expect(isOne({ desired: "3", graceSeconds: "0", placement: "none" })).toBe(false);
    expect(isOne({ definition: "users:4" })).toBe(true);
    expect(isOne({ uses: [] })).toBe(true);
    expect(isOne({ isForced: true })).toBe(true);
  });

  it("has whole numbers, and whole uses of target groups", () => {
    const faulty = { ...FORM, desired: "two", uses: [{ targetGroupArn: "", container: "web:80" }] };
    expect(Object.keys(serviceFaults(faulty))).toEqual(["desired", "uses"]);
  });

  it("is the same as a command", () => {
    const form = { ...FORM, definition: "users:4", placement: "none", uses: [], hasManagedTags: true };
    expect(updateCommand("shop", "users", changes(SERVICE, form), form)).toBe(
      "aws ecs update-service --cluster shop --service users --task-definition users:4 " +
        "--placement-strategy '[]' --placement-constraints '[]' --load-balancers '[]' --enable-ecs-managed-tags",
    );
  });
});
