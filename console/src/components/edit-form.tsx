import Alert from "@cloudscape-design/components/alert";
import Button from "@cloudscape-design/components/button";
import Form from "@cloudscape-design/components/form";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { notify } from "../layout/notices";
import { refresh } from "../lib/queries";
import { errorText } from "../lib/text";
import { CopyCommand } from "./copy-command";

interface Props {
  title: string;
  description?: string;
  submit: string;
  command: string;
  commandNoun?: "tidegate";
  /** Nothing is sent while this holds; the form is told then to show why. */
  isFaulty: boolean;
  run: () => Promise<unknown>;
  done: string;
  kinds: string[];
  /** The page to go to where it is given up, and afterwards unless `next` is given. */
  back: string;
  next?: string;
  children: (isChecked: boolean) => ReactNode;
}

/** A form that is a page: an error stays beside it, in AWS's words, with what was typed. */
export function EditForm(props: Props) {
  const [isChecked, setChecked] = useState(false);
  const navigate = useNavigate();
  const mutation = useMutation({
    mutationFn: props.run,
    onSuccess: () => {
      notify("success", props.done);
      refresh(props.kinds);
      void navigate(props.next ?? props.back);
    },
  });
  const submit = () => {
    setChecked(true);
    if (!props.isFaulty) mutation.mutate();
  };
  return (
    <Form
      header={
        <Header variant="h1" {...(props.description && { description: props.description })}>
          {props.title}
        </Header>
      }
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={props.command} noun={props.commandNoun} />
          <Button variant="link" onClick={() => void navigate(props.back)}>
            Cancel
          </Button>
          <Button variant="primary" loading={mutation.isPending} onClick={submit}>
            {props.submit}
          </Button>
        </SpaceBetween>
      }
    >
      <SpaceBetween size="l">
        {props.children(isChecked)}
        {mutation.error && <Alert type="error">{errorText(mutation.error)}</Alert>}
      </SpaceBetween>
    </Form>
  );
}
