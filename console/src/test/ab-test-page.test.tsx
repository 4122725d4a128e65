import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import AbTest from "../pages/ab-test";

const SHIFT = vi.hoisted(() => ({
  ShiftId: "0123456789abcdef",
  TargetGroupArn: "arn:aws:elasticloadbalancing:r:0:targetgroup/canary/1",
  Status: "SUCCEEDED",
  RuleArn: "nope",
  Steps: [{ Percent: 100, BakeTimeInSeconds: 0 }],
  Step: 1,
  Weights: [],
  OriginalWeights: [],
  Guards: [],
  Events: [],
  CreatedAt: 0,
}));
let shifts: object[] = [];

vi.mock("../lib/signed-fetch", () => ({
  signedFetch: vi.fn(),
  signedRequest: async (_path: string, { headers }: { headers: Record<string, string> }) => {
    const isShifts = headers["x-amz-target"] === "Tidegate.DescribeShifts";
    const refused = { __type: "ResourceNotFoundException", message: "The rule nope does not exist." };
    return Response.json(isShifts ? { Shifts: shifts } : refused, { status: isShifts ? 200 : 400 });
  },
}));

afterEach(cleanup);

function opened() {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MemoryRouter initialEntries={["/ab-test?rule=nope"]}>
        <AbTest />
      </MemoryRouter>
    </QueryClientProvider>,
  );
}

describe("AbTest of a rule that is not there", () => {
  it("says so in the API's words, and nothing else", async () => {
    shifts = [];
    opened();
    expect(await screen.findByText(/The rule nope does not exist/)).toBeDefined();
    expect(screen.getByText("Go to the A/B tests that there are").closest("a")?.href).toContain("/ab-tests");
    for (const title of ["Comparison", "Shifts"]) expect(screen.queryByText(title)).toBeNull();
    expect(screen.queryByRole("button")).toBeNull();
  });

  it("shows the shifts that it had", async () => {
    shifts = [SHIFT];
    opened();
    expect(await screen.findByText(/The rule nope does not exist/)).toBeDefined();
    expect(await screen.findByText(SHIFT.ShiftId)).toBeDefined();
  });
});
