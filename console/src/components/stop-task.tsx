import { StopTaskCommand } from "@aws-sdk/client-ecs";
import Box from "@cloudscape-design/components/box";
import { ecs } from "../lib/clients";
import { awsCommand } from "../lib/text";
import { Action } from "./action";

interface Props {
  cluster: string;
  /** Its id; null where none is chosen. */
  task: string | null;
  isService: boolean;
  onDone?: () => void;
}

/** Stops a task, after a question. */
export function StopTask({ cluster, task, isService, onDone }: Props) {
  return (
    <Action
      label="Stop"
      title={`Stop task ${task?.slice(0, 12) ?? ""}?`}
      command={awsCommand("ecs stop-task", { cluster, task: task ?? "" })}
      run={() => ecs.send(new StopTaskCommand({ cluster, task: task ?? "" }))}
      done={`Task ${task?.slice(0, 12)} stops.`}
      kinds={["task"]}
      isDisabled={task === null}
      {...(onDone && { onDone })}
    >
      <Box>
        {isService
          ? "Its service starts another one. Its targets drain first, so that no request is lost."
          : "It is told to stop, and killed after its stop timeout."}
      </Box>
    </Action>
  );
}
