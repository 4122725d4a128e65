import type { LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import SpaceBetween from "@cloudscape-design/components/space-between";
import { useQuery } from "@tanstack/react-query";
import { CopyCommand } from "../components/copy-command";
import { PageButton, PageLink, paths } from "../components/link";
import { type Column, ResourceTable } from "../components/resource-table";
import { PlainStatus } from "../components/statuses";
import { loadBalancersQuery } from "../lib/elbv2";
import { awsCommand } from "../lib/text";
import { moment } from "../lib/times";

const COLUMNS: Column<LoadBalancer>[] = [
  {
    id: "name",
    header: "Load balancer",
    value: (b) => b.LoadBalancerName,
    cell: (b) => <PageLink to={paths.loadBalancer(b.LoadBalancerName ?? "")}>{b.LoadBalancerName}</PageLink>,
    minWidth: 180,
  },
  {
    id: "state",
    header: "State",
    value: (b) => b.State?.Code,
    cell: (b) => <PlainStatus status={b.State?.Code} />,
  },
  { id: "dns", header: "DNS name", value: (b) => b.DNSName, cell: (b) => b.DNSName, minWidth: 280 },
  { id: "scheme", header: "Scheme", value: (b) => b.Scheme, cell: (b) => b.Scheme, minWidth: 140 },
  { id: "vpc", header: "VPC", value: (b) => b.VpcId, cell: (b) => b.VpcId, minWidth: 160 },
  {
    id: "at",
    header: "Created",
    value: (b) => b.CreatedTime?.getTime(),
    cell: (b) => moment(b.CreatedTime),
    minWidth: 190,
  },
];

export default function LoadBalancers() {
  return (
    <ResourceTable
      variant="full-page"
      noun="load balancers"
      title="Load balancers"
      columns={COLUMNS}
      query={useQuery(loadBalancersQuery)}
      rowKey={(balancer) => balancer.LoadBalancerArn ?? ""}
      sortBy="name"
      actions={
        <SpaceBetween direction="horizontal" size="xs">
          <CopyCommand command={awsCommand("elbv2 describe-load-balancers", {})} />
          <PageButton to={paths.createLoadBalancer()}>Create load balancer</PageButton>
        </SpaceBetween>
      }
      empty="There is no load balancer yet: create one to have a DNS name that leads to your services."
    />
  );
}
