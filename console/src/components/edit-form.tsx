import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, type ReactNode, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { focusFault } from "../layout/focus";
import { isOther } from "../lib/same";
import { CopyCommand } from "./copy-command";
import { Refused } from "./refused";
import { useSending } from "./use-sending";
import { useUnsaved } from "./use-unsaved";

interface Props<T> {
  title: string;
  description?: string;
  submit: string;
  command: string;
  commandNoun?: "tidegate";
  /** What is typed, as plain data: where it is not as it was at first, leaving the page asks before. */
  typed: unknown;
  /** Nothing is sent while this holds; the form is told then to show why. */
  isFaulty: boolean;
  run: () => Promise<T>;
  done: string | ((result: T) => string);
  kinds: string[];
  /** The page to go to where it is given up, and afterwards unless `next` is given. */
  back: string;
  next?: string | ((result: T) => string);
  children: (isChecked: boolean) => ReactNode;
}

/** A form that is a page: an error stays beside it, in AWS's words, with what was typed. */
export function EditForm<T>(props: Props<T>) {
  const [isChecked, setChecked] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const [first, setFirst] = useState(props.typed);
  const saved = useUnsaved(isOther(props.typed, first));
  const navigate = useNavigate();
  const sending = useSending({
    title: props.title,
    run: () => props.run(),
    done: props.done,
    kinds: props.kinds,
    onDone: (result) => {
      const { next = props.back } = props;
      saved();
      // The page may be kept by something else that it holds.
      setFirst(props.typed);
      void navigate(typeof next === "string" ? next : next(result));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (props.isFaulty) focusFault(form.current);
    else sending.send();
  };
  return (
    <form ref={form} onSubmit={submit} noValidate>
      <Form
        header={
          <Header variant="h1" {...(props.description && { description: props.description })}>
            {props.title}
          </Header>
        }
        actions={
          <SpaceBetween direction="horizontal" size="xs">
            <CopyCommand command={props.command} noun={props.commandNoun} />
            <Button variant="link" formAction="none" onClick={() => void navigate(props.back)}>
              Cancel
            </Button>
            <Button variant="primary" loading={sending.isPending}>
              {props.submit}
            </Button>
          </SpaceBetween>
        }
      >
        <SpaceBetween size="l">
          <div inert={sending.isPending}>{props.children(isChecked)}</div>
          {isChecked && props.isFaulty && (
            <Alert type="error">Something has to be mended first: it is marked.</Alert>
          )}
          <Refused error={sending.error} />
        </SpaceBetween>
      </Form>
    </form>
  );
}
