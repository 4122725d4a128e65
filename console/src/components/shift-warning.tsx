import Alert from "@cloudscape-design/components/alert";
import { useQuery } from "@tanstack/react-query";
import { elbName } from "../lib/text";
import { shiftsQuery } from "../lib/tidegate-api";

/** Says that a shift moves the weights of this rule, and what saving others would do to it. */
export function ShiftWarning({ ruleArn }: { ruleArn: string | undefined }) {
  const shifts = useQuery({ ...shiftsQuery(ruleArn ?? ""), enabled: Boolean(ruleArn) });
  const shift = shifts.data?.find(({ Status }) => Status === "IN_PROGRESS");
  if (!shift) return null;
  return (
    <Alert type="warning" header={`A shift to ${elbName(shift.TargetGroupArn)} is in progress`}>
      It moves the weights of this rule. Where the action is changed here, the shift ends; the rest can be
      saved.
    </Alert>
  );
}
