import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { TextField } from "../components/fields";

function Form({ hasSpaces }: { hasSpaces: boolean }) {
  const [form, setForm] = useState({ text: "" });
  const change = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  return (
    <TextField form={form} faults={{}} change={change} field="text" label="Text" hasSpaces={hasSpaces} />
  );
}

afterEach(cleanup);

it.each([
  [true, " cron(0 8 ? * * *) ", "cron(0 8 ? * * *)"],
  [false, " shop ", "shop"],
])("keeps what is typed between words alone (%s)", async (hasSpaces, typed, kept) => {
  render(<Form hasSpaces={hasSpaces} />);
  const field = screen.getByLabelText<HTMLInputElement>("Text");
  await userEvent.type(field, typed);
  await userEvent.tab();
  expect(field.value).toBe(kept);
});
