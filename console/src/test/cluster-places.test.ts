import type { LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterEach, describe, expect, it, vi } from "vitest";
import { clusterPlacesQuery, placeFault } from "../lib/cluster-places";
import { ec2InstancesQuery } from "../lib/ec2";
import { instancesQuery } from "../lib/ecs";
import { queries } from "../lib/queries";

function balancer(VpcId: string, ...zones: string[]): LoadBalancer {
  return {
    LoadBalancerName: "users",
    VpcId,
    AvailabilityZones: zones.map((ZoneName) => ({ ZoneName })),
  };
}

describe("placeFault", () => {
  const where = { instances: 3, zones: { "vpc-a": ["us-east-1a", "us-east-1c"] } };

  it("finds a load balancer in a VPC where the cluster has no instance, and says what mends it", () => {
    const fault = placeFault(balancer("vpc-b", "us-east-1a", "us-east-1c"), "shop", where);
    expect(fault).toMatchObject({ isVpc: true, header: "users is in the wrong VPC" });
    expect(fault?.short).toContain("vpc-b");
    expect(fault?.mend).toContain("vpc-a");
  });

  it("finds zones with instances that a load balancer is not enabled for, and says what mends it", () => {
    const fault = placeFault(balancer("vpc-a", "us-east-1b", "us-east-1a"), "shop", where);
    expect(fault).toMatchObject({ isVpc: false, header: "users is not enabled for us-east-1c" });
    expect(fault?.short).toContain("us-east-1c");
    expect(fault?.mend).toBe(
      "Enable us-east-1c for the load balancer, or run the cluster's instances in us-east-1a and us-east-1b.",
    );
  });

  it("finds nothing where every instance is in a zone of it, or where no instance is known", () => {
    const own = balancer("vpc-a", "us-east-1a", "us-east-1b", "us-east-1c");
    expect(placeFault(own, "shop", where)).toBeNull();
    const other = balancer("vpc-b", "us-east-1a");
    expect(placeFault(other, "shop", { instances: 0, zones: {} })).toBeNull();
    expect(placeFault(other, "shop", undefined)).toBeNull();
    expect(placeFault(undefined, "shop", where)).toBeNull();
  });
});

describe("clusterPlacesQuery", () => {
  afterEach(() => {
    queries.clear();
    vi.restoreAllMocks();
  });

  it("knows where the cluster's instances are, also where one of them is there no more", async () => {
    const placed = (InstanceId: string, AvailabilityZone: string) => ({
      InstanceId,
      VpcId: "vpc-a",
      Placement: { AvailabilityZone },
    });
    const now = { updatedAt: Date.now() + 60_000 };
    const members = [{ ec2InstanceId: "i-1" }, { ec2InstanceId: "i-gone" }];
    queries.setQueryData(instancesQuery("shop").queryKey, members, now);
    queries.setQueryData(
      ec2InstancesQuery.queryKey,
      [placed("i-1", "us-east-1a"), placed("i-other", "us-east-1b")],
      now,
    );
    expect(await queries.fetchQuery(clusterPlacesQuery("shop"))).toEqual({
      instances: 2,
      zones: { "vpc-a": ["us-east-1a"] },
    });
  });
});
