import Box from "@cloudscape-design/components/box";
import { stopAll, stopCommand } from "../lib/run-task";
import { count } from "../lib/text";
import { Action } from "./action";

interface Props {
  cluster: string;
  /** Their ids; empty where none is chosen. */
  tasks: string[];
  /** Whether one of them belongs to a service. */
  isService: boolean;
  onDone?: () => void;
}

/** Stops tasks, after a question. */
export function StopTasks({ cluster, tasks, isService, onDone }: Props) {
  const what = tasks.length === 1 ? `task ${tasks[0]?.slice(0, 12)}` : count(tasks.length, "task");
  return (
    <Action
      label="Stop"
      title={`Stop ${what}?`}
      command={stopCommand(cluster, tasks)}
      run={() => stopAll(cluster, tasks)}
      done={tasks.length === 1 ? `Task ${tasks[0]?.slice(0, 12)} stops.` : `${what} stop.`}
      kinds={["task"]}
      isDisabled={tasks.length === 0}
      {...(onDone && { onDone })}
    >
      <Box>
        {isService
          ? "What belongs to a service is replaced by it. Targets drain first, so that no request is lost."
          : "They are told to stop, and killed after their stop timeout."}
      </Box>
      {tasks.length > 1 && <Names ids={tasks} />}
    </Action>
  );
}

const NAMED_MAX = 20;

/** Which ones: a filter may have hidden some since they were chosen. */
function Names({ ids }: { ids: string[] }) {
  const shown = ids.slice(0, NAMED_MAX).map((id) => id.slice(0, 12));
  const others = ids.length - shown.length;
  return <Box variant="code">{shown.join(", ") + (others > 0 ? ` and ${others} more` : "")}</Box>;
}
