import type { LogGroup, LogStream } from "@aws-sdk/client-cloudwatch-logs";
import Container from "@cloudscape-design/components/container";
import KeyValuePairs from "@cloudscape-design/components/key-value-pairs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";
import { CopyCommand } from "../components/copy-command";
import { Arn, Details } from "../components/details";
import { PageLink, paths } from "../components/link";
import { DeleteLogGroup, SetRetention } from "../components/log-group-actions";
import { LogViewer } from "../components/log-viewer";
import { Page } from "../components/page";
import { type Column, ResourceTable } from "../components/resource-table";
import { PageTabs } from "../components/tabs";
import { measure } from "../lib/charts";
import { logGroupQuery, logStreamsQuery, STREAMS_MAX } from "../lib/logs";
import { awsCommand, count } from "../lib/text";
import { moment } from "../lib/times";

export default function LogGroupPage() {
  const { name = "" } = useParams();
  return (
    <Details noun="log group" query={useQuery(logGroupQuery(name))}>
      {(group) => (
        <Page
          title={name}
          actions={
            <SpaceBetween direction="horizontal" size="xs">
              <SetRetention group={group} />
              <DeleteLogGroup group={group} />
              <CopyCommand
                command={awsCommand("logs describe-log-groups", { "log-group-name-prefix": name })}
              />
            </SpaceBetween>
          }
        >
          <Overview group={group} />
          <PageTabs
            label="Parts of the log group"
            tabs={[
              { id: "events", label: "Events", content: <Events group={name} /> },
              { id: "streams", label: "Streams", content: <Streams group={name} /> },
            ]}
          />
        </Page>
      )}
    </Details>
  );
}

function Overview({ group }: { group: LogGroup }) {
  return (
    <Container>
      <KeyValuePairs
        columns={4}
        items={[
          {
            label: "Events are kept",
            value: group.retentionInDays ? count(group.retentionInDays, "day") : "for ever",
          },
          { label: "Stored", value: measure(group.storedBytes ?? 0, "bytes") },
          { label: "Created", value: moment(new Date(group.creationTime ?? 0)) },
          { label: "ARN", value: <Arn arn={group.logGroupArn ?? group.arn} /> },
        ]}
      />
    </Container>
  );
}

/** Of the whole group, or of the stream that the address names. */
function Events({ group }: { group: string }) {
  const stream = useSearchParams()[0].get("stream");
  if (!stream) return <LogViewer key="all" title="Events" source={{ group }} />;
  return (
    <SpaceBetween size="xs">
      <LogViewer key={stream} title={`Events of ${stream}`} source={{ group, prefix: stream }} />
      <PageLink to={paths.logGroup(group)}>Events of all streams</PageLink>
    </SpaceBetween>
  );
}

const time = (at: number | undefined) => moment(at === undefined ? undefined : new Date(at));

function columns(group: string): Column<LogStream>[] {
  return [
    {
      id: "name",
      header: "Stream",
      value: (s) => s.logStreamName,
      cell: (s) => <PageLink to={paths.logStream(group, s.logStreamName ?? "")}>{s.logStreamName}</PageLink>,
      minWidth: 380,
    },
    {
      id: "last",
      header: "Last event",
      value: (s) => s.lastEventTimestamp,
      cell: (s) => time(s.lastEventTimestamp),
      minWidth: 200,
    },
    {
      id: "first",
      header: "First event",
      value: (s) => s.firstEventTimestamp,
      cell: (s) => time(s.firstEventTimestamp),
      minWidth: 200,
    },
  ];
}

function Streams({ group }: { group: string }) {
  return (
    <ResourceTable
      noun="streams"
      title="Log streams"
      description={`The ${STREAMS_MAX} that were written to last, at most.`}
      columns={useMemo(() => columns(group), [group])}
      query={useQuery(logStreamsQuery(group))}
      rowKey={(stream) => stream.logStreamName ?? ""}
      sortBy="last"
      isDescending
      actions={
        <CopyCommand
          command={awsCommand("logs describe-log-streams", {
            "log-group-name": group,
            "order-by": "LastEventTime",
            descending: true,
          })}
        />
      }
      empty="Nothing has been written to this group yet."
    />
  );
}
