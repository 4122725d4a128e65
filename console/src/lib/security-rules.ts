import type { IpPermission, SecurityGroupRule } from "@aws-sdk/client-ec2";
import { awsCommand } from "./text";

export type Direction = "ingress" | "egress";
export type Protocol = "tcp" | "udp" | "icmp" | "-1";
export type PeerKind = "anywhere" | "block" | "group";

/** What the form for a rule asks for. */
export interface NewRule {
  protocol: Protocol;
  /** One port, or the first and the last: `80`, `32768-65535`. */
  ports: string;
  peer: PeerKind;
  block: string;
  groupId: string;
  description: string;
}

export const EMPTY: NewRule = {
  protocol: "tcp",
  ports: "",
  peer: "anywhere",
  block: "",
  groupId: "",
  description: "",
};

const hasPorts = (protocol: string) => protocol === "tcp" || protocol === "udp";

function portsIn(text: string): { from: number; to: number } | null {
  const [, first, last] = /^(\d{1,5})(?:\s*-\s*(\d{1,5}))?$/.exec(text.trim()) ?? [];
  if (first === undefined) return null;
  const [from, to] = [Number(first), Number(last ?? first)];
  return from <= to && to <= 65_535 ? { from, to } : null;
}

/** What must be mended, by field. AWS has the last word on blocks. */
export function check(rule: NewRule): Partial<Record<keyof NewRule, string>> {
  return {
    ...(hasPorts(rule.protocol) &&
      !portsIn(rule.ports) && { ports: "A port, or the first and the last as 32768-65535." }),
    ...(rule.peer === "block" && !rule.block.includes("/") && { block: "A block, as 10.0.0.0/16." }),
    ...(rule.peer === "group" && !rule.groupId && { groupId: "Choose a security group." }),
  };
}

/** As AuthorizeSecurityGroupIngress and -Egress take it; of a rule that `check` finds nothing wrong with. */
export function permission(rule: NewRule): IpPermission {
  const { from, to } = portsIn(rule.ports) ?? { from: -1, to: -1 };
  const said = rule.description && { Description: rule.description };
  const block = rule.peer === "anywhere" ? "0.0.0.0/0" : rule.block;
  return {
    IpProtocol: rule.protocol,
    ...(rule.protocol === "icmp" && { FromPort: -1, ToPort: -1 }),
    ...(hasPorts(rule.protocol) && { FromPort: from, ToPort: to }),
    ...(rule.peer === "group"
      ? { UserIdGroupPairs: [{ GroupId: rule.groupId, ...said }] }
      : block.includes(":")
        ? { Ipv6Ranges: [{ CidrIpv6: block, ...said }] }
        : { IpRanges: [{ CidrIp: block, ...said }] }),
  };
}

export function addCommand(groupId: string, direction: Direction, rule: NewRule): string {
  return awsCommand(`ec2 authorize-security-group-${direction}`, {
    "group-id": groupId,
    "ip-permissions": JSON.stringify(permission(rule)),
  });
}

/** The ports of a rule, as `80`, `32768-65535` or `all`. */
export function portsOf({ IpProtocol, FromPort, ToPort }: SecurityGroupRule): string {
  if (!hasPorts(IpProtocol ?? "")) return "all";
  return FromPort === ToPort ? String(FromPort) : `${FromPort}-${ToPort}`;
}

export function protocolOf({ IpProtocol = "" }: SecurityGroupRule): string {
  return IpProtocol === "-1" ? "all" : IpProtocol.toUpperCase();
}

/** Who a rule speaks of: a block, or a group's id. */
export function peerOf({ CidrIpv4, CidrIpv6, ReferencedGroupInfo }: SecurityGroupRule): string {
  return CidrIpv4 ?? CidrIpv6 ?? ReferencedGroupInfo?.GroupId ?? "";
}
