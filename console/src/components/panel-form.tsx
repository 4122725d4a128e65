import Button from "@cloudscape-design/components/button";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import SpaceBetween from "@cloudscape-design/components/space-between";
import type { FormEvent, ReactNode } from "react";
import { CopyCommand } from "./copy-command";
import { Refused } from "./refused";
import type { useSending } from "./use-sending";

interface Props {
  title: string;
  /** What the button says that saves. */
  submit: string;
  command: string;
  /** Whether there is something to save, and something to take back. */
  isChanged: boolean;
  isBegun?: boolean;
  sending: Pick<ReturnType<typeof useSending>, "isPending" | "error">;
  onDiscard: () => void;
  onSubmit: (form: HTMLFormElement) => void;
  children: ReactNode;
}

/** A form that is a part of a page: what was typed there is saved, or discarded. */
export function PanelForm(props: Props) {
  const { isChanged, isBegun = isChanged, sending } = props;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (isChanged) props.onSubmit(event.currentTarget);
  };
  const actions = (
    <SpaceBetween direction="horizontal" size="xs">
      <CopyCommand command={props.command} />
      <Button formAction="none" disabled={!isBegun || sending.isPending} onClick={props.onDiscard}>
        Discard changes
      </Button>
      <Button variant="primary" disabled={!isChanged} loading={sending.isPending}>
        {props.submit}
      </Button>
    </SpaceBetween>
  );
  return (
    <form onSubmit={submit} noValidate>
      <Container
        header={
          <Header variant="h2" actions={actions}>
            {props.title}
          </Header>
        }
      >
        <SpaceBetween size="l">
          <Refused error={sending.error} />
          <div inert={sending.isPending}>{props.children}</div>
        </SpaceBetween>
      </Container>
    </form>
  );
}
