import type { Action, Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter, Route, Routes } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { elbv2 } from "../lib/clients";
import { rulesQuery } from "../lib/elbv2";
import { queries } from "../lib/queries";
import EditRule from "../pages/edit-rule";

const share = (blue: number) => ({
  RuleArn: "arn:r",
  Priority: "5",
  Conditions: [{ Field: "path-pattern", PathPatternConfig: { Values: ["/a*"] } }],
  Actions: [
    {
      Type: "forward" as const,
      ForwardConfig: {
        TargetGroups: [
          { TargetGroupArn: "arn:blue", Weight: blue },
          { TargetGroupArn: "arn:green", Weight: 100 - blue },
        ],
      },
    },
  ],
});

let protocol: "HTTP" | "HTTPS";
let sent: { name: string; input: unknown }[];
const know = (rules: Rule[]) =>
  queries.setQueryData(rulesQuery("arn:l").queryKey, rules, { updatedAt: Date.now() + 600_000 });

beforeEach(() => {
  sent = [];
  protocol = "HTTP";
  vi.spyOn(elbv2, "send").mockImplementation((async (command: { input: unknown }) => {
    const name = command.constructor.name.replace("Command", "");
    if (!name.startsWith("Describe")) sent.push({ name, input: command.input });
    return name === "DescribeListeners" ? { Listeners: [{ Protocol: protocol }] } : {};
  }) as never);
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

const open = (query: string) =>
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter initialEntries={[`/load-balancers/shop/rule?listener=arn:l${query}`]}>
        <Routes>
          <Route path="load-balancers/:name/rule" element={<EditRule />} />
          <Route path="*" element={<p>left</p>} />
        </Routes>
      </MemoryRouter>
    </QueryClientProvider>,
  );
const press = (name: string) => userEvent.click(screen.getByText(name, { selector: "button *" }));

describe("EditRule", () => {
  it("sends the priority alone where nothing else was typed, though a shift moves the weights meanwhile", async () => {
    know([share(90)]);
    open("&rule=arn:r");
    const field = screen.getByLabelText("Priority");
    await userEvent.clear(field);
    know([share(50)]);
    await userEvent.type(field, "7{Enter}");
    expect(await screen.findByText("left")).toBeDefined();
    const RulePriorities = [{ RuleArn: "arn:r", Priority: 7 }];
    expect(sent).toEqual([{ name: "SetRulePriorities", input: { RulePriorities } }]);
  });

  it("sends nothing where nothing was changed, and says so", async () => {
    know([share(90)]);
    open("&rule=arn:r");
    await press("Save rule");
    expect(await screen.findByText("Nothing was changed.")).toBeDefined();
    expect(sent).toEqual([]);
  });

  it("has users log in where its listener speaks HTTPS, with every field that a login needs", async () => {
    protocol = "HTTPS";
    know([share(90)]);
    open("&rule=arn:r");
    await userEvent.click(await screen.findByLabelText("Authenticate users with Amazon Cognito"));
    await press("Save rule");
    expect(screen.getByText("The ARN of a user pool is needed.")).toBeDefined();
    const pool = "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_Shop";
    const values = { "User pool": pool, "App client": "shop", "User pool domain": "login" };
    for (const [label, value] of Object.entries(values))
      fireEvent.change(screen.getByLabelText(label), { target: { value } });
    await press("Save rule");
    expect(await screen.findByText("left")).toBeDefined();
    const input = sent[0]?.input as { Actions: Action[] } | undefined;
    expect(input?.Actions.map(({ Type, Order }) => [Type, Order])).toEqual([
      ["authenticate-cognito", 1],
      ["forward", 2],
    ]);
    expect(input?.Actions[0]?.AuthenticateCognitoConfig?.UserPoolArn).toBe(pool);
  });

  it("asks nobody who he is where its listener speaks HTTP", async () => {
    know([share(90)]);
    open("&rule=arn:r");
    expect(await screen.findByLabelText("Forward to target groups")).toBeDefined();
    expect(screen.queryByText("Pre-routing action")).toBeNull();
  });

  it("proposes the priority after the last, and asks for what a rule needs", async () => {
    know([share(90), { RuleArn: "arn:d", Priority: "default", IsDefault: true }]);
    open("");
    expect(screen.getByLabelText("Priority")).toHaveProperty("value", "6");
    await press("Add rule");
    expect(screen.getByText("Something has to be mended first: it is marked.")).toBeDefined();
    expect(sent).toEqual([]);
  });
});
