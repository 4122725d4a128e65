import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageButton, PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { familiesQuery } from "../lib/ecs";
import { awsCommand } from "../lib/text";

const COLUMNS: Column<string>[] = [
  {
    id: "family",
    header: "Family",
    value: (family) => family,
    cell: (family) => <PageLink to={paths.taskDefinition(family)}>{family}</PageLink>,
    minWidth: 240,
  },
];

export default function TaskDefinitions() {
  return (
    <ResourceTable
      variant="full-page"
      noun="families"
      title="Task definitions"
      description="A family's revisions say what a task is made of: images, CPU, memory, ports."
      columns={COLUMNS}
      query={useQuery(familiesQuery)}
      rowKey={(family) => family}
      sortBy="family"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("ecs list-task-definition-families", { status: "ACTIVE" })} />
          <PageButton to={paths.registerTaskDefinition()}>Register task definition</PageButton>
        </SpaceBetween>
      }
      empty="There is no task definition yet: register a family's first revision."
    />
  );
}
