import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, renderHook, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { MemoryRouter } from "react-router";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useNotices } from "../layout/notices";
import { cloudwatch } from "../lib/metrics";
import { queries } from "../lib/queries";
import CreateAlarm from "../pages/create-alarm";

const ALARM = {
  AlarmName: "busy",
  AlarmArn: "arn:a",
  Namespace: "Shop",
  MetricName: "Orders",
  Statistic: "Sum",
  Period: 60,
  Threshold: 5,
  EvaluationPeriods: 1,
  DatapointsToAlarm: 1,
  ComparisonOperator: "GreaterThanThreshold",
};

vi.mock("../components/alarm-chart", () => ({ AlarmChart: () => null }));

describe("CreateAlarm", () => {
  afterEach(() => {
    cleanup();
    queries.clear();
    vi.restoreAllMocks();
  });

  it("is saved by Enter, and tells what was refused where it was left meanwhile", async () => {
    let refuse: (error: Error) => void = () => {};
    const puts: { Threshold?: number }[] = [];
    vi.spyOn(cloudwatch, "send").mockImplementation((async (command: { input: object }) => {
      const name = command.constructor.name.replace("Command", "");
      if (name === "DescribeAlarms") return { MetricAlarms: [ALARM], CompositeAlarms: [] };
      if (name !== "PutMetricAlarm") return {};
      puts.push(command.input);
      return await new Promise((_, reject) => (refuse = reject));
    }) as never);
    const { unmount } = render(
      <QueryClientProvider client={queries}>
        <MemoryRouter initialEntries={["/create-alarm?edit=busy"]}>
          <CreateAlarm />
        </MemoryRouter>
      </QueryClientProvider>,
    );
    await userEvent.type(await screen.findByLabelText("Threshold"), "0{Enter}");
    expect(puts.map(({ Threshold }) => Threshold)).toEqual([50]);
    unmount();
    refuse(new Error("Invalid arn syntax."));
    const told = () => renderHook(useNotices).result.current.map(({ content }) => content);
    await waitFor(() => expect(told()).toContain("Edit busy: Invalid arn syntax."));
  });
});
