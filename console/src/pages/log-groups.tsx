import { CreateLogGroupCommand, type LogGroup } from "@aws-sdk/client-cloudwatch-logs";
import FormField from "@cloudscape-design/components/form-field";
import Input from "@cloudscape-design/components/input";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Action } from "../components/action";
import { CopyCommand } from "../components/copy-command";
import { PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { measure } from "../lib/charts";
import { logGroupsQuery, logs } from "../lib/logs";
import { awsCommand, count } from "../lib/text";
import { moment } from "../lib/times";

const COLUMNS: Column<LogGroup>[] = [
  {
    id: "name",
    header: "Log group",
    value: (g) => g.logGroupName,
    cell: (g) => <PageLink to={paths.logGroup(g.logGroupName ?? "")}>{g.logGroupName}</PageLink>,
    minWidth: 300,
  },
  {
    id: "retention",
    header: "Events are kept",
    value: (g) => g.retentionInDays ?? Number.MAX_SAFE_INTEGER,
    cell: (g) => (g.retentionInDays ? count(g.retentionInDays, "day") : "for ever"),
    minWidth: 160,
  },
  {
    id: "bytes",
    header: "Stored",
    value: (g) => g.storedBytes,
    cell: (g) => measure(g.storedBytes ?? 0, "bytes"),
  },
  {
    id: "at",
    header: "Created",
    value: (g) => g.creationTime,
    cell: (g) => moment(g.creationTime === undefined ? undefined : new Date(g.creationTime)),
    minWidth: 200,
  },
];

export default function LogGroups() {
  return (
    <ResourceTable
      variant="full-page"
      noun="log groups"
      title="Log groups"
      columns={COLUMNS}
      query={useQuery(logGroupsQuery)}
      rowKey={(group) => group.logGroupName ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("logs describe-log-groups", {})} />
          <CreateLogGroup />
        </SpaceBetween>
      }
      empty="There is no log group yet: create one, and name it in a container's logConfiguration (awslogs-group)."
    />
  );
}

function CreateLogGroup() {
  const [name, setName] = useState("");
  return (
    <Action
      label="Create log group"
      title="Create log group"
      command={awsCommand("logs create-log-group", { "log-group-name": name })}
      run={() => logs.send(new CreateLogGroupCommand({ logGroupName: name }))}
      done={`Log group ${name} was created.`}
      kinds={["log-group"]}
      isPrimary
      typed={name}
      onOpen={() => setName("")}
    >
      <FormField label="Log group name" description="As /ecs/shop: letters, digits, and . - _ / #">
        <Input value={name} onChange={({ detail }) => setName(detail.value.trim())} />
      </FormField>
    </Action>
  );
}
