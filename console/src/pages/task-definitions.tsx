import { useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageLink, paths } from "../components/link";
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
        <CopyCommand command={awsCommand("ecs list-task-definition-families", { status: "ACTIVE" })} />
      }
      empty="There is no task definition yet: aws ecs register-task-definition makes a family's first revision."
    />
  );
}
