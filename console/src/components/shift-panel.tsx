import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import ProgressBar from "@cloudscape-design/components/progress-bar";
import SpaceBetween from "@cloudscape-design/components/space-between";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { progressText, statusCommand, stopCommand, weightsText } from "../lib/ab-text";
import { elbName } from "../lib/text";
import { type GuardReading, type Shift, stopShift } from "../lib/tidegate-api";
import { Action } from "./action";
import { CopyCommand } from "./copy-command";
import { at, ShiftStatus } from "./shift-table";

const READINGS: Record<GuardReading["State"], StatusIndicatorProps.Type> = {
  HOLDS: "success",
  BREACHED: "error",
  UNCERTAIN: "warning",
  NOT_ENOUGH_DATA: "pending",
};

/** A shift in progress: how far it is, what its guards read, and the two ways to end it. */
export function ShiftPanel({ shift }: { shift: Shift }) {
  const readings = shift.GuardReadings ?? [];
  return (
    <Container
      header={
        <Header
          variant="h2"
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <CopyCommand command={statusCommand(shift.RuleArn)} noun="tidegate" />
              <StopShift shift={shift} isRolledBack={false} />
              <StopShift shift={shift} isRolledBack />
            </SpaceBetween>
          }
        >
          {`Shift to ${elbName(shift.TargetGroupArn)}`}
        </Header>
      }
    >
      <SpaceBetween size="l">
        <ProgressBar
          label={progressText(shift)}
          value={shift.Steps[shift.Step - 1]?.Percent ?? 0}
          description={`Steps: ${shift.Steps.map(({ Percent }) => `${Percent} %`).join(", ")}`}
        />
        <KeyValuePairs
          columns={4}
          items={[
            { label: "Status", value: <ShiftStatus status={shift.Status} /> },
            { label: "Weights", value: weightsText(shift.Weights) },
            { label: "Weights before", value: weightsText(shift.OriginalWeights) },
            { label: "This step began", value: at(shift.StepStartedAt) },
          ]}
        />
        {readings.length > 0 && (
          <div>
            <Box variant="awsui-key-label">Guards</Box>
            {readings.map(({ Text, State }) => (
              <div key={Text}>
                <StatusIndicator type={READINGS[State]}>{Text}</StatusIndicator>
              </div>
            ))}
          </div>
        )}
        <div>
          <Box variant="awsui-key-label">Events</Box>
          {[...shift.Events].reverse().map(({ At, Text }) => (
            <Box key={`${At} ${Text}`}>{`${at(At)}: ${Text}`}</Box>
          ))}
        </div>
      </SpaceBetween>
    </Container>
  );
}

function StopShift({ shift, isRolledBack }: { shift: Shift; isRolledBack: boolean }) {
  return (
    <Action
      label={isRolledBack ? "Roll back" : "Stop"}
      title={isRolledBack ? "Roll back this shift?" : "Stop this shift?"}
      command={stopCommand(shift.ShiftId, isRolledBack)}
      commandNoun="tidegate"
      run={() => stopShift(shift.ShiftId, isRolledBack)}
      done={isRolledBack ? "The shift was rolled back." : "The shift was stopped."}
      kinds={["shift", "rule", "listener"]}
    >
      <Box>
        {isRolledBack
          ? `The weights that it found are restored at once: ${weightsText(shift.OriginalWeights)}.`
          : `The weights stay as they are: ${weightsText(shift.Weights)}.`}
      </Box>
    </Action>
  );
}
