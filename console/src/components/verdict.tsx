import StatusIndicator from "@cloudscape-design/components/status-indicator";
import { count, errorText } from "../lib/text";

interface Asked {
  isPending: boolean;
  error: Error | null;
}

/** Whether any of these is still asked for the first time, and the first error that any has met. */
export function together(queries: Asked[]): Asked {
  return {
    isPending: queries.some(({ isPending }) => isPending),
    error: queries.find(({ error }) => error)?.error ?? null,
  };
}

interface Props extends Asked {
  /** How many services are not steady, targets unhealthy, alarms in ALARM. */
  moving: number;
  unwell: number;
  ringing: number;
  /** Whether there is no service. */
  isEmpty: boolean;
}

/** Whether all is well, in a line: that it is, only where every answer was had. */
export function Verdict({ isPending, error, moving, unwell, ringing, isEmpty }: Props) {
  // Of what could not be asked nobody knows that there is none.
  const troubles = [
    ...(moving > 0 ? [`${count(moving, "service")} not steady`] : []),
    ...(unwell > 0 ? [`${count(unwell, "target")} unhealthy`] : []),
    ...(ringing > 0 ? [`${count(ringing, "alarm")} in ALARM`] : []),
  ].join(", ");
  if (error) {
    return (
      <StatusIndicator type="error">
        Not everything could be asked: {errorText(error)}
        {troubles && `. Of what is known: ${troubles}`}
      </StatusIndicator>
    );
  }
  if (isPending) return <StatusIndicator type="loading">Looking</StatusIndicator>;
  if (troubles) return <StatusIndicator type="warning">{troubles}</StatusIndicator>;
  if (isEmpty) {
    return (
      <StatusIndicator type="info">
        Nothing runs yet: the first steps below lead to a service.
      </StatusIndicator>
    );
  }
  return (
    <StatusIndicator>
      Every service is steady, no target is unhealthy and no alarm is in ALARM
    </StatusIndicator>
  );
}
