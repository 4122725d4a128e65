import { type _InstanceType, RunInstancesCommand, type RunInstancesCommandInput } from "@aws-sdk/client-ec2";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { ClientTokens } from "./client-token";
import { ecs } from "./clients";
import { ec2 } from "./ec2";
import { forgettingGone, once, type Parts } from "./once";
import { type GroupPart, type OpenGroup, openGroup, openGroupCommands } from "./open-group";
import { awsCommand, count as counted } from "./text";

/** What the wizard asks for. Numbers are as they were typed. */
export interface NewCluster {
  name: string;
  /** There is a cluster of this name: only instances are run. */
  isThere: boolean;
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
  isThere: false,
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

/** How many instances each subnet gets: as even as can be, none of them 0. Those that run already in the VPC are of the
 * number that is asked for, in whatever subnet they run. `running` has the subnet of each of them. */
export function shares(form: NewCluster, running: string[] = []): { subnetId: string; count: number }[] {
  const found = form.subnetIds.map((subnetId) => ({
    subnetId,
    had: running.filter((one) => one === subnetId).length,
    count: 0,
  }));
  const rest = Number(form.count) - running.length;
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

/** Instances of one request, and the VPC that they are in. */
export interface Launch {
  vpcId: string;
  asked: RunInstancesCommandInput & { SubnetId: string; MaxCount: number };
}

/** What was made so far, so that another try goes on where the last one failed. */
export interface Made {
  parts: Parts<GroupPart | "cluster">;
  instances: { id: string; vpcId: string; subnetId: string }[];
  tokens: ClientTokens<Launch>;
}

export const nothingMade = (): Made => ({ parts: {}, instances: [], tokens: new ClientTokens() });

/** Whether the cluster is there by now, so that its name is settled: instances join it by that. */
export const hasCluster = (made: Made) => (made.parts.cluster ?? []).some(({ id }) => id !== "");

/** What a try runs: launches in the chosen subnets that were not answered once more, then how many each subnet gets
 * beside those and the ones that run. */
export function planned(form: NewCluster, made: Made) {
  const again = made.tokens.unanswered.filter(
    ({ request }) => request.vpcId === form.vpcId && form.subnetIds.includes(request.asked.SubnetId),
  );
  const running = [
    ...made.instances.filter(({ vpcId }) => vpcId === form.vpcId).map(({ subnetId }) => subnetId),
    ...again.flatMap(({ request: { asked } }) => Array<string>(asked.MaxCount).fill(asked.SubnetId)),
  ];
  return { again, shares: shares(form, running) };
}

/** The instances' own group, open to the VPC at the ports that tasks get. */
const groupOf = (form: NewCluster): OpenGroup => ({
  name: form.groupName,
  description: `Instances of cluster ${form.name}`,
  vpcId: form.vpcId,
  ...TASK_PORTS,
  block: form.vpcBlock,
});

/** Make the cluster and its instances. Raises what AWS says. */
export const create = (form: NewCluster, made: Made, onStep: (what: string) => void): Promise<void> =>
  forgettingGone(made.parts, GONE_PARTS, () => makeAll(form, made, onStep));

const GONE_PARTS = { "security group": ["InvalidGroup.NotFound"] };

async function makeAll(form: NewCluster, made: Made, onStep: (what: string) => void): Promise<void> {
  if (!form.isThere) {
    onStep(`Making cluster ${form.name}`);
    const asked = { clusterName: form.name };
    await once(made.parts, "cluster", asked, async () => {
      await ecs.send(new CreateClusterCommand(asked));
      return form.name;
    });
  }
  if (isEmpty(form)) return;
  const groups = form.isGroupNew ? [await openGroup(groupOf(form), made.parts, onStep)] : form.groupIds;
  for (const { request } of planned(form, made).again) await run(request, made, onStep);
  for (const share of planned(form, made).shares) await run(launchOf(form, groups, share), made, onStep);
}

function launchOf(form: NewCluster, groups: string[], share: { subnetId: string; count: number }): Launch {
  const asked = {
    ImageId: IMAGE,
    InstanceType: form.instanceType as _InstanceType,
    MinCount: share.count,
    MaxCount: share.count,
    SubnetId: share.subnetId,
    SecurityGroupIds: groups,
    ...(form.keyName && { KeyName: form.keyName }),
    UserData: btoa(userData(form.name)),
  };
  return { vpcId: form.vpcId, asked };
}

async function run(launch: Launch, made: Made, onStep: (what: string) => void): Promise<void> {
  const { vpcId, asked } = launch;
  onStep(`Running ${counted(asked.MaxCount, "instance")} in ${asked.SubnetId}`);
  const { Instances = [] } = await made.tokens.over(launch, (ClientToken) =>
    ec2.send(new RunInstancesCommand({ ...asked, ClientToken })),
  );
  const ran = Instances.map(({ InstanceId: id = "" }) => ({ id, vpcId, subnetId: asked.SubnetId }));
  made.instances.push(...ran);
}

/** The same as `aws` commands, one after another; the new group's id is a shell variable. What earlier tries made is
 * not made again. */
export function commands(form: NewCluster, made: Made = nothingMade()): string {
  const isMade = form.isThere || hasCluster(made);
  const lines = isMade ? [] : [awsCommand("ecs create-cluster", { "cluster-name": form.name })];
  if (isEmpty(form)) return lines.join("\n");
  if (form.isGroupNew) lines.push(...openGroupCommands(groupOf(form), made.parts));
  const groups = form.isGroupNew ? ["$group"] : form.groupIds;
  const { again, shares } = planned(form, made);
  lines.push(
    ...again.map(({ request, token }) => runCommand(request, request.asked.SecurityGroupIds, token)),
  );
  lines.push(...shares.map((share) => runCommand(launchOf(form, groups, share), groups)));
  return lines.join("\n");
}

function runCommand({ asked }: Launch, groups: string[] = [], token?: string): string {
  return awsCommand(`ec2 run-instances --security-group-ids ${groups.join(" ")}`, {
    "image-id": asked.ImageId,
    "instance-type": asked.InstanceType,
    count: asked.MaxCount,
    "subnet-id": asked.SubnetId,
    "key-name": asked.KeyName,
    "user-data": atob(asked.UserData ?? ""),
    "client-token": token,
  });
}
