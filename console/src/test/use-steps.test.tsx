import type { WizardProps } from "@cloudscape-design/components/wizard";
import { act, cleanup, renderHook } from "@testing-library/react";
import { afterEach, describe, expect, it, vi } from "vitest";
import { useSteps } from "../components/use-steps";

const EMPTY = { name: "shop", port: "80" };
type Form = typeof EMPTY;
const checks: ((form: Form) => Partial<Record<keyof Form, string>>)[] = [
  ({ name }) => (name ? {} : { name: "A name." }),
  ({ port }) => (port ? {} : { port: "A port." }),
];
const REVIEW = checks.length;

/** A wizard of two steps and a review. */
function wizard() {
  const { result } = renderHook(() => useSteps(EMPTY, checks));
  return {
    go: (requestedStepIndex: number, reason: WizardProps.NavigationReason = "step") =>
      act(() => {
        const detail = { requestedStepIndex, reason };
        result.current.wizard.onNavigate(new CustomEvent("navigate", { detail }) as never);
      }),
    change: (part: Partial<Form>) => act(() => result.current.props.change(part)),
    submit: (send: () => void) => act(() => result.current.whenSound(send)()),
    step: () => result.current.wizard.activeStepIndex,
    faults: () => result.current.props.faults,
  };
}

afterEach(cleanup);

describe("useSteps", () => {
  it("does not leave a step with faults, and marks them once it was to be left", () => {
    const { go, change, step, faults } = wizard();
    change({ name: "" });
    expect(faults()).toEqual({});
    go(1, "next");
    expect(step()).toBe(0);
    expect(faults()).toEqual({ name: "A name." });
    change({ name: "store" });
    expect(faults()).toEqual({});
    go(1, "next");
    expect(step()).toBe(1);
  });

  it("leads the keyboard to the field that has to be mended", async () => {
    const field = document.body.appendChild(document.createElement("input"));
    field.setAttribute("aria-invalid", "true");
    const { go, change } = wizard();
    change({ name: "" });
    go(1, "next");
    await vi.waitFor(() => expect(document.activeElement).toBe(field));
    field.remove();
  });

  it("is left backwards with faults", () => {
    const { go, change, step, faults } = wizard();
    go(1, "next");
    change({ port: "" });
    go(0, "previous");
    expect(step()).toBe(0);
    expect(faults()).toEqual({});
  });

  it("stops on the way to a step that was seen before at the first one with faults", () => {
    const { go, change, step, faults } = wizard();
    go(REVIEW);
    go(0);
    change({ name: "" });
    go(REVIEW);
    expect(step()).toBe(0);
    expect(faults()).toEqual({ name: "A name." });
    change({ name: "store", port: "" });
    go(REVIEW);
    expect(step()).toBe(1);
    expect(faults()).toEqual({ port: "A port." });
  });

  it("sends only what has no faults", () => {
    const { go, change, submit, step } = wizard();
    const send = vi.fn();
    go(REVIEW);
    change({ name: "" });
    submit(send);
    expect(send).not.toHaveBeenCalled();
    expect(step()).toBe(0);
    change({ name: "store" });
    go(REVIEW);
    submit(send);
    expect(send).toHaveBeenCalledOnce();
    expect(step()).toBe(REVIEW);
  });
});
