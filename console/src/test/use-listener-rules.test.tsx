import type { Rule } from "@aws-sdk/client-elastic-load-balancing-v2";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, renderHook, waitFor } from "@testing-library/react";
import { type ReactNode, useState } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useListenerRules } from "../components/use-listener-rules";
import { elbv2 } from "../lib/clients";
import { EMPTY, type NewService } from "../lib/new-service";
import { queries } from "../lib/queries";

/** The rules of listener `a` end at 7, those of `b` at 20. */
const RULES: Record<string, Rule[]> = {
  a: [{ Priority: "7", Actions: [{ Type: "forward", TargetGroupArn: "arn:t" }] }],
  b: [{ Priority: "20" }],
};

beforeEach(() => {
  vi.spyOn(elbv2, "send").mockImplementation(async (command: unknown) => {
    const { input } = command as { input: { ListenerArn: string } };
    return { Rules: RULES[input.ListenerArn] };
  });
});
afterEach(() => {
  cleanup();
  queries.clear();
  vi.restoreAllMocks();
});

function wizard() {
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  const { result } = renderHook(
    () => {
      const [form, setForm] = useState<NewService>(EMPTY);
      const change = (part: Partial<NewService>) => setForm((old) => ({ ...old, ...part }));
      useListenerRules({ form, change });
      return { form, change };
    },
    { wrapper },
  );
  return {
    change: (part: Partial<NewService>) => act(() => result.current.change(part)),
    form: () => result.current.form,
  };
}

it("proposes the priority after the last of the listener that is chosen, each time", async () => {
  const { change, form } = wizard();
  for (const [listenerArn, next] of [
    ["a", "8"],
    ["b", "21"],
    ["a", "8"],
  ]) {
    change({ listenerArn: listenerArn ?? "" });
    await waitFor(() => expect(form().priority).toBe(next));
  }
});

it("never writes over a priority that was typed, also before the rules came", async () => {
  const { change, form } = wizard();
  change({ listenerArn: "a", targetGroupArn: "arn:t" });
  change({ priority: "3" });
  await waitFor(() => expect(form().isForwarded).toBe(true));
  expect(form().priority).toBe("3");
  change({ listenerArn: "b" });
  await waitFor(() => expect(form().isForwarded).toBe(false));
  expect(form().priority).toBe("3");
});
