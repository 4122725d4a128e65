import {
  DeleteAlarmsCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
} from "@aws-sdk/client-cloudwatch";
import Box from "@cloudscape-design/components/box";
import { useNavigate } from "react-router";
import type { AnyAlarm } from "../lib/alarm-list";
import { cloudwatch } from "../lib/metrics";
import { awsCommand } from "../lib/text";
import { Action } from "./action";
import { paths } from "./link";

/** Whether a change of state tells anybody. */
export function SwitchActions({ alarm }: { alarm: AnyAlarm }) {
  const name = alarm.AlarmName ?? "";
  const isOn = alarm.ActionsEnabled ?? false;
  const asked = { AlarmNames: [name] };
  return (
    <Action
      label={isOn ? "Disable actions" : "Enable actions"}
      title={isOn ? `Disable the actions of ${name}?` : `Enable the actions of ${name}?`}
      command={awsCommand(`cloudwatch ${isOn ? "disable" : "enable"}-alarm-actions`, { "alarm-names": name })}
      run={() =>
        isOn
          ? cloudwatch.send(new DisableAlarmActionsCommand(asked))
          : cloudwatch.send(new EnableAlarmActionsCommand(asked))
      }
      done={`The actions of ${name} are ${isOn ? "disabled" : "enabled"}.`}
      kinds={["alarm"]}
    >
      <Box>
        {isOn
          ? "It is evaluated as before, and its state is shown, but nobody is told and nothing scales by it."
          : "From the next change of its state on, its actions are run again."}
      </Box>
    </Action>
  );
}

export function DeleteAlarm({ alarm }: { alarm: AnyAlarm }) {
  const name = alarm.AlarmName ?? "";
  const navigate = useNavigate();
  return (
    <Action
      label="Delete"
      title={`Delete ${name}?`}
      command={awsCommand("cloudwatch delete-alarms", { "alarm-names": name })}
      run={() => cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [name] }))}
      done={`Alarm ${name} was deleted.`}
      kinds={["alarm"]}
      onDone={() => void navigate(paths.alarms())}
    >
      <Box>Its history stays. An alarm of a scaling policy comes back only with its policy.</Box>
    </Action>
  );
}
