import { describe, expect, it } from "vitest";
import { checks, command, containerPorts, EMPTY, type NewService, request } from "../lib/new-service";

const FORM: NewService = {
  ...EMPTY,
  family: "users",
  name: "users-service",
  isBalanced: true,
  loadBalancerArn: "arn:balancer",
  container: "users-service:0:5000",
  targetGroupArn: "arn:targets",
  graceSeconds: "30",
};

describe("containerPorts", () => {
  it("names each mapped port, 0 standing for any host port", () => {
    const containerDefinitions = [
      { name: "web", portMappings: [{ containerPort: 5000 }, { hostPort: 80, containerPort: 8080 }] },
      { name: "worker" },
    ];
    expect(containerPorts({ containerDefinitions })).toEqual(["web:0:5000", "web:80:8080"]);
    expect(containerPorts(null)).toEqual([]);
  });
});

describe("request", () => {
  it("has the load balancer that was chosen, and the newest revision where none was", () => {
    expect(request("shop", FORM)).toMatchObject({
      taskDefinition: "users",
      desiredCount: 1,
      deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 200 },
      loadBalancers: [{ targetGroupArn: "arn:targets", containerName: "users-service", containerPort: 5000 }],
      healthCheckGracePeriodSeconds: 30,
    });
    expect(request("shop", { ...FORM, revision: "users:3" }).taskDefinition).toBe("users:3");
  });

  it("has nothing of a load balancer that is not wanted", () => {
    const asked = request("shop", { ...FORM, isBalanced: false });
    expect(asked).not.toHaveProperty("loadBalancers");
    expect(asked).not.toHaveProperty("healthCheckGracePeriodSeconds");
  });
});

describe("checks", () => {
  it("let a whole form through, and ask for what is missing", () => {
    for (const check of checks) expect(check(FORM)).toEqual({});
    expect(Object.keys(checks[0]?.(EMPTY) ?? {})).toEqual(["family", "name"]);
    const missing = { ...FORM, container: "", targetGroupArn: "", loadBalancerArn: "" };
    expect(Object.keys(checks[1]?.(missing) ?? {})).toEqual([
      "loadBalancerArn",
      "container",
      "targetGroupArn",
    ]);
    expect(checks[1]?.({ ...missing, isBalanced: false })).toEqual({});
  });
});

describe("command", () => {
  it("makes the same", () => {
    expect(command("shop", FORM)).toBe(
      "aws ecs create-service --cluster shop --service-name users-service --task-definition users --desired-count 1 " +
        "--deployment-configuration 'minimumHealthyPercent=100,maximumPercent=200,deploymentCircuitBreaker={enable=true,rollback=true}' " +
        "--load-balancers targetGroupArn=arn:targets,containerName=users-service,containerPort=5000 " +
        "--health-check-grace-period-seconds 30",
    );
  });
});
