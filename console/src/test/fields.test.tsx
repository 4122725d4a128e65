import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { afterEach, expect, it } from "vitest";
import { TextField } from "../components/fields";

function Form(props: { hasSpaces?: boolean; isSecret?: boolean }) {
  const [form, setForm] = useState({ text: "" });
  const change = (part: Partial<typeof form>) => setForm((old) => ({ ...old, ...part }));
  return <TextField {...props} form={form} faults={{}} change={change} field="text" label="Text" />;
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

it("keeps a secret as it is typed", async () => {
  render(<Form isSecret />);
  const field = screen.getByLabelText<HTMLInputElement>("Text");
  await userEvent.type(field, " a secret ");
  await userEvent.tab();
  expect(field.value).toBe(" a secret ");
});
