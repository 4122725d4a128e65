import {
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import Alert from "@cloudscape-design/components/alert";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import Select from "@cloudscape-design/components/select";
import { useState } from "react";
import { useNavigate } from "react-router";
import { logs } from "../lib/logs";
import { awsCommand, count } from "../lib/text";
import { Action } from "./action";
import { paths } from "./link";

// Those that PutRetentionPolicy takes.
const DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
];
const FOREVER = { value: "", label: "For ever" };
const CHOICES = [FOREVER, ...DAYS.map((days) => ({ value: String(days), label: count(days, "day") }))];

/** How long a group keeps its events. */
export function SetRetention({ group }: { group: LogGroup }) {
  const logGroupName = group.logGroupName ?? "";
  const now = String(group.retentionInDays ?? "");
  const [days, setDays] = useState(now);
  const command = days
    ? awsCommand("logs put-retention-policy", { "log-group-name": logGroupName, "retention-in-days": days })
    : awsCommand("logs delete-retention-policy", { "log-group-name": logGroupName });
  return (
    <Action
      label="Set retention"
      title={`How long are events of ${logGroupName} kept?`}
      command={command}
      run={() =>
        days
          ? logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: Number(days) }))
          : logs.send(new DeleteRetentionPolicyCommand({ logGroupName }))
      }
      done={`Events of ${logGroupName} are kept ${days ? `for ${count(Number(days), "day")}` : "for ever"}.`}
      kinds={["log-group"]}
      typed={days}
      onOpen={() => setDays(now)}
    >
      <FormField label="Keep events" description="Older ones go at once, and do not come back.">
        <Select
          options={CHOICES}
          selectedOption={CHOICES.find(({ value }) => value === days) ?? FOREVER}
          onChange={({ detail }) => setDays(detail.selectedOption.value ?? "")}
        />
      </FormField>
    </Action>
  );
}

export function DeleteLogGroup({ group }: { group: LogGroup }) {
  const logGroupName = group.logGroupName ?? "";
  const navigate = useNavigate();
  const [typed, setTyped] = useState("");
  return (
    <Action
      label="Delete"
      title={`Delete ${logGroupName}?`}
      command={awsCommand("logs delete-log-group", { "log-group-name": logGroupName })}
      run={() => {
        if (typed !== logGroupName) throw new Error("The name that was typed is not the log group's.");
        return logs.send(new DeleteLogGroupCommand({ logGroupName }));
      }}
      done={`Log group ${logGroupName} was deleted.`}
      kinds={["log-group"]}
      onOpen={() => setTyped("")}
      onDone={() => void navigate(paths.logGroups())}
    >
      <Alert type="warning">
        All of its events go. What containers print from now on is lost, unless their log configuration has
        awslogs-create-group.
      </Alert>
      <FormField label={`Type the log group's name, ${logGroupName}, to delete it`}>
        <Input value={typed} onChange={({ detail }) => setTyped(detail.value)} />
      </FormField>
    </Action>
  );
}
