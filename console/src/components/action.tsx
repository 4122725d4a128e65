import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { notify } from "../layout/notices";
import { refresh } from "../lib/queries";
import { errorText } from "../lib/text";
import { CopyCommand } from "./copy-command";

interface Props {
  /** What the button says. */
  label: string;
  /** What the question is, as `Stop this task?`. */
  title: string;
  /** The form, or what follows from saying yes. */
  children: ReactNode;
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

/** A button that asks, does it, and says what came of it: an error stays in the question, in AWS's words. */
export function Action(props: Props) {
  const [isOpen, setOpen] = useState(false);
  const mutation = useMutation({
    mutationFn: props.run,
    onSuccess: () => {
      setOpen(false);
      notify("success", props.done);
      refresh(props.kinds);
      props.onDone?.();
    },
  });
  const open = () => {
    mutation.reset();
    props.onOpen?.();
    setOpen(true);
  };
  return (
    <>
      <Button
        disabled={props.isDisabled ?? false}
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
          onDismiss={() => setOpen(false)}
          footer={
            <Box float="right">
              <SpaceBetween direction="horizontal" size="xs">
                <CopyCommand command={props.command} noun={props.commandNoun} />
                <Button variant="link" onClick={() => setOpen(false)}>
                  Cancel
                </Button>
                <Button variant="primary" loading={mutation.isPending} onClick={() => mutation.mutate()}>
                  {props.label}
                </Button>
              </SpaceBetween>
            </Box>
          }
        >
          <SpaceBetween size="m">
            {props.children}
            {mutation.error && <Alert type="error">{errorText(mutation.error)}</Alert>}
          </SpaceBetween>
        </Modal>
      )}
    </>
  );
}
