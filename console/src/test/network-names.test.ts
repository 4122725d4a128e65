import { describe, expect, it } from "vitest";
import { balancing } from "../components/service-balancing";
import { securityGroupText, subnetText, vpcText } from "../lib/ec2";
import { EMPTY } from "../lib/new-service";

describe("a review", () => {
  it("names networks as the lists do", () => {
    const tags = { Tags: [{ Key: "Name", Value: "shop" }] };
    const vpcs = [
      { VpcId: "vpc-1", CidrBlock: "172.31.0.0/16", IsDefault: true },
      { VpcId: "vpc-2", CidrBlock: "10.0.0.0/16", ...tags },
    ];
    expect(vpcText("vpc-1", vpcs)).toBe("vpc-1 (172.31.0.0/16, the default VPC)");
    expect(vpcText("vpc-2", vpcs)).toBe("shop vpc-2 (10.0.0.0/16)");
    const subnets = [
      { SubnetId: "subnet-1", AvailabilityZone: "us-east-1a", CidrBlock: "10.0.0.0/20", ...tags },
    ];
    expect(subnetText("subnet-1", subnets)).toBe("shop subnet-1 (us-east-1a, 10.0.0.0/20)");
    expect(securityGroupText("sg-1", [{ GroupId: "sg-1", GroupName: "default" }])).toBe("default (sg-1)");
  });

  it("has ids where names are not known yet", () => {
    expect([vpcText("vpc-1", undefined), subnetText("subnet-1", []), securityGroupText("sg-1", [])]).toEqual([
      "vpc-1",
      "subnet-1",
      "sg-1",
    ]);
  });

  it("says in words what a service is behind", () => {
    const arn = (kind: string) => `arn:aws:elasticloadbalancing:us-east-1:0:${kind}/users/0123`;
    const form = {
      ...EMPTY,
      isBalanced: true,
      isForwarded: true,
      container: "users-service:0:5000",
      loadBalancerArn: arn("loadbalancer/app"),
      listenerArn: "arn:listener",
      targetGroupArn: arn("targetgroup"),
      isGroupNew: false,
    };
    expect(balancing(form)).toBe(
      "Load balancer users sends requests to the target group users. Each task is a target there: its " +
        "container users-service, port 5000, at a free port of the task's instance.",
    );
    expect(balancing({ ...form, container: "web:80:5000" })).toContain("at port 80 of the task's instance");
    expect(balancing({ ...form, isForwarded: false, pathPattern: "/users*", priority: "3" })).toContain(
      "target group users, by a new rule for /users* (priority 3).",
    );
    expect(balancing({ ...form, isBalanced: false })).toBe("none");
  });
});
