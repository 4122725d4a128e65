import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  type LogGroup,
  type LogStream,
  paginateDescribeLogGroups,
  paginateDescribeLogStreams,
} from "@aws-sdk/client-cloudwatch-logs";
import { queryOptions } from "@tanstack/react-query";
import { clientOptions } from "./clients";
import type { LogSource } from "./log-sources";
import type { LogLine } from "./log-window";

export const logs = new CloudWatchLogsClient(clientOptions);

export const logGroupsQuery = queryOptions({
  queryKey: ["log-group"],
  queryFn: async (): Promise<LogGroup[]> => {
    const found: LogGroup[] = [];
    for await (const page of paginateDescribeLogGroups({ client: logs, pageSize: 50 }, {}))
      found.push(...(page.logGroups ?? []));
    return found;
  },
});

/** One group, or null when there is none of that name. */
export const logGroupQuery = (name: string) =>
  queryOptions({
    queryKey: ["log-group", name],
    queryFn: async (): Promise<LogGroup | null> => {
      const answer = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: name, limit: 50 }));
      return answer.logGroups?.find(({ logGroupName }) => logGroupName === name) ?? null;
    },
  });

export const STREAMS_MAX = 500;

/** The streams of a group that were written to last. */
export const logStreamsQuery = (logGroupName: string) =>
  queryOptions({
    queryKey: ["log-stream", logGroupName],
    queryFn: async (): Promise<LogStream[]> => {
      const asked = { logGroupName, orderBy: "LastEventTime" as const, descending: true };
      const found: LogStream[] = [];
      for await (const page of paginateDescribeLogStreams({ client: logs, pageSize: 50 }, asked)) {
        found.push(...(page.logStreams ?? []));
        if (found.length >= STREAMS_MAX) break;
      }
      return found;
    },
  });

// So many are drawn at once without anybody's noticing.
const PAGE_LINES = 1_000;

export interface LogQuery extends LogSource {
  pattern: string;
  /** Milliseconds since 1970. */
  begin: number;
}

/** A page of matching events, the oldest first. It may be empty and have a next one. */
export async function logPage(
  query: LogQuery,
  nextToken: string | undefined,
  abortSignal: AbortSignal,
): Promise<{ lines: LogLine[]; next: string | undefined }> {
  const answer = await logs.send(
    new FilterLogEventsCommand({
      logGroupName: query.group,
      startTime: query.begin,
      limit: PAGE_LINES,
      ...(query.prefix && { logStreamNamePrefix: query.prefix }),
      ...(query.pattern && { filterPattern: query.pattern }),
      ...(nextToken && { nextToken }),
    }),
    { abortSignal },
  );
  const lines = (answer.events ?? []).map(
    ({ eventId = "", timestamp = 0, logStreamName = "", message = "" }): LogLine => ({
      id: eventId,
      at: timestamp,
      stream: logStreamName,
      message,
    }),
  );
  return { lines, next: answer.nextToken };
}
