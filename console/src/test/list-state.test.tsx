import createWrapper from "@cloudscape-design/components/test-utils/dom";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, waitFor } from "@testing-library/react";
import { afterEach, expect, it, vi } from "vitest";
import { InstancesField } from "../components/instances-field";
import { MutualFields } from "../components/mutual-fields";
import { SubnetsField, VpcField } from "../components/network-fields";
import { elbv2 } from "../lib/clients";
import { ec2 } from "../lib/ec2";
import { NO_MUTUAL } from "../lib/mutual-tls";
import { queries } from "../lib/queries";

const refused = Object.assign(new Error("You are not authorized."), { name: "UnauthorizedOperation" });
const nothing = () => {};

const FIELDS = {
  vpc: <VpcField label="VPC" value="vpc-1" onChange={nothing} />,
  subnets: <SubnetsField label="Subnets" vpcId="vpc-1" values={["subnet-1"]} onChange={nothing} />,
  instances: <InstancesField vpcId="vpc-1" chosen={[]} onChange={nothing} />,
  "trust stores": (
    <MutualFields
      form={{ ...NO_MUTUAL, mode: "verify", trustStoreArn: "arn:store" }}
      fault={undefined}
      change={nothing}
    />
  ),
};
type Field = keyof typeof FIELDS;
const EMPTY: Record<Field, string> = {
  vpc: "There is no VPC yet: create one.",
  subnets: "This VPC has no subnet yet: create one.",
  instances: "No instance of this VPC runs.",
  "trust stores": "There is no trust store yet: aws elbv2 create-trust-store makes one.",
};
const each = Object.keys(FIELDS) as Field[];

function opened(field: Field, answer: () => Promise<unknown>) {
  vi.spyOn(ec2, "send").mockImplementation(answer as never);
  vi.spyOn(elbv2, "send").mockImplementation(answer as never);
  const { container } = render(<QueryClientProvider client={queries}>{FIELDS[field]}</QueryClientProvider>);
  const page = createWrapper(container);
  const select = page.findSelect() ?? page.findMultiselect();
  if (!select) throw new Error("No list");
  act(() => select.openDropdown());
  const text = () => select.findDropdown().getElement().textContent ?? "";
  const again = () => act(() => select.findErrorRecoveryButton()?.click());
  return { text, again, container };
}

afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

it.each(each)("a list of %s that loads is not empty", (field) => {
  const { text } = opened(field, () => new Promise(nothing));
  expect(text()).toContain("Loading");
  expect(text()).not.toContain(EMPTY[field]);
});

it.each(each)("a list of %s that could not be read says so, and is asked for again", async (field) => {
  let isRefused = true;
  const { text, again } = opened(field, async () => {
    if (isRefused) throw refused;
    return {};
  });
  await waitFor(() => expect(text()).toContain("UnauthorizedOperation: You are not authorized."));
  expect(text()).not.toContain(EMPTY[field]);
  isRefused = false;
  again();
  await waitFor(() => expect(text()).toContain(EMPTY[field]));
});

it.each([
  ["vpc", "vpc-1"],
  ["subnets", "subnet-1"],
  ["trust stores", "arn:store"],
] as [Field, string][])("what was chosen of %s is shown while they load", (field, chosen) => {
  const { container } = opened(field, () => new Promise(nothing));
  expect(container.textContent).toContain(chosen);
});
