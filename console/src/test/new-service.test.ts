import { describe, expect, it } from "vitest";
import {
  checks,
  containerPorts,
  deploymentFaults,
  EMPTY,
  isRuled,
  type NewService,
  request,
} from "../lib/new-service";

const FORM: NewService = {
  ...EMPTY,
  family: "users",
  name: "users-service",
  isBalanced: true,
  loadBalancerArn: "arn:balancer",
  container: "users-service:0:5000",
  isAdded: true,
  listenerArn: "arn:listener",
  isGroupNew: false,
  targetGroupArn: "arn:targets",
  isForwarded: true,
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
    expect(request("shop", FORM, "arn:targets")).toMatchObject({
      taskDefinition: "users",
      desiredCount: 1,
      deploymentConfiguration: {
        minimumHealthyPercent: 100,
        maximumPercent: 200,
        deploymentCircuitBreaker: { enable: true, rollback: true },
      },
      loadBalancers: [{ targetGroupArn: "arn:targets", containerName: "users-service", containerPort: 5000 }],
      healthCheckGracePeriodSeconds: 30,
    });
    expect(request("shop", { ...FORM, revision: "users:3" }, "arn:targets").taskDefinition).toBe("users:3");
  });

  it("has nothing of a load balancer or a placement that is not wanted", () => {
    const asked = request("shop", { ...FORM, isBalanced: false, placement: "none" }, "");
    expect(asked).not.toHaveProperty("loadBalancers");
    expect(asked).not.toHaveProperty("healthCheckGracePeriodSeconds");
    expect(asked).not.toHaveProperty("placementStrategy");
    expect(asked).not.toHaveProperty("placementConstraints");
  });

  it("places tasks as the template says", () => {
    expect(request("shop", { ...FORM, placement: "one-a-host" }, "")).toMatchObject({
      placementConstraints: [{ type: "distinctInstance" }],
    });
    expect(request("shop", { ...FORM, placement: "binpack" }, "").placementStrategy).toEqual([
      { type: "binpack", field: "memory" },
    ]);
  });
});

describe("deploymentFaults", () => {
  it.each([
    ["100", "200", []],
    ["0", "100", []],
    ["150", "200", ["minimumPercent"]],
    ["50", "99", ["maximumPercent"]],
    ["100", "100", ["maximumPercent"]],
    ["", "x", ["minimumPercent", "maximumPercent"]],
  ])("of %s and %s percent are %j", (minimumPercent, maximumPercent, expected) => {
    expect(Object.keys(deploymentFaults({ desired: "1", minimumPercent, maximumPercent }))).toEqual(expected);
  });
});

describe("isRuled", () => {
  it("asks for a rule where the listener leads no request to the group yet", () => {
    expect(isRuled(FORM)).toBe(false);
    expect(isRuled({ ...FORM, isForwarded: false })).toBe(true);
    expect(isRuled({ ...FORM, isGroupNew: true })).toBe(true);
    expect(isRuled({ ...FORM, isGroupNew: true, isListenerNew: true })).toBe(false);
  });
});

describe("checks", () => {
  const faults = (step: number, form: NewService) => Object.keys(checks[step]?.(form) ?? {});

  it("let a whole form through, and ask for what is missing", () => {
    for (const check of checks) expect(check(FORM)).toEqual({});
    expect(faults(0, EMPTY)).toEqual(["family", "name"]);
    const missing = { ...FORM, container: "", targetGroupArn: "", loadBalancerArn: "" };
    expect(faults(1, missing)).toEqual(["loadBalancerArn", "container"]);
    expect(faults(1, { ...missing, isBalanced: false })).toEqual([]);
  });

  it("wait for the container to be added", () => {
    expect(checks[1]?.({ ...FORM, isAdded: false })).toEqual({ container: "Add it to the load balancer." });
  });

  it("ask of a new target group its name, and of its rule a path and a priority", () => {
    const fresh = { ...FORM, isGroupNew: true, groupName: "-", healthCheckPath: "ping", priority: "0" };
    expect(faults(1, fresh)).toEqual(["groupName", "healthCheckPath", "pathPattern", "priority"]);
    const mended = { groupName: "users", healthCheckPath: "/ping", pathPattern: "/users*", priority: "1" };
    expect(faults(1, { ...fresh, ...mended })).toEqual([]);
  });

  it("hold the bounds and the policy only where the service is scaled", () => {
    const scaled = { ...FORM, isScaled: true, minimum: "3", maximum: "2", targetValue: "0" };
    expect(faults(2, scaled)).toEqual(["maximum", "policyName", "targetValue"]);
    expect(faults(2, { ...scaled, isScaled: false })).toEqual([]);
    expect(faults(2, { ...scaled, maximum: "4", hasPolicy: false })).toEqual([]);
    const counted = { ...scaled, maximum: "4", policyName: "requests", targetValue: "60" };
    expect(faults(2, { ...counted, isBalanced: false, metric: "ALBRequestCountPerTarget" })).toEqual([
      "metric",
    ]);
  });
});
