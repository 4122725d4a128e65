import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ec2 } from "../lib/ec2";
import type { Parts } from "../lib/once";
import { type GroupPart, type OpenGroup, openGroup, openGroupCommands } from "../lib/open-group";

const WEB: OpenGroup = {
  name: "web",
  description: "Load balancer shop",
  vpcId: "vpc-1",
  from: 80,
  to: 80,
  block: "0.0.0.0/0",
};

/** EC2 as far as groups go: each is there once it was asked for, whether the answer comes or not. */
let groups: { GroupId: string; GroupName: string; VpcId: string; Description: string }[];
let rules: string[];
let isCut: boolean;

const named = (name: string) => Object.assign(new Error(name), { name });

function answered<T>(answer: T): T {
  if (isCut) throw named("TypeError");
  return answer;
}

async function answer(command: unknown): Promise<unknown> {
  if (command instanceof CreateSecurityGroupCommand) {
    const { GroupName = "", VpcId = "", Description = "" } = command.input;
    const isThere = groups.some((one) => one.GroupName === GroupName && one.VpcId === VpcId);
    if (isThere) throw named("InvalidGroup.Duplicate");
    const GroupId = `sg-${groups.length + 1}`;
    groups.push({ GroupId, GroupName, VpcId, Description });
    return answered({ GroupId });
  }
  if (command instanceof AuthorizeSecurityGroupIngressCommand) {
    const rule = JSON.stringify(command.input);
    if (rules.includes(rule)) throw named("InvalidPermission.Duplicate");
    rules.push(rule);
    return answered({});
  }
  expect(command).toBeInstanceOf(DescribeSecurityGroupsCommand);
  const { Filters = [] } = (command as DescribeSecurityGroupsCommand).input;
  const wanted = (name: string) => Filters.find(({ Name }) => Name === name)?.Values?.[0];
  return {
    SecurityGroups: groups.filter(
      ({ GroupName, VpcId }) => GroupName === wanted("group-name") && VpcId === wanted("vpc-id"),
    ),
  };
}

beforeEach(() => {
  groups = [];
  rules = [];
  isCut = false;
  vi.spyOn(ec2, "send").mockImplementation(answer);
});
afterEach(() => vi.restoreAllMocks());

const open = (made: Parts<GroupPart>, part: Partial<OpenGroup> = {}) =>
  openGroup({ ...WEB, ...part }, made, () => {});

describe("openGroup", () => {
  it("goes on after a group and a rule whose answers were lost, also under another description", async () => {
    const made = {};
    isCut = true;
    await expect(open(made)).rejects.toThrow("TypeError");
    isCut = false;
    const trying = open(made, { description: "Load balancer store" });
    expect(await trying).toBe("sg-1");
    expect(rules).toHaveLength(1);
    // Of another wizard for the same: both are there, and their answers were lost with it.
    expect(await open({})).toBe("sg-1");
    expect(rules).toHaveLength(1);
  });

  it("refuses a group of its name that is somebody else's", async () => {
    await open({}, { description: "Somebody else's" });
    const made = {};
    await expect(open(made)).rejects.toThrow("InvalidGroup.Duplicate");
    await expect(open(made)).rejects.toThrow("InvalidGroup.Duplicate");
  });

  it("makes another under another name, and opens another port of the same", async () => {
    const made = {};
    await open(made);
    expect(await open(made, { name: "people" })).toBe("sg-2");
    expect(await open(made, { from: 81, to: 81 })).toBe("sg-1");
    expect(rules).toHaveLength(3);
  });
});

describe("openGroupCommands", () => {
  it("leave out what was made", async () => {
    const rule = "aws ec2 authorize-security-group-ingress --group-id $group --protocol tcp";
    const made = {};
    expect(openGroupCommands({ ...WEB, to: 90 }, made)).toEqual([
      "group=$(aws ec2 create-security-group --group-name web --description 'Load balancer shop' --vpc-id vpc-1 --query GroupId --output text)",
      `${rule} --port 80-90 --cidr 0.0.0.0/0`,
    ]);
    await open(made);
    expect(openGroupCommands(WEB, made)).toEqual(["group=sg-1"]);
    expect(openGroupCommands({ ...WEB, from: 81, to: 81 }, made)).toEqual([
      "group=sg-1",
      `${rule} --port 81 --cidr 0.0.0.0/0`,
    ]);
  });
});
