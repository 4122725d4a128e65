import Box from "@cloudscape-design/components/box";
import Button from "@cloudscape-design/components/button";
import Modal from "@cloudscape-design/components/modal";
import SpaceBetween from "@cloudscape-design/components/space-between";

interface Props {
  /** What is asked, as `Leave this page?`. */
  title: string;
  onStay: () => void;
  onLeave: () => void;
}

/** Asks before what was typed is lost. */
export function LeaveQuestion({ title, onStay, onLeave }: Props) {
  return (
    <Modal
      visible
      header={title}
      closeAriaLabel="Stay"
      onDismiss={onStay}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" formAction="none" onClick={onStay}>
              Stay
            </Button>
            <Button variant="primary" formAction="none" onClick={onLeave}>
              Leave
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      What was typed here is not saved, and is lost.
    </Modal>
  );
}
