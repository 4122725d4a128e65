import type { TargetGroup } from "@aws-sdk/client-elastic-load-balancing-v2";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageButton, PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { targetGroupsQuery } from "../lib/elbv2";
import { awsCommand, elbName } from "../lib/text";

const COLUMNS: Column<TargetGroup>[] = [
  {
    id: "name",
    header: "Target group",
    value: (g) => g.TargetGroupName,
    cell: (g) => <PageLink to={paths.targetGroup(g.TargetGroupName ?? "")}>{g.TargetGroupName}</PageLink>,
    minWidth: 180,
  },
  {
    id: "protocol",
    header: "Protocol",
    value: (g) => g.Protocol,
    cell: (g) => `${g.Protocol}, ${g.ProtocolVersion}`,
  },
  { id: "port", header: "Port", value: (g) => g.Port, cell: (g) => g.Port },
  { id: "type", header: "Target type", value: (g) => g.TargetType, cell: (g) => g.TargetType },
  { id: "vpc", header: "VPC", value: (g) => g.VpcId, cell: (g) => g.VpcId, minWidth: 180 },
  {
    id: "balancer",
    header: "Load balancer",
    value: (g) => (g.LoadBalancerArns ?? []).map(elbName).join(", "),
    cell: (g) =>
      g.LoadBalancerArns?.length
        ? g.LoadBalancerArns.map((arn) => (
            <PageLink key={arn} to={paths.loadBalancer(elbName(arn))}>
              {elbName(arn)}
            </PageLink>
          ))
        : "none: gets no requests",
    minWidth: 180,
  },
];

export default function TargetGroups() {
  return (
    <ResourceTable
      variant="full-page"
      noun="target groups"
      title="Target groups"
      columns={COLUMNS}
      query={useQuery(targetGroupsQuery)}
      rowKey={(group) => group.TargetGroupArn ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("elbv2 describe-target-groups", {})} />
          <PageButton to={paths.createTargetGroup()}>Create target group</PageButton>
        </SpaceBetween>
      }
      empty="There is no target group yet: create one, for listeners to send requests to."
    />
  );
}
