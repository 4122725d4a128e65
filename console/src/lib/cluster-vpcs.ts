import { DescribeInstancesCommand } from "@aws-sdk/client-ec2";
import { queryOptions } from "@tanstack/react-query";
import { ec2 } from "./ec2";
import { instancesQuery } from "./ecs";
import { queries } from "./queries";

/** Where the instances of a cluster are: `all` of those that are known, how many to each VPC. */
export interface ClusterVpcs {
  instances: number;
  byVpc: Record<string, number>;
}

export const clusterVpcsQuery = (cluster: string) =>
  queryOptions({
    queryKey: ["container-instance", "vpcs", cluster],
    queryFn: async (): Promise<ClusterVpcs> => {
      const members = await queries.fetchQuery(instancesQuery(cluster));
      const InstanceIds = members.flatMap(({ ec2InstanceId }) =>
        ec2InstanceId?.startsWith("i-") ? [ec2InstanceId] : [],
      );
      if (InstanceIds.length === 0) return { instances: members.length, byVpc: {} };
      const { Reservations } = await ec2.send(new DescribeInstancesCommand({ InstanceIds }));
      const byVpc: Record<string, number> = {};
      for (const { VpcId = "" } of (Reservations ?? []).flatMap(({ Instances }) => Instances ?? []))
        byVpc[VpcId] = (byVpc[VpcId] ?? 0) + 1;
      return { instances: members.length, byVpc };
    },
  });

/** What is wrong with a load balancer or target group of this VPC for a cluster, and how it is mended;
 * null where nothing is, or where nothing is known. */
export function vpcFault(vpcId: string | undefined, cluster: string, where: ClusterVpcs | undefined) {
  const known = Object.keys(where?.byVpc ?? {});
  if (!where || known.length === 0 || !vpcId || known.includes(vpcId)) return null;
  const theirs = known.join(" and ");
  return {
    short: `In ${vpcId}, where cluster ${cluster} has no instance`,
    what: `It is in ${vpcId}; the instances of cluster ${cluster} are in ${theirs}. Tasks there cannot be registered as its targets, and get no request.`,
    mend: `Choose a load balancer of ${theirs}, or make one there; or run instances of the cluster in a subnet of ${vpcId}.`,
  };
}
