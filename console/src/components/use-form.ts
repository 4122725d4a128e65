import { useState } from "react";
import { count } from "../lib/text";
import type { StepProps } from "./use-steps";

interface Checked<Form> {
  props: StepProps<Form>;
  /** Raises where something has to be mended first, and marks it. */
  check: () => void;
  /** Begin anew, with this. */
  start: (form: Form) => void;
}

/** They may be above what is seen. */
const mendFirst = (number: number) =>
  `${count(number, "field")} above ${number === 1 ? "has" : "have"} to be mended first.`;

/** A form of one page: what is wrong with it is shown once it was to be sent. */
export function useForm<Form>(
  empty: Form,
  faultsOf: (form: Form) => Partial<Record<keyof Form, string>>,
): Checked<Form> {
  const [form, setForm] = useState(empty);
  const [isChecked, setChecked] = useState(false);
  const faults = faultsOf(form);
  return {
    props: {
      form,
      faults: isChecked ? faults : {},
      change: (part) => setForm((old) => ({ ...old, ...part })),
    },
    check: () => {
      setChecked(true);
      if (Object.keys(faults).length > 0) throw new Error(mendFirst(Object.keys(faults).length));
    },
    start: (next) => {
      setChecked(false);
      setForm(next);
    },
  };
}
