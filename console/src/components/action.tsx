import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { type FormEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { focusFault, focusPage } from "../layout/focus";
import { isOther } from "../lib/same";
import { CopyCommand } from "./copy-command";
import { LeaveQuestion } from "./leave-question";
import { Refused } from "./refused";
import { useSending } from "./use-sending";
import { useTyped, useUnsaved } from "./use-unsaved";

interface Props {
  /** What the button says. */
  label: string;
  /** What the question is, as `Stop this task?`. */
  title: string;
  /** The form, or what follows from saying yes. */
  children: ReactNode;
  /** What is typed, as plain data: where it is not as it was when the question opened, leaving it asks before. */
  typed?: unknown;
  /** The same as an `aws` command. */
  command: string;
  commandNoun?: "tidegate";
  run: () => Promise<unknown>;
  /** What is said when it is done. */
  done: string;
  /** Kinds of resources that it changes. */
  kinds: string[];
  isDisabled?: boolean;
  isPrimary?: boolean;
  /** Called when the question opens: forms take their first values then. */
  onOpen?: () => void;
  onDone?: () => void;
}

/** A button that asks, does it, and says what came of it: an error stays in the question, in AWS's words, or is told
 * above the page where the question was left. Enter in a field says yes. */
export function Action(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const [isAsking, setAsking] = useState(false);
  const isTyped = useTyped(isOpen, props.typed);
  const saved = useUnsaved(isTyped);
  const id = useId();
  const form = useRef<HTMLFormElement>(null);
  const sending = useSending({
    title: props.title,
    run: async () => props.run(),
    done: props.done,
    kinds: props.kinds,
    onSettled: (isDone) => (isDone ? become(false) : focusFault(form.current)),
    onDone: () => {
      saved();
      props.onDone?.();
    },
  });
  // What was said of a form as it was does not hold of another one.
  const [said, setSaid] = useState<{ error: Error | null; typed: unknown }>({ error: null, typed: null });
  if (said.error !== sending.error) setSaid({ error: sending.error, typed: props.typed });
  const isStale = isOther(props.typed, said.typed);
  const become = (open: boolean) => {
    sending.stands(open);
    setOpen(open);
    setAsking(false);
  };
  const leave = () => (isTyped ? setAsking(true) : become(false));
  useEffect(() => (isOpen ? focusPage : undefined), [isOpen]);
  const open = () => {
    sending.reset();
    props.onOpen?.();
    become(true);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    // React hands it on to the form that this button stands in.
    event.stopPropagation();
    sending.send();
  };
  return (
    <>
      <Button
        disabled={props.isDisabled ?? false}
        loading={sending.isPending && !isOpen}
        formAction="none"
        variant={props.isPrimary ? "primary" : "normal"}
        onClick={open}
      >
        {props.label}
      </Button>
      {isOpen && (
        <Modal
          visible
          header={props.title}
          closeAriaLabel="Close"
          onDismiss={leave}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <CopyCommand command={props.command} noun={props.commandNoun} />
                <Button variant="link" formAction="none" onClick={leave}>
                  Cancel
                </Button>
                <Button variant="primary" form={id} loading={sending.isPending}>
                  {props.label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <form id={id} ref={form} onSubmit={submit} noValidate>
            <SpaceBetween size="m">
              {props.children}
              <Refused error={isStale ? null : sending.error} />
            </SpaceBetween>
          </form>
        </Modal>
      )}
      {isAsking && (
        <LeaveQuestion
          title="Leave this form?"
          onStay={() => setAsking(false)}
          onLeave={() => become(false)}
        />
      )}
    </>
  );
}
