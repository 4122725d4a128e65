import type { LoadBalancer } from "@aws-sdk/client-elastic-load-balancing-v2";
import { queryOptions } from "@tanstack/react-query";
import { ec2InstancesQuery } from "./ec2";
import { instancesQuery } from "./ecs";
import { queries } from "./queries";

/** Where the instances of a cluster are: how many there are in all, and the zones of those that are known, by
 * VPC. */
export interface ClusterPlaces {
  instances: number;
  zones: Record<string, string[]>;
}

export const clusterPlacesQuery = (cluster: string) =>
  queryOptions({
    queryKey: ["container-instance", "places", cluster],
    queryFn: async (): Promise<ClusterPlaces> => {
      const members = await queries.fetchQuery(instancesQuery(cluster));
      const ids = new Set(members.map(({ ec2InstanceId }) => ec2InstanceId));
      // Not by their ids: AWS refuses them all where one is there no more.
      const all = members.length > 0 ? await queries.fetchQuery(ec2InstancesQuery) : [];
      const zones: ClusterPlaces["zones"] = {};
      for (const { VpcId, Placement } of all.filter(({ InstanceId }) => ids.has(InstanceId))) {
        const zone = Placement?.AvailabilityZone;
        // One that is terminated is nowhere.
        if (VpcId && zone) zones[VpcId] = [...new Set([...(zones[VpcId] ?? []), zone])].sort();
      }
      return { instances: members.length, zones };
    },
  });

/** What is wrong with where a load balancer is, and how it is mended. */
export interface PlaceFault {
  header: string;
  short: string;
  what: string;
  mend: string;
  /** Whether it is in the wrong VPC: no subnet more would help. */
  isVpc: boolean;
}

/** What is wrong with where a load balancer is, for the instances of a cluster; null where nothing is, or
 * where nothing is known. */
export function placeFault(
  balancer: LoadBalancer | undefined,
  cluster: string,
  where: ClusterPlaces | undefined,
): PlaceFault | null {
  const vpcs = Object.keys(where?.zones ?? {});
  if (!where || vpcs.length === 0 || !balancer?.VpcId) return null;
  const theirs = where.zones[balancer.VpcId];
  return theirs ? zoneFault(balancer, cluster, theirs) : vpcFault(balancer, cluster, vpcs);
}

function vpcFault({ VpcId, LoadBalancerName }: LoadBalancer, cluster: string, vpcs: string[]): PlaceFault {
  const theirs = listed(vpcs);
  return {
    header: `${LoadBalancerName} is in the wrong VPC`,
    short: `In ${VpcId}, where cluster ${cluster} has no instance`,
    what: `It is in ${VpcId}; the instances of cluster ${cluster} are in ${theirs}. Tasks there cannot be registered as its targets, and get no request.`,
    mend: `Choose a load balancer of ${theirs}, or make one there; or run instances of the cluster in a subnet of ${VpcId}.`,
    isVpc: true,
  };
}

function zoneFault(balancer: LoadBalancer, cluster: string, theirs: string[]): PlaceFault | null {
  const name = balancer.LoadBalancerName;
  const enabled = (balancer.AvailabilityZones ?? []).flatMap(({ ZoneName }) => ZoneName ?? []).sort();
  const missing = theirs.filter((zone) => !enabled.includes(zone));
  if (missing.length === 0) return null;
  const zones = listed(missing);
  return {
    header: `${name} is not enabled for ${zones}`,
    short: `Not enabled for ${zones}, where cluster ${cluster} has instances`,
    what: `Cluster ${cluster} has instances in ${zones}; the load balancer is enabled for ${listed(enabled)}. Targets elsewhere are unused: tasks there get no request, and the service does not reach its steady state.`,
    mend: `Enable ${zones} for the load balancer, or run the cluster's instances in ${listed(enabled)}.`,
    isVpc: false,
  };
}

const listed = (names: string[]): string => names.join(" and ");
