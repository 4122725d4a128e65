import { describe, expect, it } from "vitest";
import { age, awsCommand, elbName, errorText, nameOf } from "../lib/text";

describe("awsCommand", () => {
  it("is what one would type, with what a shell would take apart in quotes", () => {
    expect(awsCommand("ecs stop-task", { cluster: "shop", reason: "it's old", task: "abc" })).toBe(
      "aws ecs stop-task --cluster shop --reason 'it'\\''s old' --task abc",
    );
  });

  it("leaves out what is not set and lets a switch stand alone", () => {
    expect(
      awsCommand("ecs update-service", { "desired-count": 0, "force-new-deployment": true, x: undefined }),
    ).toBe("aws ecs update-service --desired-count 0 --force-new-deployment");
  });

  it("repeats no option for several values", () => {
    expect(awsCommand("elbv2 create-load-balancer", { subnets: ["subnet-1", "subnet-2"] })).toBe(
      "aws elbv2 create-load-balancer --subnets subnet-1 subnet-2",
    );
  });
});

describe("names", () => {
  it("come from the ends of ARNs", () => {
    expect(nameOf("arn:aws:ecs:us-east-1:0:task-definition/web:3")).toBe("web:3");
    expect(elbName("arn:aws:elasticloadbalancing:us-east-1:0:targetgroup/shop/0123")).toBe("shop");
    expect(nameOf(undefined)).toBe("");
  });
});

describe("age", () => {
  const now = Date.UTC(2026, 0, 3);
  it.each([
    [3, "3 s"],
    [150, "2 min"],
    [7200, "2 h"],
    [172_800, "2 d"],
    [-5, "0 s"],
  ])("of %d seconds is %s", (seconds, text) => {
    expect(age(new Date(now - seconds * 1000), now)).toBe(text);
  });
});

describe("errorText", () => {
  it("has AWS's code and message", () => {
    const error = Object.assign(new Error("Service not found."), { name: "ServiceNotFoundException" });
    expect(errorText(error)).toBe("ServiceNotFoundException: Service not found.");
    expect(errorText(new Error("plain"))).toBe("plain");
  });
});
