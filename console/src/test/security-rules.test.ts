import { describe, expect, it } from "vitest";
import {
  addCommand,
  check,
  EMPTY,
  type NewRule,
  peerOf,
  permission,
  portsOf,
  protocolOf,
} from "../lib/security-rules";

const RULE: NewRule = { ...EMPTY, ports: "80" };

describe("check", () => {
  it.each([["80"], ["0"], ["32768-65535"], [" 1 - 2 "]])("takes %j as ports", (ports) => {
    expect(check({ ...RULE, ports })).toEqual({});
  });

  it.each([[""], ["http"], ["65536"], ["9-8"], ["1-"], ["-1"]])("refuses %j as ports", (ports) => {
    expect(Object.keys(check({ ...RULE, ports }))).toEqual(["ports"]);
  });

  it("asks for no ports where the protocol has none", () => {
    expect(check({ ...RULE, protocol: "-1", ports: "" })).toEqual({});
    expect(check({ ...RULE, protocol: "icmp", ports: "" })).toEqual({});
  });

  it("asks for the peer that was chosen", () => {
    expect(Object.keys(check({ ...RULE, peer: "block", block: "10.0.0.1" }))).toEqual(["block"]);
    expect(Object.keys(check({ ...RULE, peer: "group" }))).toEqual(["groupId"]);
  });
});

describe("permission", () => {
  it.each<[Partial<NewRule>, object]>([
    [{}, { IpProtocol: "tcp", FromPort: 80, ToPort: 80, IpRanges: [{ CidrIp: "0.0.0.0/0" }] }],
    [
      { ports: "1-2", peer: "block", block: "fd00::/8", description: "ours" },
      {
        IpProtocol: "tcp",
        FromPort: 1,
        ToPort: 2,
        Ipv6Ranges: [{ CidrIpv6: "fd00::/8", Description: "ours" }],
      },
    ],
    [
      { protocol: "-1", peer: "group", groupId: "sg-1" },
      { IpProtocol: "-1", UserIdGroupPairs: [{ GroupId: "sg-1" }] },
    ],
    [
      { protocol: "icmp" },
      { IpProtocol: "icmp", FromPort: -1, ToPort: -1, IpRanges: [{ CidrIp: "0.0.0.0/0" }] },
    ],
  ])("of %j", (part, expected) => expect(permission({ ...RULE, ...part })).toEqual(expected));

  it("is what the command asks for", () => {
    expect(addCommand("sg-9", "egress", RULE)).toBe(
      "aws ec2 authorize-security-group-egress --group-id sg-9 --ip-permissions " +
        `'{"IpProtocol":"tcp","FromPort":80,"ToPort":80,"IpRanges":[{"CidrIp":"0.0.0.0/0"}]}'`,
    );
  });
});

it("rules are told as people say them", () => {
  const rule = { IpProtocol: "tcp", FromPort: 1, ToPort: 2, ReferencedGroupInfo: { GroupId: "sg-1" } };
  expect([protocolOf(rule), portsOf(rule), peerOf(rule)]).toEqual(["TCP", "1-2", "sg-1"]);
  const all = { IpProtocol: "-1", FromPort: -1, ToPort: -1, CidrIpv4: "0.0.0.0/0" };
  expect([protocolOf(all), portsOf(all), peerOf(all)]).toEqual(["all", "all", "0.0.0.0/0"]);
});
