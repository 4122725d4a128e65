import { describe, expect, it } from "vitest";
import { checks, commands, EMPTY, type NewLoadBalancer, withProtocol } from "../lib/new-load-balancer";

const FORM: NewLoadBalancer = {
  ...EMPTY,
  name: "shop",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  groupName: "shop web",
  targetGroupName: "users",
  targetPort: "5000",
  healthCheckPath: "/ping",
};
const faults = (step: number, part: Partial<NewLoadBalancer>) =>
  Object.keys(checks[step]?.({ ...FORM, ...part }) ?? {});

describe("checks", () => {
  it("let a whole form through every step", () => {
    for (const check of checks) expect(check(FORM)).toEqual({});
  });

  it.each([[""], ["-shop"], ["shop-"], ["internal-shop"], ["a_b"], ["x".repeat(33)]])(
    "refuse %j as a load balancer's name",
    (name) => expect(faults(0, { name })).toEqual(["name"]),
  );

  it.each([["0"], ["65536"], ["http"], [""], ["80.5"]])("refuse %j as a port", (port) => {
    expect(faults(0, { listenerPort: port })).toEqual(["listenerPort"]);
    expect(faults(3, { targetPort: port })).toEqual(["targetPort"]);
  });

  it("ask for two subnets, and for the groups that were said to exist", () => {
    expect(faults(0, { subnetIds: ["subnet-1"] })).toEqual(["subnetIds"]);
    expect(faults(2, { isGroupNew: false })).toEqual(["groupIds"]);
    expect(faults(3, { isTargetGroupNew: false })).toEqual(["targetGroupArn"]);
  });

  it("ask for a certificate where the listener speaks HTTPS", () => {
    expect(faults(1, { listenerProtocol: "HTTPS" })).toEqual(["certificateArn"]);
    expect(faults(1, { listenerProtocol: "HTTPS", certificateArn: "arn:c" })).toEqual([]);
  });

  it("do not ask for what is not made", () => {
    expect(faults(3, { isTargetGroupNew: false, targetGroupArn: "arn", targetGroupName: "" })).toEqual([]);
    expect(faults(2, { isGroupNew: false, groupIds: ["sg-1"], groupName: "" })).toEqual([]);
  });
});

describe("withProtocol", () => {
  it("changes the port with the protocol, but for one that was typed", () => {
    expect(withProtocol("80", "HTTPS").listenerPort).toBe("443");
    expect(withProtocol("443", "HTTP").listenerPort).toBe("80");
    expect(withProtocol("8443", "HTTPS").listenerPort).toBe("8443");
  });
});

describe("commands", () => {
  it("make the same in the same order", () => {
    expect(commands(FORM).split("\n")).toEqual([
      "group=$(aws ec2 create-security-group --group-name 'shop web' --description 'Load balancer shop' --vpc-id vpc-1 --query GroupId --output text)",
      "aws ec2 authorize-security-group-ingress --group-id $group --protocol tcp --port 80 --cidr 0.0.0.0/0",
      "balancer=$(aws elbv2 create-load-balancer --name shop --scheme internet-facing --subnets subnet-1 subnet-2 --security-groups $group --query LoadBalancers[0].LoadBalancerArn --output text)",
      "targets=$(aws elbv2 create-target-group --name users --protocol HTTP --port 5000 --vpc-id vpc-1 --health-check-path /ping --query TargetGroups[0].TargetGroupArn --output text)",
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=$targets",
    ]);
  });

  it("name what exists", () => {
    const form = {
      ...FORM,
      isGroupNew: false,
      groupIds: ["sg-1"],
      isTargetGroupNew: false,
      targetGroupArn: "arn:t",
    };
    expect(commands(form).split("\n")).toEqual([
      "balancer=$(aws elbv2 create-load-balancer --name shop --scheme internet-facing --subnets subnet-1 subnet-2 --security-groups sg-1 --query LoadBalancers[0].LoadBalancerArn --output text)",
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=arn:t",
    ]);
  });

  it("give a listener for HTTPS its certificate and policy", () => {
    const form = { ...FORM, listenerProtocol: "HTTPS" as const, certificateArn: "arn:c", sslPolicy: "P" };
    expect(commands(form).split("\n").at(-1)).toBe(
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTPS --port 80 --certificates CertificateArn=arn:c --ssl-policy P --default-actions Type=forward,TargetGroupArn=$targets",
    );
  });
});
