import type { AlarmHistoryItem } from "@aws-sdk/client-cloudwatch";
import Box from "@cloudscape-design/components/box";
import Container from "@cloudscape-design/components/container";
import Header from "@cloudscape-design/components/header";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useParams } from "react-router";
import { DeleteAlarm, SwitchActions } from "../components/alarm-actions";
import { AlarmChart } from "../components/alarm-chart";
import { ALARMS } from "../components/alarm-table";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageButton, paths } from "../components/link";
import { Page } from "../components/page";
import { type Column, ResourceTable } from "../components/resource-table";
import { AlarmStatus } from "../components/statuses";
import { dimensionsText, formOf, MISSING } from "../lib/alarm-form";
import type { AnyAlarm } from "../lib/alarm-list";
import { alarmQuery, childrenQuery, historyQuery } from "../lib/alarms";
import { awsCommand } from "../lib/text";
import { moment } from "../lib/times";

export default function AlarmPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="alarm" query={useQuery(alarmQuery(name))}>
      {(alarm) => (
        <Page
          title={name}
          description={alarm.AlarmDescription}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              {formOf(alarm) && <PageButton to={paths.createAlarm(name)}>Edit</PageButton>}
              <SwitchActions alarm={alarm} />
              <DeleteAlarm alarm={alarm} />
              <CopyCommand
                command={awsCommand("cloudwatch describe-alarms", {
                  "alarm-names": name,
                  "alarm-types": ["MetricAlarm", "CompositeAlarm"],
                })}
              />
            </SpaceBetween>
          }
        >
          <Overview alarm={alarm} />
          {alarm.AlarmRule ? <Children name={name} rule={alarm.AlarmRule} /> : <AlarmChart alarm={alarm} />}
          <Actions alarm={alarm} />
          <History name={name} />
        </Page>
      )}
    </Details>
  );
}

function Overview({ alarm }: { alarm: AnyAlarm }) {
  const dimensions = Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name, Value]));
  const ofMetric = [
    { label: "Metric", value: alarm.MetricName ? `${alarm.Namespace} ${alarm.MetricName}` : "an expression" },
    { label: "Dimensions", value: alarm.MetricName ? dimensionsText(dimensions) : "-" },
    {
      label: "Missing data treatment",
      value: MISSING[alarm.TreatMissingData ?? "missing"] ?? alarm.TreatMissingData,
    },
  ];
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          { label: "State", value: <AlarmStatus state={alarm.StateValue} /> },
          { label: "Since", value: moment(alarm.StateTransitionedTimestamp) },
          { label: "Reason", value: alarm.StateReason ?? "-" },
          { label: "ARN", value: <Arn arn={alarm.AlarmArn} /> },
          ...(alarm.AlarmRule ? [] : ofMetric),
        ]}
      />
    </Container>
  );
}

function Children({ name, rule }: { name: string; rule: string }) {
  return (
    <SpaceBetween size="l">
      <Container header={<Header variant="h2">Rule</Header>}>
        <Box variant="code">{rule}</Box>
      </Container>
      <ResourceTable
        noun="alarms"
        title="Alarms that it depends on"
        columns={ALARMS}
        query={useQuery(childrenQuery(name))}
        rowKey={(alarm) => alarm.AlarmName ?? ""}
        sortBy="name"
        empty="Its rule names no alarm."
      />
    </SpaceBetween>
  );
}

function Actions({ alarm }: { alarm: AnyAlarm }) {
  const listed = (actions: string[] | undefined) =>
    actions?.length ? actions.map((action) => <div key={action}>{action}</div>) : "-";
  return (
    <Container
      header={
        <Header
          variant="h2"
          description={
            alarm.ActionsEnabled
              ? "A URL is told, a scaling policy scales."
              : "They are disabled: no change of state runs them."
          }
        >
          Actions
        </Header>
      }
    >
      <KeyValuePairs
        columns={3}
        items={[
          { label: "In alarm", value: listed(alarm.AlarmActions) },
          { label: "OK", value: listed(alarm.OKActions) },
          { label: "Insufficient data", value: listed(alarm.InsufficientDataActions) },
        ]}
      />
    </Container>
  );
}

const HISTORY: Column<AlarmHistoryItem>[] = [
  {
    id: "at",
    header: "Time",
    value: (i) => i.Timestamp?.getTime(),
    cell: (i) => moment(i.Timestamp),
    minWidth: 200,
  },
  {
    id: "type",
    header: "Type",
    value: (i) => i.HistoryItemType,
    cell: (i) => i.HistoryItemType,
    minWidth: 180,
  },
  {
    id: "summary",
    header: "What happened",
    value: (i) => i.HistorySummary,
    cell: (i) => i.HistorySummary,
    minWidth: 420,
  },
];

function History({ name }: { name: string }) {
  return (
    <ResourceTable
      noun="items"
      title="History"
      description="The newest hundred."
      columns={HISTORY}
      query={useQuery(historyQuery(name))}
      rowKey={(item) => `${item.Timestamp?.getTime()} ${item.HistoryItemType} ${item.HistorySummary}`}
      sortBy="at"
      isDescending
      actions={
        <CopyCommand command={awsCommand("cloudwatch describe-alarm-history", { "alarm-name": name })} />
      }
      empty="Nothing has happened to this alarm yet."
    />
  );
}
