import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { ec2 } from "./ec2";
import { idOf, named, once, type Parts, unanswered } from "./once";
import { awsCommand } from "./text";

export type GroupPart = "security group" | "open port";

/** A security group of its own that lets in TCP by one rule. */
export interface OpenGroup {
  name: string;
  description: string;
  vpcId: string;
  from: number;
  to: number;
  block: string;
}

const portsOf = ({ from, to }: OpenGroup) => (from === to ? `${from}` : `${from}-${to}`);

const identityOf = ({ name, vpcId }: OpenGroup) => ({ GroupName: name, VpcId: vpcId });

const ruleOf = (GroupId: string, { from, to, block }: OpenGroup) => ({
  GroupId,
  IpPermissions: [{ IpProtocol: "tcp", FromPort: from, ToPort: to, IpRanges: [{ CidrIp: block }] }],
});

/** The id of the group, made and open. One whose making was not answered is taken up again; raises what AWS says,
 * also where somebody else's has its name. */
export async function openGroup(
  wanted: OpenGroup,
  made: Parts<GroupPart>,
  onStep: (what: string) => void,
): Promise<string> {
  onStep(`Making security group ${wanted.name}`);
  const identity = identityOf(wanted);
  const asked = { ...identity, Description: wanted.description };
  const lost = unanswered(made, "security group", identity) as (typeof asked)[];
  const ours = [asked, ...lost].map(({ Description }) => Description);
  // A description can be no other afterwards, and names nothing that matters.
  const as = { identity, change: async () => {} };
  const GroupId = await once(made, "security group", asked, () => groupId(asked, ours), as);
  onStep(`Opening ${wanted.from === wanted.to ? "port" : "ports"} ${portsOf(wanted)} to ${wanted.block}`);
  const rule = ruleOf(GroupId, wanted);
  await once(made, "open port", rule, async () => {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(rule)).catch((error: unknown) => {
      if (!named("InvalidPermission.Duplicate")(error)) throw error;
    });
    return portsOf(wanted);
  });
  return GroupId;
}

/** Make the group. One that a try of ours made, whose answer was lost, is told by its description. */
async function groupId(
  asked: { GroupName: string; VpcId: string; Description: string },
  ours: string[],
): Promise<string | undefined> {
  try {
    return (await ec2.send(new CreateSecurityGroupCommand(asked))).GroupId;
  } catch (error) {
    if (!named("InvalidGroup.Duplicate")(error)) throw error;
    const Filters = [
      { Name: "group-name", Values: [asked.GroupName] },
      { Name: "vpc-id", Values: [asked.VpcId] },
    ];
    const { SecurityGroups = [] } = await ec2.send(new DescribeSecurityGroupsCommand({ Filters }));
    const found = SecurityGroups.find(({ Description = "" }) => ours.includes(Description));
    if (!found) throw error;
    return found.GroupId;
  }
}

/** The same as `aws` commands, but for what was made; the group's id is the shell variable `group`. */
export function openGroupCommands(wanted: OpenGroup, made: Parts<GroupPart> = {}): string[] {
  const id = idOf(made, "security group", identityOf(wanted));
  const create = awsCommand("ec2 create-security-group", {
    "group-name": wanted.name,
    description: wanted.description,
    "vpc-id": wanted.vpcId,
    query: "GroupId",
    output: "text",
  });
  const rule = { protocol: "tcp", port: portsOf(wanted), cidr: wanted.block };
  const isOpen = id && idOf(made, "open port", ruleOf(id, wanted));
  return [
    `group=${id ?? `$(${create})`}`,
    ...(isOpen ? [] : [awsCommand("ec2 authorize-security-group-ingress --group-id $group", rule)]),
  ];
}
