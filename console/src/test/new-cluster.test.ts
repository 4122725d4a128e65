import { AuthorizeSecurityGroupIngressCommand, RunInstancesCommand } from "@aws-sdk/client-ec2";
import { afterEach, describe, expect, it, vi } from "vitest";
import { ecs } from "../lib/clients";
import { ec2 } from "../lib/ec2";
import {
  checks,
  clusterIn,
  commands,
  create,
  EMPTY,
  type NewCluster,
  nothingMade,
  planned,
  shares,
  userData,
} from "../lib/new-cluster";
import { madeText } from "../lib/once";

const FORM: NewCluster = {
  ...EMPTY,
  name: "shop",
  count: "3",
  vpcId: "vpc-1",
  vpcBlock: "10.0.0.0/16",
  subnetIds: ["subnet-1", "subnet-2"],
  groupName: "shop",
};
const faults = (step: number, part: Partial<NewCluster>) =>
  Object.keys(checks[step]?.({ ...FORM, ...part }) ?? {});

describe("checks", () => {
  it("let a whole form through every step", () => {
    for (const check of checks) expect(check(FORM)).toEqual({});
  });

  it.each([[""], ["a shop"], ["läden"], ["x".repeat(256)]])("refuse %j as a cluster's name", (name) => {
    expect(faults(0, { name })).toEqual(["name"]);
  });

  it.each([[""], ["-1"], ["two"], ["1.5"], ["1000"]])("refuse %j as a number of instances", (count) => {
    expect(faults(0, { count })).toEqual(["count"]);
  });

  it("ask an empty cluster for no network", () => {
    expect(faults(1, { count: "0", vpcId: "", subnetIds: [], groupName: "" })).toEqual([]);
  });

  it("ask instances for a network and a group", () => {
    expect(faults(1, { vpcId: "", subnetIds: [], groupName: " " })).toEqual([
      "vpcId",
      "subnetIds",
      "groupName",
    ]);
    expect(faults(1, { isGroupNew: false, groupName: "" })).toEqual(["groupIds"]);
  });
});

describe("shares", () => {
  it("spread the instances, and leave out subnets that get none", () => {
    expect(shares(FORM)).toEqual([
      { subnetId: "subnet-1", count: 2 },
      { subnetId: "subnet-2", count: 1 },
    ]);
    expect(shares({ ...FORM, count: "1" })).toEqual([{ subnetId: "subnet-1", count: 1 }]);
  });

  it("count those that run already, also in subnets that are not chosen any more", () => {
    const running = ["subnet-1", "subnet-1", "subnet-8"];
    expect(shares({ ...FORM, count: "5" }, running)).toEqual([{ subnetId: "subnet-2", count: 2 }]);
    expect(shares(FORM, running)).toEqual([]);
  });
});

describe("clusterIn", () => {
  it.each([
    [userData("shop"), "shop"],
    ["ECS_CLUSTER='first'\nexport ECS_CLUSTER=\"second\"", "second"],
    ["# ECS_CLUSTER=no", ""],
    ["MY_ECS_CLUSTER=no", ""],
    ["", ""],
  ])("of %j is %j", (text, cluster) => expect(clusterIn(text)).toBe(cluster));
});

describe("commands", () => {
  it("make the same in the same order", () => {
    const run =
      "aws ec2 run-instances --security-group-ids $group --image-id " +
      "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id --instance-type t2.micro";
    const data = `--user-data '${userData("shop")}'`;
    expect(commands({ ...FORM, keyName: "ecs" })).toBe(
      [
        "aws ecs create-cluster --cluster-name shop",
        "group=$(aws ec2 create-security-group --group-name shop --description 'Instances of cluster shop' --vpc-id vpc-1 --query GroupId --output text)",
        "aws ec2 authorize-security-group-ingress --group-id $group --protocol tcp --port 32768-65535 --cidr 10.0.0.0/16",
        `${run} --count 2 --subnet-id subnet-1 --key-name ecs ${data}`,
        `${run} --count 1 --subnet-id subnet-2 --key-name ecs ${data}`,
      ].join("\n"),
    );
  });

  it("run instances alone for a cluster that is there", () => {
    expect(commands({ ...FORM, count: "1", isGroupNew: false, groupIds: ["sg-1"], isThere: true })).toMatch(
      /^aws ec2 run-instances --security-group-ids sg-1 .* --subnet-id subnet-1 /,
    );
  });

  it("make an empty cluster alone", () => {
    expect(commands({ ...FORM, count: "0" })).toBe("aws ecs create-cluster --cluster-name shop");
  });
});

describe("create", () => {
  afterEach(() => vi.restoreAllMocks());

  /** What EC2 is asked, in order; the second launch fails once. */
  function watched(): unknown[] {
    vi.spyOn(ecs, "send").mockImplementation(async () => ({}));
    const asked: unknown[] = [];
    let launches = 0;
    vi.spyOn(ec2, "send").mockImplementation(async (command: { input: unknown }) => {
      asked.push(command);
      if (!(command instanceof RunInstancesCommand)) return { GroupId: `sg-${asked.length}` };
      launches += 1;
      if (launches === 2) throw new Error("InsufficientInstanceCapacity");
      const ids = Array.from({ length: command.input.MaxCount ?? 0 }, (_, at) => `i-${launches}${at}`);
      return { Instances: ids.map((InstanceId) => ({ InstanceId })) };
    });
    return asked;
  }

  it("goes on where it failed", async () => {
    const asked = watched();
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow("InsufficientInstanceCapacity");
    const steps: string[] = [];
    expect(commands(FORM, made)).toMatch(
      /^group=sg-1\naws ec2 run-instances --security-group-ids sg-1 .* --count 1 --subnet-id subnet-2 .*/,
    );
    expect(commands(FORM, made)).not.toContain("create-");
    await create(FORM, made, (what) => steps.push(what));
    expect(steps.at(-1)).toBe("Running 1 instance in subnet-2");
    expect(made.instances).toEqual([
      { id: "i-10", vpcId: "vpc-1", subnetId: "subnet-1" },
      { id: "i-11", vpcId: "vpc-1", subnetId: "subnet-1" },
      { id: "i-30", vpcId: "vpc-1", subnetId: "subnet-2" },
    ]);
    expect(madeText(made.parts)).toContain(
      "Made already: cluster shop, security group sg-1, open port 32768-65535.",
    );
    expect(asked).toHaveLength(5);
    const last = asked.at(-1) as RunInstancesCommand;
    expect(atob(last.input.UserData ?? "")).toContain("ECS_CLUSTER=shop ");
    expect(last.input.SecurityGroupIds).toEqual(["sg-1"]);
  });

  it("makes its group anew where the VPC was changed between tries", async () => {
    const asked = watched();
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow();
    await create(
      { ...FORM, count: "4", vpcId: "vpc-2", vpcBlock: "10.2.0.0/16", subnetIds: ["subnet-9"] },
      made,
      () => {},
    );
    const opened = asked.filter((one) => one instanceof AuthorizeSecurityGroupIngressCommand);
    expect(opened.map(({ input }) => input.IpPermissions?.[0]?.IpRanges?.[0]?.CidrIp)).toEqual([
      "10.0.0.0/16",
      "10.2.0.0/16",
    ]);
    // Those of the VPC that was given up are not of the number: it is of this one.
    expect(made.instances.filter(({ vpcId }) => vpcId === "vpc-2")).toHaveLength(4);
  });

  it("asks again with the same token where an answer was lost, and with another for another launch", async () => {
    const asked = watched();
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow();
    await create(FORM, made, () => {});
    const tokens = asked.flatMap((one) =>
      one instanceof RunInstancesCommand ? [one.input.ClientToken] : [],
    );
    expect(tokens).toHaveLength(3);
    expect(tokens[1]).toBe(tokens[2]);
    expect(tokens[0]).not.toBe(tokens[1]);
    expect(tokens[0]).toMatch(/^[0-9a-f]{32}$/);
  });

  it("makes the group whose name was typed since, for what was not asked for before", async () => {
    const asked = watched();
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow();
    await create({ ...FORM, count: "4", groupName: "people" }, made, () => {});
    const groups = asked.flatMap((one) =>
      one instanceof RunInstancesCommand ? [one.input.SecurityGroupIds] : [],
    );
    expect(groups).toEqual([["sg-1"], ["sg-1"], ["sg-1"], ["sg-5"]]);
  });

  it("makes its group anew where the one of an earlier try is gone", async () => {
    watched();
    const made = nothingMade();
    const gone = { name: "InvalidGroup.NotFound", $metadata: { httpStatusCode: 400 } };
    const send = vi.mocked(ec2.send).getMockImplementation();
    vi.mocked(ec2.send).mockImplementation(async (command: unknown) => {
      if (command instanceof RunInstancesCommand) throw Object.assign(new Error("Gone."), gone);
      return { GroupId: "sg-gone" };
    });
    await expect(create(FORM, made, () => {})).rejects.toThrow("Gone.");
    vi.mocked(ec2.send).mockImplementation(send as never);
    await expect(create(FORM, made, () => {})).rejects.toThrow("InsufficientInstanceCapacity");
    expect(commands(FORM, made)).toContain("group=sg-1");
  });

  it("settles a launch that was not answered before it runs what is asked for by now", async () => {
    const asked = watched();
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow();
    const more = { ...FORM, count: "5" };
    expect(commands(more, made)).toContain(" --client-token ");
    await create(more, made, () => {});
    const launches = asked.flatMap((one) => (one instanceof RunInstancesCommand ? [one.input] : []));
    expect(launches.map(({ SubnetId, MaxCount }) => [SubnetId, MaxCount])).toEqual([
      ["subnet-1", 2],
      ["subnet-2", 1],
      ["subnet-2", 1],
      ["subnet-1", 1],
      ["subnet-2", 1],
    ]);
    expect(launches[2]?.ClientToken).toBe(launches[1]?.ClientToken);
    expect(made.instances).toHaveLength(5);
  });

  it("gives up a launch that AWS refused", async () => {
    vi.spyOn(ecs, "send").mockImplementation(async () => ({}));
    const refused = { $metadata: { httpStatusCode: 400, attempts: 1 } };
    vi.spyOn(ec2, "send").mockImplementation(async (command: unknown) => {
      if (command instanceof RunInstancesCommand) throw Object.assign(new Error("Unsupported"), refused);
      return { GroupId: "sg-1" };
    });
    const made = nothingMade();
    await expect(create(FORM, made, () => {})).rejects.toThrow("Unsupported");
    expect(planned({ ...FORM, instanceType: "t2.small" }, made)).toMatchObject({
      again: [],
      shares: [{ count: 2 }, { count: 1 }],
    });
  });
});
