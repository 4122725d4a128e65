import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ec2, gatewaysQuery } from "../lib/ec2";
import { queries } from "../lib/queries";
import { Gateway } from "../pages/vpc";
import Vpcs from "../pages/vpcs";

function Gateways() {
  return <Gateway id="vpc-1" gateways={useQuery(gatewaysQuery).data} />;
}

describe("Gateway", () => {
  afterEach(() => {
    cleanup();
    queries.clear();
    vi.restoreAllMocks();
  });

  it("keeps the question of one that was detached and could not be deleted, with what AWS said", async () => {
    let isAttached = true;
    let isRefused = true;
    const gateway = () => ({
      InternetGatewayId: "igw-1",
      Attachments: isAttached ? [{ VpcId: "vpc-1" }] : [],
    });
    const sent: string[] = [];
    vi.spyOn(ec2, "send").mockImplementation((async (command: object) => {
      const name = command.constructor.name.replace("Command", "");
      if (name === "DescribeInternetGateways") return { InternetGateways: [gateway()] };
      sent.push(name);
      if (name === "DetachInternetGateway") isAttached = false;
      if (name === "DeleteInternetGateway" && isRefused) throw new Error("Not now.");
      return {};
    }) as never);
    render(
      <QueryClientProvider client={queries}>
        <Gateways />
      </QueryClientProvider>,
    );
    await userEvent.click(await screen.findByText("Detach gateway"));
    const yes = () => screen.getAllByText("Detach gateway").at(-1) as HTMLElement;
    await userEvent.click(yes());
    await screen.findByText("Not now.");
    await queries.refetchQueries();
    expect(screen.getByText("Not now.")).toBeDefined();
    expect(screen.queryByText("Attach gateway")).toBeNull();
    isRefused = false;
    await userEvent.click(yes());
    await vi.waitFor(() => expect(screen.queryByText("Detach igw-1?")).toBeNull());
    expect(sent.filter((name) => name.startsWith("Delete"))).toHaveLength(2);
  });
});

describe("creating a VPC", () => {
  afterEach(() => {
    cleanup();
    queries.clear();
    vi.restoreAllMocks();
  });

  it("tells what a try that failed has made, and uses it, also where it was closed and opened again", async () => {
    const sent: string[] = [];
    let isRefused = true;
    vi.spyOn(ec2, "send").mockImplementation((async (command: object) => {
      const name = command.constructor.name.replace("Command", "");
      if (name.startsWith("Describe")) return { Vpcs: [] };
      sent.push(name);
      if (name === "AttachInternetGateway" && isRefused) throw new Error("Not now.");
      return { Vpc: { VpcId: "vpc-1" }, InternetGateway: { InternetGatewayId: "igw-1" } };
    }) as never);
    render(
      <QueryClientProvider client={queries}>
        <MemoryRouter>
          <Vpcs />
        </MemoryRouter>
      </QueryClientProvider>,
    );
    const press = async (name: string) =>
      userEvent.click(screen.getAllByRole("button", { name }).at(-1) as HTMLElement);
    await press("Create VPC");
    await press("Create VPC");
    await screen.findByText("Not now.");
    expect(screen.getByText(/^Made already: VPC vpc-1\./)).toBeDefined();
    await press("Cancel");
    isRefused = false;
    await press("Create VPC");
    await press("Create VPC");
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
    expect(sent).toEqual([
      "CreateVpc",
      "CreateInternetGateway",
      "AttachInternetGateway",
      "AttachInternetGateway",
    ]);
  });
});
