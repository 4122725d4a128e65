import {
  type _InstanceType,
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  RunInstancesCommand,
} from "@aws-sdk/client-ec2";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { ClientTokens } from "./client-token";
import { ecs } from "./clients";
import { ec2 } from "./ec2";
import { awsCommand, count as counted } from "./text";

/** What the wizard asks for. Numbers are as they were typed. */
export interface NewCluster {
  name: string;
  /** How many instances are run; with 0 the cluster is empty, and nothing below is asked for. */
  count: string;
  instanceType: string;
  /** Empty: none. */
  keyName: string;
  vpcId: string;
  /** The VPC's addresses, which a new security group lets in. */
  vpcBlock: string;
  subnetIds: string[];
  /** A group of its own is made, open to the VPC at the ports that tasks get. */
  isGroupNew: boolean;
  groupName: string;
  groupIds: string[];
}

export const EMPTY: NewCluster = {
  name: "",
  count: "1",
  instanceType: "t2.micro",
  keyName: "",
  vpcId: "",
  vpcBlock: "",
  subnetIds: [],
  isGroupNew: true,
  groupName: "",
  groupIds: [],
};

type Faults = Partial<Record<keyof NewCluster, string>>;

/** AWS's name for the newest image with an ECS agent. */
const IMAGE = "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id";
/** Of tasks with host port 0. */
const TASK_PORTS = { from: 32_768, to: 65_535 };

export const isEmpty = (form: NewCluster) => /^0+$/.test(form.count);

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewCluster) => Faults)[] = [
  (form) => ({
    ...(!/^[\w-]{1,255}$/.test(form.name) && {
      name: "1 to 255 letters, digits, hyphens and underscores.",
    }),
    ...(!/^\d{1,3}$/.test(form.count) && { count: "A whole number, 0 to 999." }),
    ...(!form.instanceType && { instanceType: "Choose an instance type." }),
  }),
  (form) =>
    isEmpty(form)
      ? {}
      : {
          ...(!form.vpcId && { vpcId: "Choose a VPC." }),
          ...(form.subnetIds.length === 0 && { subnetIds: "Choose one subnet or more." }),
          ...(form.isGroupNew &&
            !form.groupName.trim() && { groupName: "A new security group needs a name." }),
          ...(!form.isGroupNew &&
            form.groupIds.length === 0 && { groupIds: "Choose one security group or more." }),
        },
];

/** How many instances each subnet gets: as even as can be, none of them 0. Those that run already, by their subnets, are
 * of the number that is asked for, wherever they run. */
export function shares(
  form: NewCluster,
  running: Record<string, string[]> = {},
): { subnetId: string; count: number }[] {
  const found = form.subnetIds.map((subnetId) => ({
    subnetId,
    had: running[subnetId]?.length ?? 0,
    count: 0,
  }));
  const rest = Number(form.count) - Object.values(running).flat().length;
  for (let left = found.length > 0 ? rest : 0; left > 0; left -= 1) {
    const fewest = Math.min(...found.map(({ had, count }) => had + count));
    const next = found.find(({ had, count }) => had + count === fewest);
    if (next) next.count += 1;
  }
  return found.filter(({ count }) => count > 0).map(({ subnetId, count }) => ({ subnetId, count }));
}

/** What makes an instance's agent join the cluster. */
export const userData = (cluster: string) =>
  `#!/bin/bash\necho ECS_CLUSTER=${cluster} >> /etc/ecs/ecs.config\n`;

/** The cluster that user data names, as the agent would read it; empty where it names none. */
export function clusterIn(text: string): string {
  const lines = text.split("\n").filter((line) => !line.trimStart().startsWith("#"));
  const found = [...lines.join("\n").matchAll(/\bECS_CLUSTER\s*=\s*["']?([\w-]{1,255})/g)];
  return found.at(-1)?.[1] ?? "";
}

/** What was made so far, so that another try goes on where the last one failed. */
export interface Made {
  clusterName?: string;
  group?: { id: string; vpcId: string; isOpen: boolean };
  /** Ids of instances, by their subnets. */
  instances: Record<string, string[]>;
  tokens: ClientTokens;
}

export const nothingMade = (clusterName: string): Made => ({
  ...(clusterName && { clusterName }),
  instances: {},
  tokens: new ClientTokens(),
});

/** Make the cluster and its instances. Raises what AWS says. */
export async function create(form: NewCluster, made: Made, onStep: (what: string) => void): Promise<void> {
  if (!made.clusterName) {
    onStep(`Making cluster ${form.name}`);
    await ecs.send(new CreateClusterCommand({ clusterName: form.name }));
    made.clusterName = form.name;
  }
  if (isEmpty(form)) return;
  const groupIds = form.isGroupNew ? [await openGroup(form, made, onStep)] : form.groupIds;
  for (const { subnetId, count } of shares(form, made.instances)) {
    onStep(`Running ${counted(count, "instance")} in ${subnetId}`);
    const asked = {
      ImageId: IMAGE,
      InstanceType: form.instanceType as _InstanceType,
      MinCount: count,
      MaxCount: count,
      SubnetId: subnetId,
      SecurityGroupIds: groupIds,
      ...(form.keyName && { KeyName: form.keyName }),
      UserData: btoa(userData(made.clusterName)),
    };
    const { Instances } = await made.tokens.over(asked, (ClientToken) =>
      ec2.send(new RunInstancesCommand({ ...asked, ClientToken })),
    );
    const ids = (Instances ?? []).map(({ InstanceId = "" }) => InstanceId);
    made.instances[subnetId] = [...(made.instances[subnetId] ?? []), ...ids];
  }
}

/** The id of the new group, made and open. One of an earlier try is of no use in another VPC. */
async function openGroup(form: NewCluster, made: Made, onStep: (what: string) => void): Promise<string> {
  if (made.group?.vpcId !== form.vpcId) {
    onStep(`Making security group ${form.groupName}`);
    const Description = `Instances of cluster ${made.clusterName}`;
    const asked = { GroupName: form.groupName, Description, VpcId: form.vpcId };
    made.group = { id: await groupId(asked), vpcId: form.vpcId, isOpen: false };
  }
  if (!made.group.isOpen) {
    onStep(`Opening ports ${TASK_PORTS.from} to ${TASK_PORTS.to} to the VPC`);
    const ports = { IpProtocol: "tcp", FromPort: TASK_PORTS.from, ToPort: TASK_PORTS.to };
    const rule = { ...ports, IpRanges: [{ CidrIp: form.vpcBlock }] };
    const asked = { GroupId: made.group.id, IpPermissions: [rule] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(asked)).catch(unlessNamed(RULE_THERE));
    made.group.isOpen = true;
  }
  return made.group.id;
}

const GROUP_THERE = "InvalidGroup.Duplicate";
const RULE_THERE = "InvalidPermission.Duplicate";

const unlessNamed = (name: string) => (error: Error) => {
  if (error.name !== name) throw error;
};

/** Make the group. One that a try of ours made, whose answer was lost, is told by its description. */
async function groupId(asked: { GroupName: string; Description: string; VpcId: string }): Promise<string> {
  try {
    return (await ec2.send(new CreateSecurityGroupCommand(asked))).GroupId ?? "";
  } catch (error) {
    unlessNamed(GROUP_THERE)(error as Error);
    const Filters = [
      { Name: "group-name", Values: [asked.GroupName] },
      { Name: "vpc-id", Values: [asked.VpcId] },
    ];
    const { SecurityGroups } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    const ours = SecurityGroups?.find(({ Description }) => Description === asked.Description);
    if (!ours?.GroupId) throw error;
    return ours.GroupId;
  }
}

/** The same as `aws` commands, one after another; the new group's id is a shell variable. `running` has the instances of
 * earlier tries by their subnets. */
export function commands(
  form: NewCluster,
  isClusterThere = false,
  running: Record<string, string[]> = {},
): string {
  const lines = isClusterThere ? [] : [awsCommand("ecs create-cluster", { "cluster-name": form.name })];
  if (isEmpty(form)) return lines.join("\n");
  if (form.isGroupNew) {
    const made = awsCommand("ec2 create-security-group", {
      "group-name": form.groupName,
      description: `Instances of cluster ${form.name}`,
      "vpc-id": form.vpcId,
      query: "GroupId",
      output: "text",
    });
    const ports = {
      protocol: "tcp",
      port: `${TASK_PORTS.from}-${TASK_PORTS.to}`,
      cidr: form.vpcBlock,
    };
    lines.push(`group=$(${made})`);
    lines.push(awsCommand("ec2 authorize-security-group-ingress --group-id $group", ports));
  }
  const groups = form.isGroupNew ? "$group" : form.groupIds.join(" ");
  for (const { subnetId, count } of shares(form, running)) {
    const options = {
      "image-id": IMAGE,
      "instance-type": form.instanceType,
      count,
      "subnet-id": subnetId,
      "key-name": form.keyName || undefined,
      "user-data": userData(form.name),
    };
    lines.push(awsCommand(`ec2 run-instances --security-group-ids ${groups}`, options));
  }
  return lines.join("\n");
}
