import { describe, expect, it } from "vitest";
import { vpcFault } from "../lib/cluster-vpcs";

describe("vpcFault", () => {
  const where = { instances: 2, byVpc: { "vpc-a": 2 } };

  it("finds a load balancer where the cluster has no instance, and says what mends it", () => {
    const fault = vpcFault("vpc-b", "shop", where);
    expect(fault?.short).toContain("vpc-b");
    expect(fault?.mend).toContain("vpc-a");
  });

  it("finds nothing where an instance is, or where none is known", () => {
    expect(vpcFault("vpc-a", "shop", where)).toBeNull();
    expect(vpcFault("vpc-b", "shop", { instances: 0, byVpc: {} })).toBeNull();
    expect(vpcFault("vpc-b", "shop", undefined)).toBeNull();
  });
});
