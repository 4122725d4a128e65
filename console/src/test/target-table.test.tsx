import type { TargetDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { known } from "../components/resource-table";
import { TargetTable } from "../components/target-table";
import { ec2 } from "../lib/ec2";
import { queries } from "../lib/queries";

const show = (targets: TargetDescription[]) =>
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <TargetTable title="Targets" query={known(targets.map((Target) => ({ Target })))} empty="None." />
      </MemoryRouter>
    </QueryClientProvider>,
  );

describe("TargetTable", () => {
  afterEach(() => {
    cleanup();
    queries.clear();
    vi.restoreAllMocks();
  });

  it("leads to the instances of targets and knows their zones", async () => {
    vi.spyOn(ec2, "send").mockImplementation((async () => ({
      Reservations: [{ Instances: [{ InstanceId: "i-1", Placement: { AvailabilityZone: "us-east-1b" } }] }],
    })) as never);
    show([{ Id: "i-1", Port: 32768 }]);
    expect(await screen.findByText("us-east-1b")).toBeDefined();
    expect(screen.getByText("i-1").closest("a")?.getAttribute("href")).toBe("/instances/i-1");
  });

  it("shows the zone that AWS tells of an address, and asks for no instances", () => {
    const send = vi.spyOn(ec2, "send");
    show([{ Id: "172.31.0.10", Port: 8080, AvailabilityZone: "all" }]);
    expect(screen.getByText("all")).toBeDefined();
    expect(screen.getByText("172.31.0.10").closest("a")).toBeNull();
    expect(send).not.toHaveBeenCalled();
  });
});
