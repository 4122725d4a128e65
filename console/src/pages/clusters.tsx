import type { Cluster } from "@aws-sdk/client-ecs";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageButton, PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { PlainStatus } from "../components/statuses";
import { clustersQuery } from "../lib/ecs";
import { awsCommand } from "../lib/text";

const COLUMNS: Column<Cluster>[] = [
  {
    id: "name",
    header: "Cluster",
    value: (c) => c.clusterName,
    cell: (c) => <PageLink to={paths.cluster(c.clusterName ?? "")}>{c.clusterName}</PageLink>,
    minWidth: 180,
  },
  { id: "status", header: "Status", value: (c) => c.status, cell: (c) => <PlainStatus status={c.status} /> },
  {
    id: "services",
    header: "Services",
    value: (c) => c.activeServicesCount,
    cell: (c) => c.activeServicesCount ?? 0,
  },
  {
    id: "running",
    header: "Running tasks",
    value: (c) => c.runningTasksCount,
    cell: (c) => c.runningTasksCount ?? 0,
  },
  {
    id: "pending",
    header: "Pending tasks",
    value: (c) => c.pendingTasksCount,
    cell: (c) => c.pendingTasksCount ?? 0,
  },
  {
    id: "instances",
    header: "Container instances",
    value: (c) => c.registeredContainerInstancesCount,
    cell: (c) => c.registeredContainerInstancesCount ?? 0,
  },
];

export default function Clusters() {
  const query = useQuery(clustersQuery);
  return (
    <ResourceTable
      variant="full-page"
      noun="clusters"
      title="Clusters"
      columns={COLUMNS}
      query={query}
      rowKey={(cluster) => cluster.clusterArn ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("ecs list-clusters", {})} />
          <PageButton to={paths.createCluster()}>Create cluster</PageButton>
        </SpaceBetween>
      }
      empty="There is no cluster yet: create the one that services and tasks are to run in."
    />
  );
}
