import { useQuery } from "@tanstack/react-query";
import {
  securityGroupsQuery,
  securityGroupText,
  subnetsQuery,
  subnetText,
  vpcsQuery,
  vpcText,
} from "../lib/ec2";

/** What a review calls VPCs, subnets and security groups: as the lists did from which they were chosen. */
export function useNetworkNames() {
  const vpcs = useQuery(vpcsQuery).data;
  const subnets = useQuery(subnetsQuery).data;
  const groups = useQuery(securityGroupsQuery).data;
  const subnet = (id: string) => subnetText(id, subnets);
  return {
    vpc: (id: string) => vpcText(id, vpcs),
    subnet,
    subnets: (ids: string[]) => ids.map(subnet).join(", "),
    groups: (ids: string[]) => ids.map((id) => securityGroupText(id, groups)).join(", "),
  };
}
