import Alert from "@cloudscape-design/components/alert";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs, { type KeyValuePairsProps } from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { errorText } from "../lib/text";
import { CopyCommand } from "./copy-command";

interface Props {
  items: KeyValuePairsProps.Item[];
  command: string;
  /** What is under way, if anything. */
  doing: string;
  /** What is left of earlier tries, if anything. */
  made: string;
  error: Error | null;
}

/** A wizard's last step: what is made, how far it is, and why it is not done yet. */
export function WhatIsMade({ items, command, doing, made, error }: Props) {
  return (
    <SpaceBetween size="l">
      <Container
        header={
          <Header variant="h2" actions={<CopyCommand command={command} />}>
            What is made
          </Header>
        }
      >
        <KeyValuePairs columns={2} items={items} />
      </Container>
      {doing && <StatusIndicator type="in-progress">{doing}</StatusIndicator>}
      {made && !doing && !error && <Alert type="info">{made}</Alert>}
      {error && (
        <Alert type="error" header="It is not done yet">
          <SpaceBetween size="xs">
            <Box>{errorText(error)}</Box>
            {made && <Box>{made}</Box>}
          </SpaceBetween>
        </Alert>
      )}
    </SpaceBetween>
  );
}
