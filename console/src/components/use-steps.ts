import type { WizardProps } from "@cloudscape-design/components/wizard";
import { useState } from "react";

type Faults<Form> = Partial<Record<keyof Form, string>>;

export interface StepProps<Form> {
  form: Form;
  /** What is wrong, by field; empty until a step was to be left with it. */
  faults: Faults<Form>;
  change: (part: Partial<Form>) => void;
}

interface Steps<Form> {
  props: StepProps<Form>;
  wizard: Required<Pick<WizardProps, "activeStepIndex" | "onNavigate">>;
}

/** A wizard's form and its steps. One that its check finds faults in is left backwards only. */
export function useSteps<Form>(empty: Form, checks: ((form: Form) => Faults<Form>)[]): Steps<Form> {
  const [form, setForm] = useState(empty);
  const [step, setStep] = useState(0);
  const [isChecked, setChecked] = useState(false);
  const faults = checks[step]?.(form) ?? {};
  return {
    props: {
      form,
      faults: isChecked ? faults : {},
      change: (part) => setForm((old) => ({ ...old, ...part })),
    },
    wizard: {
      activeStepIndex: step,
      onNavigate: ({ detail: { requestedStepIndex, reason } }) => {
        const isStopped = reason === "next" && Object.keys(faults).length > 0;
        setChecked(isStopped);
        if (!isStopped) setStep(requestedStepIndex);
      },
    },
  };
}
