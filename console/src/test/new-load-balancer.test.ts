import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { elbv2 } from "../lib/clients";
import { ec2 } from "../lib/ec2";
import { type MutualForm, NO_MUTUAL } from "../lib/mutual-tls";
import {
  checks,
  commands,
  create,
  EMPTY,
  type Made,
  type NewLoadBalancer,
  withProtocol,
} from "../lib/new-load-balancer";
import { madeText } from "../lib/once";

const VERIFY: MutualForm = { mode: "verify", trustStoreArn: "arn:s", allowsExpired: true, advertises: false };
const VERIFIED = {
  Mode: "verify",
  TrustStoreArn: "arn:s",
  IgnoreClientCertificateExpiry: true,
  AdvertiseTrustStoreCaNames: "off",
};
const FORM: NewLoadBalancer = {
  ...EMPTY,
  name: "shop",
  vpcId: "vpc-1",
  subnetIds: ["subnet-1", "subnet-2"],
  groupName: "shop web",
  targetGroupName: "users",
  targetPort: "5000",
  healthCheckPath: "/ping",
};
/** One that a try made of something else. */
const tries = (identity: object, id: string) => [{ identity: JSON.stringify(identity), asked: "", id }];
const faults = (step: number, part: Partial<NewLoadBalancer>) =>
  Object.keys(checks[step]?.({ ...FORM, ...part }) ?? {});

describe("checks", () => {
  it("let a whole form through every step", () => {
    for (const check of checks) expect(check(FORM)).toEqual({});
  });

  it.each([[""], ["-shop"], ["shop-"], ["internal-shop"], ["a_b"], ["x".repeat(33)]])(
    "refuse %j as a load balancer's name",
    (name) => expect(faults(0, { name })).toEqual(["name"]),
  );

  it.each([["0"], ["65536"], ["http"], [""], ["80.5"]])("refuse %j as a port", (port) => {
    expect(faults(0, { listenerPort: port })).toEqual(["listenerPort"]);
    expect(faults(3, { targetPort: port })).toEqual(["targetPort"]);
  });

  it("ask for two subnets, and for the groups that were said to exist", () => {
    expect(faults(0, { subnetIds: ["subnet-1"] })).toEqual(["subnetIds"]);
    expect(faults(2, { isGroupNew: false })).toEqual(["groupIds"]);
    expect(faults(3, { isTargetGroupNew: false })).toEqual(["targetGroupArn"]);
  });

  it("ask for a certificate where the listener speaks HTTPS", () => {
    expect(faults(1, { listenerProtocol: "HTTPS" })).toEqual(["certificateArn"]);
    expect(faults(1, { listenerProtocol: "HTTPS", certificateArn: "arn:c" })).toEqual([]);
    expect(faults(1, { listenerProtocol: "HTTPS", certificateArn: "arn:c", mutual: VERIFY })).toEqual([]);
    const storeless = { ...VERIFY, trustStoreArn: "" };
    expect(faults(1, { listenerProtocol: "HTTPS", certificateArn: "arn:c", mutual: storeless })).toEqual([
      "mutual",
    ]);
    expect(faults(1, { mutual: storeless })).toEqual([]);
  });

  it("do not ask for what is not made", () => {
    expect(faults(3, { isTargetGroupNew: false, targetGroupArn: "arn", targetGroupName: "" })).toEqual([]);
    expect(faults(2, { isGroupNew: false, groupIds: ["sg-1"], groupName: "" })).toEqual([]);
  });
});

describe("checks of targets", () => {
  it("let none be registered, and want a port that is one", () => {
    expect(faults(4, {})).toEqual([]);
    expect(faults(4, { instanceIds: ["i-1"], registeredPort: "0" })).toEqual(["registeredPort"]);
  });

  it.each([
    ["10.0.0.256"],
    ["10.0.0"],
    ["10.0.0.1:0"],
    ["10.0.0.1:80:80"],
    ["shop.test"],
    ["10.0.0.1\nfe80::1"],
  ])("refuse %j as addresses", (addresses) =>
    expect(faults(4, { targetType: "ip", addresses })).toEqual(["addresses"]),
  );

  it("take addresses with ports and without, and look at them in a group of addresses alone", () => {
    expect(faults(4, { targetType: "ip", addresses: "10.0.0.1\n10.0.0.2:8080" })).toEqual([]);
    expect(faults(4, { targetType: "instance", addresses: "shop.test" })).toEqual([]);
  });
});

interface Sent {
  name: string;
  input: { Name?: string; GroupName?: string; VpcId?: string; Port?: number };
}

let sent: Sent[];
let failing: string;

/** What the SDK throws where AWS refuses. */
const refusal = (code: string, text: string) =>
  Object.assign(new Error(text), { name: `${code}Exception`, $metadata: { httpStatusCode: 400 } });

/** Answers every command with ids made of the names that it was sent, but for one that fails. */
async function answer(command: unknown): Promise<unknown> {
  const asked = command as { constructor: { name: string }; input: Sent["input"] };
  const { input } = asked;
  const name = asked.constructor.name.replace("Command", "");
  if (name === failing) throw new Error(`${name} failed`);
  sent.push({ name, input });
  const arn = (kind: string) => `arn:aws:elasticloadbalancing:us-east-1:1:${kind}/${input.Name}/1`;
  return {
    GroupId: `sg-${input.GroupName} of ${input.VpcId}`,
    LoadBalancers: [{ LoadBalancerArn: arn("loadbalancer/app") }],
    TargetGroups: [{ TargetGroupArn: arn("targetgroup") }],
    Listeners: [{ ListenerArn: `arn:listener:${input.Port}` }],
  };
}

describe("create", () => {
  beforeEach(() => {
    sent = [];
    failing = "";
    for (const client of [ec2, elbv2]) vi.spyOn(client, "send").mockImplementation(answer);
  });
  afterEach(() => vi.restoreAllMocks());

  const WHOLE = { ...FORM, instanceIds: ["i-1", "i-2"], registeredPort: "8080" };
  const ALL = [
    "CreateSecurityGroup",
    "AuthorizeSecurityGroupIngress",
    "CreateLoadBalancer",
    "CreateTargetGroup",
    "CreateListener",
    "RegisterTargets",
  ];
  const names = () => sent.map(({ name }) => name);
  const input = (name: string) => sent.findLast((one) => one.name === name)?.input;
  const make = (form: NewLoadBalancer, made: Made = {}) => create(form, made, () => {});
  /** A try that fails at a part, and another one after the form was changed; what that one sent. */
  async function again(part: string, form: NewLoadBalancer, change: Partial<NewLoadBalancer> = {}) {
    const made: Made = {};
    failing = part;
    await expect(make(form, made)).rejects.toThrow(`${part} failed`);
    failing = "";
    sent = [];
    await make({ ...form, ...change }, made);
    return made;
  }

  it("makes everything in the order in which the parts name each other", async () => {
    expect(await make(WHOLE)).toContain("loadbalancer/app/shop/1");
    expect(names()).toEqual(ALL);
    const TargetGroupArn = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/users/1";
    expect(input("CreateLoadBalancer")).toMatchObject({ SecurityGroups: ["sg-shop web of vpc-1"] });
    expect(input("CreateListener")).toMatchObject({ DefaultActions: [{ TargetGroupArn }] });
    expect(input("RegisterTargets")).toEqual({
      TargetGroupArn,
      Targets: [
        { Id: "i-1", Port: 8080 },
        { Id: "i-2", Port: 8080 },
      ],
    });
  });

  it("registers nothing where nothing was chosen, and addresses with their own ports", async () => {
    await make(FORM);
    expect(names()).not.toContain("RegisterTargets");
    await make({ ...WHOLE, targetType: "ip", addresses: "10.0.0.1:81\n10.0.0.2" });
    expect(input("CreateTargetGroup")).toMatchObject({ TargetType: "ip" });
    expect(input("RegisterTargets")).toMatchObject({
      Targets: [
        { Id: "10.0.0.1", Port: 81 },
        { Id: "10.0.0.2", Port: 8080 },
      ],
    });
  });

  it.each(ALL)("goes on at %s where that failed", async (part) => {
    await again(part, WHOLE);
    expect(names()).toEqual(ALL.slice(ALL.indexOf(part)));
  });

  it("makes its security group anew where the one of an earlier try is gone", async () => {
    const made: Made = {};
    vi.mocked(ec2.send).mockResolvedValueOnce({ GroupId: "sg-gone" } as never);
    const text = "One or more security groups are invalid";
    vi.mocked(elbv2.send).mockRejectedValueOnce(refusal("InvalidConfigurationRequest", text) as never);
    await expect(make(WHOLE, made)).rejects.toThrow(text);
    sent = [];
    await make(WHOLE, made);
    expect(names()).toEqual(ALL);
  });

  it("uses groups that were chosen after a new one was made", async () => {
    const made = await again("CreateLoadBalancer", WHOLE, { isGroupNew: false, groupIds: ["sg-mine"] });
    expect(input("CreateLoadBalancer")).toMatchObject({ SecurityGroups: ["sg-mine"] });
    expect(madeText(made)).toContain(
      "security group sg-shop web of vpc-1, open port 80, load balancer shop,",
    );
  });

  it("opens the port that the listener has by now", async () => {
    await again("CreateListener", WHOLE, { listenerPort: "81" });
    expect(names()).toEqual(["AuthorizeSecurityGroupIngress", "CreateListener", "RegisterTargets"]);
    expect(input("AuthorizeSecurityGroupIngress")).toMatchObject({
      GroupId: "sg-shop web of vpc-1",
      IpPermissions: [{ FromPort: 81, ToPort: 81 }],
    });
    expect(input("CreateListener")).toMatchObject({ Port: 81 });
  });

  it("makes a group in the VPC that was chosen since", async () => {
    await again("CreateLoadBalancer", WHOLE, { vpcId: "vpc-2", subnetIds: ["subnet-3", "subnet-4"] });
    expect(names()).toEqual(ALL);
    expect(input("CreateSecurityGroup")).toMatchObject({ VpcId: "vpc-2" });
    expect(input("CreateTargetGroup")).toMatchObject({ VpcId: "vpc-2" });
  });

  it("makes the target group that is wanted after a try with one that was there", async () => {
    const there = { ...WHOLE, isTargetGroupNew: false, targetGroupArn: "arn:there" };
    await again("CreateListener", there, { isTargetGroupNew: true });
    expect(names()).toEqual(["CreateTargetGroup", "CreateListener", "RegisterTargets"]);
    expect(JSON.stringify(input("CreateListener"))).toContain("targetgroup/users/1");
  });

  it.each([
    ["name", { name: "store" }],
    ["scheme", { scheme: "internal" as const }],
  ])("asks for the load balancer's other %s", async (_, change) => {
    await again("CreateTargetGroup", WHOLE, change);
    expect(names()).toEqual(ALL.slice(2));
    const { name: Name, scheme: Scheme } = { ...WHOLE, ...change };
    expect(input("CreateLoadBalancer")).toMatchObject({ Name, Scheme });
  });

  const TLS = { listenerProtocol: "HTTPS" as const, certificateArn: "arn:c", sslPolicy: "P" };
  it("asks for clients' certificates where they are wanted, and takes that back", async () => {
    await again("RegisterTargets", { ...WHOLE, ...TLS, mutual: VERIFY }, { mutual: NO_MUTUAL });
    expect(input("ModifyListener")).toMatchObject({ MutualAuthentication: { Mode: "off" } });
    await make({ ...WHOLE, ...TLS, mutual: VERIFY });
    expect(input("CreateListener")).toMatchObject({ MutualAuthentication: VERIFIED });
    await make({ ...WHOLE, ...TLS });
    expect(JSON.stringify(input("CreateListener"))).not.toContain("MutualAuthentication");
  });

  it.each<[string, Partial<NewLoadBalancer>, string[], object]>([
    [
      "subnets",
      { subnetIds: ["subnet-2", "subnet-3"] },
      ["SetSubnets", "SetSecurityGroups"],
      { Subnets: ["subnet-2", "subnet-3"] },
    ],
    [
      "groups",
      { isGroupNew: false, groupIds: ["sg-mine"] },
      ["SetSubnets", "SetSecurityGroups"],
      { SecurityGroups: ["sg-mine"] },
    ],
    ["health check", { healthCheckPath: "/" }, ["ModifyTargetGroup"], { HealthCheckPath: "/" }],
    [
      "target group",
      { isTargetGroupNew: false, targetGroupArn: "arn:there" },
      ["ModifyListener"],
      { DefaultActions: [{ Type: "forward", TargetGroupArn: "arn:there" }] },
    ],
    [
      "target type, under another name,",
      { targetType: "ip", addresses: "10.0.0.1", targetGroupName: "people" },
      ["CreateTargetGroup", "ModifyListener"],
      { Name: "people", TargetType: "ip" },
    ],
    ["certificate", TLS, ["ModifyListener"], { Certificates: [{ CertificateArn: "arn:c" }], SslPolicy: "P" }],
  ])("changes the %s after a failure of the last step", async (_, change, changing, settings) => {
    await again("RegisterTargets", WHOLE, change);
    expect(names()).toEqual([...changing, "RegisterTargets"]);
    const all = Object.assign({}, ...sent.map((one) => one.input));
    expect(all).toMatchObject(settings);
  });

  it("registers the targets that are wanted by now", async () => {
    await again("RegisterTargets", WHOLE, { instanceIds: ["i-3"] });
    expect(names()).toEqual(["RegisterTargets"]);
    expect(input("RegisterTargets")).toMatchObject({ Targets: [{ Id: "i-3" }] });
    await again("RegisterTargets", WHOLE, { instanceIds: [] });
    expect(names()).toEqual([]);
  });

  it("goes back to what was made first where the form does", async () => {
    const made = await again("CreateListener", WHOLE, { targetGroupName: "people" });
    sent = [];
    await make(WHOLE, made);
    expect(names()).toEqual(["ModifyListener", "RegisterTargets"]);
    expect(madeText(made)).toContain("target group users, target group people, listener");
  });
});

describe("withProtocol", () => {
  it("changes the port with the protocol, but for one that was typed", () => {
    expect(withProtocol("80", "HTTPS").listenerPort).toBe("443");
    expect(withProtocol("443", "HTTP").listenerPort).toBe("80");
    expect(withProtocol("8443", "HTTPS").listenerPort).toBe("8443");
  });
});

describe("commands", () => {
  it("make the same in the same order", () => {
    expect(commands(FORM).split("\n")).toEqual([
      "group=$(aws ec2 create-security-group --group-name 'shop web' --description 'Load balancer shop' --vpc-id vpc-1 --query GroupId --output text)",
      "aws ec2 authorize-security-group-ingress --group-id $group --protocol tcp --port 80 --cidr 0.0.0.0/0",
      "balancer=$(aws elbv2 create-load-balancer --security-groups $group --name shop --scheme internet-facing --subnets subnet-1 subnet-2 --query 'LoadBalancers[0].LoadBalancerArn' --output text)",
      "targets=$(aws elbv2 create-target-group --name users --target-type instance --protocol HTTP --port 5000 --vpc-id vpc-1 --health-check-path /ping --query 'TargetGroups[0].TargetGroupArn' --output text)",
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=$targets",
    ]);
  });

  it("change what an earlier try made", () => {
    const made: Made = {
      "security group": tries({ GroupName: "shop web", VpcId: "vpc-1" }, "sg-1"),
      "load balancer": tries({ Name: "shop", Scheme: "internet-facing" }, "arn:b"),
      listener: tries({ LoadBalancerArn: "arn:b", Port: 80 }, "arn:l"),
    };
    expect(commands({ ...FORM, isTargetGroupNew: false, targetGroupArn: "arn:t" }, made).split("\n")).toEqual(
      [
        "group=sg-1",
        "aws ec2 authorize-security-group-ingress --group-id $group --protocol tcp --port 80 --cidr 0.0.0.0/0",
        "balancer=arn:b",
        "aws elbv2 set-subnets --load-balancer-arn arn:b --subnets subnet-1 subnet-2",
        "aws elbv2 set-security-groups --security-groups $group --load-balancer-arn arn:b",
        "aws elbv2 modify-listener --listener-arn arn:l --protocol HTTP --default-actions Type=forward,TargetGroupArn=arn:t",
      ],
    );
  });

  it("name what exists", () => {
    const form = {
      ...FORM,
      isGroupNew: false,
      groupIds: ["sg-1"],
      isTargetGroupNew: false,
      targetGroupArn: "arn:t",
    };
    expect(commands(form).split("\n")).toEqual([
      "balancer=$(aws elbv2 create-load-balancer --security-groups sg-1 --name shop --scheme internet-facing --subnets subnet-1 subnet-2 --query 'LoadBalancers[0].LoadBalancerArn' --output text)",
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTP --port 80 --default-actions Type=forward,TargetGroupArn=arn:t",
    ]);
  });

  it("register what was chosen", () => {
    const line = (part: Partial<NewLoadBalancer>) =>
      commands({ ...FORM, ...part })
        .split("\n")
        .at(-1);
    expect(line({ instanceIds: ["i-1", "i-2"], registeredPort: "80" })).toBe(
      "aws elbv2 register-targets --target-group-arn $targets --targets Id=i-1,Port=80 Id=i-2,Port=80",
    );
    expect(
      line({ targetType: "ip", addresses: "10.0.0.1", isTargetGroupNew: false, targetGroupArn: "arn:t" }),
    ).toBe("aws elbv2 register-targets --target-group-arn arn:t --targets Id=10.0.0.1");
  });

  it("have clients' certificates handled", () => {
    const form = { ...FORM, listenerProtocol: "HTTPS" as const, certificateArn: "arn:c", mutual: VERIFY };
    expect(commands(form)).toContain(
      "--mutual-authentication Mode=verify,TrustStoreArn=arn:s,IgnoreClientCertificateExpiry=true,AdvertiseTrustStoreCaNames=off --default-actions",
    );
    expect(commands({ ...form, listenerProtocol: "HTTP" })).not.toContain("mutual");
    expect(commands({ ...form, mutual: NO_MUTUAL })).not.toContain("mutual");
  });

  it("give a listener for HTTPS its certificate and policy", () => {
    const form = { ...FORM, listenerProtocol: "HTTPS" as const, certificateArn: "arn:c", sslPolicy: "P" };
    expect(commands(form).split("\n").at(-1)).toBe(
      "aws elbv2 create-listener --load-balancer-arn $balancer --protocol HTTPS --port 80 --certificates CertificateArn=arn:c --ssl-policy P --default-actions Type=forward,TargetGroupArn=$targets",
    );
  });
});
