import type { Service, ServiceDeploymentBrief } from "@aws-sdk/client-ecs";
import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RollBack, ServiceHistory } from "../components/service-history";
import { ecs } from "../lib/clients";
import { queries } from "../lib/queries";
import { rollBackTarget, secondsOf, stoppable, tookText } from "../lib/service-deployments";

const SERVICE: Service = { serviceName: "users", clusterArn: "arn:aws:ecs:r:1:cluster/shop" };
const arn = (kind: string, id: string) => `arn:aws:ecs:r:1:${kind}/shop/users/${id}`;
const at = (seconds: number) => new Date(1_700_000_000_000 + 1000 * seconds);

const brief = (id: number, status: ServiceDeploymentBrief["status"], more = {}): ServiceDeploymentBrief => ({
  serviceDeploymentArn: arn("service-deployment", `d${id}`),
  targetServiceRevisionArn: arn("service-revision", String(id)),
  createdAt: at(60 * id),
  startedAt: at(60 * id),
  status,
  ...more,
});
const DONE = brief(1, "SUCCESSFUL", { finishedAt: at(72) });
const TRIPPED = brief(2, "ROLLBACK_SUCCESSFUL", {
  statusReason: "Service deployment rolled back because the circuit breaker threshold was exceeded.",
});
const UNDER_WAY = brief(3, "IN_PROGRESS");

let deployments: ServiceDeploymentBrief[];
let stopped: unknown[];
let revisionsMayCome: Promise<void> | undefined;

beforeEach(() => {
  stopped = [];
  revisionsMayCome = undefined;
  vi.spyOn(ecs, "send").mockImplementation(async (command: { constructor: object; input: object }) => {
    const asked = "name" in command.constructor ? command.constructor.name : "";
    if (asked === "ListServiceDeploymentsCommand") return { serviceDeployments: deployments };
    if (asked === "StopServiceDeploymentCommand") {
      stopped.push(command.input);
      return command.input;
    }
    await revisionsMayCome;
    const { serviceRevisionArns } = command.input as { serviceRevisionArns: string[] };
    return {
      serviceRevisions: serviceRevisionArns.map((serviceRevisionArn) => ({
        serviceRevisionArn,
        taskDefinition: `arn:aws:ecs:r:1:task-definition/users:${serviceRevisionArn.at(-1)}`,
      })),
    };
  });
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

const show = (...found: ServiceDeploymentBrief[]) => showOf(SERVICE, ...found);

function showOf(service: Service, ...found: ServiceDeploymentBrief[]) {
  deployments = found;
  render(
    <QueryClientProvider client={queries}>
      <MemoryRouter>
        <RollBack service={service} />
        <ServiceHistory service={service} />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

const found = (text: string | RegExp) => screen.findByText(text, undefined, { timeout: 10_000 });
const rollBackButton = () => screen.getAllByRole("button", { name: "Roll back" });

it("shows the newest first, with status, reason, revision and duration", async () => {
  show(UNDER_WAY, TRIPPED, DONE);
  await found("users:1");
  const rows = screen.getAllByRole("row").slice(1);
  const texts = ["IN_PROGRESS", "ROLLBACK_SUCCESSFUL", "SUCCESSFUL"];
  expect(rows).toHaveLength(3);
  for (const [index, row] of rows.entries()) within(row).getByText(texts[index] ?? "");
  within(rows[1] as HTMLElement).getByText(/the circuit breaker threshold was exceeded/);
  within(rows[2] as HTMLElement).getByText("12 s");
  expect(within(rows[2] as HTMLElement).getByRole("link").textContent).toBe("users:1");
});

it("rolls back the one that is under way", async () => {
  show(UNDER_WAY, TRIPPED, DONE);
  await found("users:3");
  await userEvent.click(rollBackButton()[0] as HTMLElement);
  await found(/users:1 is deployed again/);
  await userEvent.click(rollBackButton().at(-1) as HTMLElement);
  await waitFor(() =>
    expect(stopped).toEqual([{ serviceDeploymentArn: UNDER_WAY.serviceDeploymentArn, stopType: "ROLLBACK" }]),
  );
});

it("says where there is nothing to return to", async () => {
  show(brief(1, "PENDING"));
  await found("users:1");
  await userEvent.click(rollBackButton()[0] as HTMLElement);
  await found(/there is nothing to return to/);
});

it("names what the service still has where the history tells of nothing before", async () => {
  const deployment = (number: number, status: string, rolloutState: "IN_PROGRESS" | "COMPLETED") => ({
    status,
    rolloutState,
    taskDefinition: `arn:aws:ecs:r:1:task-definition/users:${number}`,
  });
  const present = deployment(9, "PRIMARY", "IN_PROGRESS");
  showOf({ ...SERVICE, deployments: [present, deployment(8, "ACTIVE", "COMPLETED")] }, brief(9, "PENDING"));
  await found("users:9");
  await userEvent.click(rollBackButton()[0] as HTMLElement);
  await found(/The deployment of users:9 ends, and users:8 is deployed again/);
});

it("keeps the revisions that it knows while it asks for a new one's", async () => {
  show(DONE);
  await found("users:1");
  deployments = [UNDER_WAY, DONE];
  let answer = () => {};
  revisionsMayCome = new Promise((resolve) => {
    answer = resolve;
  });
  queries.invalidateQueries({ queryKey: ["service-deployment"] });
  await found("IN_PROGRESS");
  screen.getByText("users:1");
  answer();
  await found("users:3");
});

it("offers no roll-back of what has ended", async () => {
  show(DONE);
  await found("users:1");
  expect(rollBackButton()[0]?.getAttribute("disabled")).not.toBeNull();
});

describe("the history", () => {
  it("knows what can be stopped", () => {
    expect(stoppable([brief(2, "ROLLBACK_IN_PROGRESS"), DONE])).toBeUndefined();
    expect(stoppable([brief(2, "PENDING"), DONE])?.status).toBe("PENDING");
    expect(stoppable(undefined)).toBeUndefined();
  });

  it("knows what a roll-back returns to", () => {
    const all = [UNDER_WAY, TRIPPED, DONE];
    const id = UNDER_WAY.serviceDeploymentArn ?? "";
    expect(rollBackTarget(all, id)).toBe(DONE);
    expect(rollBackTarget([UNDER_WAY, TRIPPED], id)).toBeUndefined();
  });

  it("tells long ones in more than seconds", () => {
    const spans: [number, string][] = [
      [0, "under 1 s"],
      [59, "59 s"],
      [60, "1 min"],
      [95, "1 min 35 s"],
      [5400, "1 h 30 min"],
      [7205, "2 h"],
    ];
    for (const [seconds, text] of spans) expect(tookText(seconds)).toBe(text);
    expect(tookText(undefined)).toBe("-");
  });

  it("knows how long what has ended took", () => {
    expect(secondsOf(DONE)).toBe(12);
    expect(secondsOf({ ...UNDER_WAY, finishedAt: at(500) })).toBeUndefined();
  });
});
