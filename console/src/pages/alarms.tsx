import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { ALARMS } from "../components/alarm-table";
import { CopyCommand } from "../components/copy-command";
import { PageButton, paths } from "../components/link";
import { ResourceTable } from "../components/resource-table";
import { alarmsQuery } from "../lib/alarm-list";
import { awsCommand } from "../lib/text";

export default function Alarms() {
  return (
    <ResourceTable
      variant="full-page"
      noun="alarms"
      title="Alarms"
      columns={ALARMS}
      query={useQuery(alarmsQuery)}
      rowKey={(alarm) => alarm.AlarmName ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand
            command={awsCommand("cloudwatch describe-alarms", {
              "alarm-types": ["MetricAlarm", "CompositeAlarm"],
            })}
          />
          <PageButton to={paths.createAlarm()}>Create alarm</PageButton>
        </SpaceBetween>
      }
      empty="There is no alarm yet: one tells you, or scales a service, when a metric passes a threshold."
    />
  );
}
