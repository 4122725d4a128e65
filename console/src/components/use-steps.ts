import type { WizardProps } from "@cloudscape-design/components/wizard";
import { useState } from "react";
import { focusFault } from "../layout/focus";
import { isOther } from "../lib/same";
import { useUnsaved } from "./use-unsaved";

type Faults<Form> = Partial<Record<keyof Form, string>>;

export interface StepProps<Form> {
  form: Form;
  /** What is wrong, by field; empty until a step was to be left with it. */
  faults: Faults<Form>;
  change: (part: Partial<Form>) => void;
}

/** The same fields, where a change also takes back what was said of the form as it was. */
export const afresh = <Form>(props: StepProps<Form>, reset: () => void): StepProps<Form> => ({
  ...props,
  change: (part) => {
    reset();
    props.change(part);
  },
});

interface Steps<Form> {
  props: StepProps<Form>;
  wizard: Required<Pick<WizardProps, "activeStepIndex" | "onNavigate">>;
  /** Do it where no step has faults; else go to the first that has. */
  whenSound: (send: () => void) => () => void;
  /** Called once it is done: to leave the wizard asks nothing any more. */
  saved: () => void;
}

/** A wizard's form and its steps. One that its check finds faults in is left backwards only: neither "Next" nor
 * the list of steps, which leads to any that was seen before, goes past it. */
export function useSteps<Form>(empty: Form, checks: ((form: Form) => Faults<Form>)[]): Steps<Form> {
  const [form, setForm] = useState(empty);
  const [step, setStep] = useState(0);
  const [isChecked, setChecked] = useState(false);
  const saved = useUnsaved(isOther(form, empty));
  const faults = checks[step]?.(form) ?? {};
  /** Go there, or to the first step before it with faults; whether it was reached. */
  const go = (wanted: number, from: number): boolean => {
    const isFaulty = (check: (form: Form) => Faults<Form>, at: number) =>
      at >= from && at < wanted && Object.keys(check(form)).length > 0;
    const faulty = checks.findIndex(isFaulty);
    setChecked(faulty >= 0);
    setStep(faulty >= 0 ? faulty : wanted);
    if (faulty >= 0) focusFault(document.body);
    return faulty < 0;
  };
  return {
    props: {
      form,
      faults: isChecked ? faults : {},
      change: (part) => setForm((old) => ({ ...old, ...part })),
    },
    wizard: {
      activeStepIndex: step,
      onNavigate: ({ detail }) => void go(detail.requestedStepIndex, step),
    },
    whenSound: (send) => () => {
      if (go(step, 0)) send();
    },
    saved,
  };
}
