import createWrapper from "@cloudscape-design/components/test-utils/dom";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, fireEvent, render, screen, waitFor } from "@testing-library/react";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { elbv2 } from "../lib/clients";
import { ec2, securityGroupsQuery, subnetsQuery, vpcsQuery } from "../lib/ec2";
import { targetGroupsQuery } from "../lib/elbv2";
import { queries } from "../lib/queries";
import CreateLoadBalancer from "../pages/create-load-balancer";

const ARN = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/b1";
const taken = Object.assign(new Error("It is in use."), {
  name: "DuplicateTargetGroupName",
  $metadata: { httpStatusCode: 400, attempts: 1 },
});

// What was made; what a page asks for again beside it depends on how fast it is drawn.
let sent: { name: string; input: Record<string, unknown> }[];
let isTaken: boolean;

async function answer(command: unknown): Promise<unknown> {
  const { input } = command as { input: Record<string, unknown> };
  const name = (command as object).constructor.name.replace("Command", "");
  // What a page shows is asked for again whenever it is time.
  if (!name.startsWith("Describe")) sent.push({ name, input });
  if (name === "CreateTargetGroup" && isTaken) throw taken;
  return {
    GroupId: "sg-new",
    LoadBalancers: [{ LoadBalancerArn: ARN }],
    TargetGroups: [{ TargetGroupArn: "arn:t" }],
    Listeners: [{ ListenerArn: "arn:l" }],
  };
}

beforeEach(() => {
  sent = [];
  isTaken = true;
  vi.spyOn(elbv2, "send").mockImplementation(answer as never);
  vi.spyOn(ec2, "send").mockImplementation(answer as never);
  const known = (key: readonly unknown[], data: unknown) =>
    queries.setQueryData(key, data, { updatedAt: Date.now() + 600_000 });
  known(vpcsQuery.queryKey, [
    { VpcId: "vpc-1", CidrBlock: "10.0.0.0/16" },
    { VpcId: "vpc-2", CidrBlock: "10.1.0.0/16" },
  ]);
  known(subnetsQuery.queryKey, [
    { SubnetId: "subnet-1", VpcId: "vpc-1", AvailabilityZone: "us-east-1a" },
    { SubnetId: "subnet-2", VpcId: "vpc-1", AvailabilityZone: "us-east-1b" },
  ]);
  known(securityGroupsQuery.queryKey, []);
  known(targetGroupsQuery.queryKey, []);
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

function opened() {
  const { container } = render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={["/create"]}>
        <Routes>
          <Route path="create" element={<CreateLoadBalancer />} />
          <Route path="*" element={<p>left</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
  return createWrapper(container);
}
type Page = ReturnType<typeof opened>;

const next = async (page: Page) => act(async () => page.findWizard()?.findPrimaryButton().click());
const previous = async (page: Page) => act(async () => page.findWizard()?.findPreviousButton()?.click());
const fill = (label: string, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
function chooseVpc(page: Page, id: string) {
  const select = page.findSelect();
  act(() => select?.openDropdown());
  act(() => select?.selectOptionByValue(id));
}
function chooseSubnets(page: Page, ...ids: string[]) {
  const select = page.findMultiselect();
  act(() => select?.openDropdown());
  for (const id of ids) act(() => select?.selectOptionByValue(id));
}

it("goes on after a refusal with what was changed, and says what is there by then", async () => {
  const page = opened();
  fill("Name", "shop");
  chooseVpc(page, "vpc-1");
  chooseSubnets(page, "subnet-1", "subnet-2");
  await next(page);
  await next(page);
  fill("Name of the security group", "web");
  await next(page);
  fill("Name of the target group", "users");
  await next(page);
  await next(page);
  await next(page);
  expect(await screen.findByText(/DuplicateTargetGroupName: It is in use/)).toBeDefined();
  await previous(page);
  await previous(page);
  fill("Name of the target group", "people");
  await next(page);
  await next(page);
  expect(screen.queryByText(/It is in use/)).toBeNull();
  expect(screen.getByText(/Made already: .*load balancer shop/)).toBeDefined();
  isTaken = false;
  sent = [];
  await next(page);
  expect(await screen.findByText("left")).toBeDefined();
  await waitFor(() => expect(sent.map(({ name }) => name)).toEqual(["CreateTargetGroup", "CreateListener"]));
  expect(sent[1]?.input).toMatchObject({ LoadBalancerArn: ARN, Port: 80 });
});

it("takes subnets of a VPC that is not chosen any more out of the form", async () => {
  const page = opened();
  fill("Name", "shop");
  chooseVpc(page, "vpc-1");
  chooseSubnets(page, "subnet-1", "subnet-2");
  chooseVpc(page, "vpc-2");
  await next(page);
  expect(screen.getByText("Choose two subnets or more, in different zones.")).toBeDefined();
});
