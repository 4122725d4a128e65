import {
  DescribeAvailabilityZonesCommand,
  DescribeInstanceAttributeCommand,
  DescribeInternetGatewaysCommand,
  DescribeKeyPairsCommand,
  DescribeSecurityGroupRulesCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  EC2Client,
  type Instance,
  type InstanceTypeInfo,
  type InternetGateway,
  type KeyPairInfo,
  paginateDescribeInstances,
  paginateDescribeInstanceTypes,
  type ResourceType,
  type SecurityGroup,
  type SecurityGroupRule,
  type Subnet,
  type Tag,
  type Vpc,
} from "@aws-sdk/client-ec2";
import { queryOptions } from "@tanstack/react-query";
import { clientOptions } from "./clients";
import { shorthand } from "./text";

export const ec2 = new EC2Client(clientOptions);

const paging = { client: ec2, pageSize: 1000 };

export const ec2InstancesQuery = queryOptions({
  queryKey: ["instance"],
  queryFn: async (): Promise<Instance[]> => {
    const found: Instance[] = [];
    for await (const page of paginateDescribeInstances(paging, {}))
      found.push(...(page.Reservations ?? []).flatMap(({ Instances }) => Instances ?? []));
    return found;
  },
});

/** The zone of each instance, by its id. */
export function zonesOf(instances: Instance[]): ReadonlyMap<string, string> {
  return new Map(
    instances.map(({ InstanceId = "", Placement }) => [InstanceId, Placement?.AvailabilityZone ?? "-"]),
  );
}

export const instanceTypesQuery = queryOptions({
  queryKey: ["instance-type"],
  // They are the same as long as this version of Tidegate runs.
  staleTime: Number.POSITIVE_INFINITY,
  refetchInterval: false,
  queryFn: async (): Promise<InstanceTypeInfo[]> => {
    const found: InstanceTypeInfo[] = [];
    for await (const page of paginateDescribeInstanceTypes({ ...paging, pageSize: 100 }, {}))
      found.push(...(page.InstanceTypes ?? []));
    return found;
  },
});

export const vpcsQuery = queryOptions({
  queryKey: ["vpc"],
  queryFn: async (): Promise<Vpc[]> => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs ?? [],
});

export const subnetsQuery = queryOptions({
  queryKey: ["subnet"],
  queryFn: async (): Promise<Subnet[]> => (await ec2.send(new DescribeSubnetsCommand({}))).Subnets ?? [],
});

/** A name with its id, or the one that there is; what more is known in brackets. */
const told = (name: string, id: string, more: (string | undefined | false)[]) => {
  const known = more.filter(Boolean).join(", ");
  return [name, id].filter(Boolean).join(" ") + (known && ` (${known})`);
};

/** A VPC as lists name it: `shop vpc-1 (10.0.0.0/16, the default VPC)`; its id where it is not known. */
export function vpcText(id: string, vpcs: Vpc[] | undefined): string {
  const { Tags, CidrBlock, IsDefault } = vpcs?.find(({ VpcId }) => VpcId === id) ?? {};
  return told(tagName(Tags), id, [CidrBlock, IsDefault && "the default VPC"]);
}

/** A subnet as lists name it: `shop subnet-1 (us-east-1a, 10.0.0.0/20)`; its id where it is not known. */
export function subnetText(id: string, subnets: Subnet[] | undefined): string {
  const { Tags, AvailabilityZone, CidrBlock } = subnets?.find(({ SubnetId }) => SubnetId === id) ?? {};
  return told(tagName(Tags), id, [AvailabilityZone, CidrBlock]);
}

/** A security group as lists name it: `default (sg-1)`; its id where it is not known. */
export function securityGroupText(id: string, groups: SecurityGroup[] | undefined): string {
  const name = groups?.find(({ GroupId }) => GroupId === id)?.GroupName;
  return name ? `${name} (${id})` : id;
}

export const securityGroupsQuery = queryOptions({
  queryKey: ["security-group"],
  queryFn: async (): Promise<SecurityGroup[]> =>
    (await ec2.send(new DescribeSecurityGroupsCommand({}))).SecurityGroups ?? [],
});

export const keyPairsQuery = queryOptions({
  queryKey: ["key-pair"],
  queryFn: async (): Promise<KeyPairInfo[]> =>
    (await ec2.send(new DescribeKeyPairsCommand({}))).KeyPairs ?? [],
});

/** The UTF-8 text in a Base64 one. */
export const decoded = (base64: string): string =>
  new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));

/** What an instance was started with, decoded; empty where it was started with nothing. */
export const userDataQuery = (InstanceId: string) =>
  queryOptions({
    queryKey: ["instance", "user-data", InstanceId],
    queryFn: async (): Promise<string> => {
      const asked = { InstanceId, Attribute: "userData" } as const;
      return decoded((await ec2.send(new DescribeInstanceAttributeCommand(asked))).UserData?.Value ?? "");
    },
  });

/** Internet gateways; the stream of changes tells nothing of them alone. */
export const gatewaysQuery = queryOptions({
  queryKey: ["vpc", "gateways"],
  queryFn: async (): Promise<InternetGateway[]> =>
    (await ec2.send(new DescribeInternetGatewaysCommand({}))).InternetGateways ?? [],
});

export const zonesQuery = queryOptions({
  queryKey: ["zone"],
  queryFn: async (): Promise<string[]> =>
    ((await ec2.send(new DescribeAvailabilityZonesCommand({}))).AvailabilityZones ?? []).map(
      ({ ZoneName = "" }) => ZoneName,
    ),
});

/** The rules of a security group, each with its id. */
export const securityRulesQuery = (groupId: string) =>
  queryOptions({
    queryKey: ["security-group", "rules", groupId],
    queryFn: async (): Promise<SecurityGroupRule[]> => {
      const asked = { Filters: [{ Name: "group-id", Values: [groupId] }] };
      return (await ec2.send(new DescribeSecurityGroupRulesCommand(asked))).SecurityGroupRules ?? [];
    },
  });

/** What a resource is called by its tag `Name`; empty where it has none. */
export const tagName = (tags: Tag[] | undefined) => tags?.find(({ Key }) => Key === "Name")?.Value ?? "";

/** The tag `Name` for a resource that is created; nothing without a name. */
export const named = (ResourceType: ResourceType, name: string) =>
  name ? { TagSpecifications: [{ ResourceType, Tags: [{ Key: "Name", Value: name }] }] } : {};

/** The same as an option of `aws` commands. */
export const namedOption = (type: ResourceType, name: string) =>
  name ? `ResourceType=${type},Tags=[{Key=Name,Value=${shorthand(name)}}]` : undefined;

/** What one of the types has, as `1 vCPU, 1 GiB`. */
export function sizeOf({ VCpuInfo, MemoryInfo }: InstanceTypeInfo): string {
  const cores = VCpuInfo?.DefaultVCpus ?? 0;
  return `${cores} vCPU${cores === 1 ? "" : "s"}, ${(MemoryInfo?.SizeInMiB ?? 0) / 1024} GiB`;
}
