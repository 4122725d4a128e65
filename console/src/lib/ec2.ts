import {
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type SecurityGroup,
  type Subnet,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { queryOptions } from "@tanstack/react-query";
import { clientOptions } from "./clients";

export const ec2 = new EC2Client(clientOptions);

// The stream of changes tells nothing of networks: they are asked for when a form needs them.
export const vpcsQuery = queryOptions({
  queryKey: ["vpc"],
  queryFn: async (): Promise<Vpc[]> => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [],
});

export const subnetsQuery = queryOptions({
  queryKey: ["subnet"],
  queryFn: async (): Promise<Subnet[]> => (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [],
});

export const securityGroupsQuery = queryOptions({
  queryKey: ["security-group"],
  queryFn: async (): Promise<SecurityGroup[]> =>
    (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [],
});
