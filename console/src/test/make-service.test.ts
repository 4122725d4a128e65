import { CreateServiceCommand } from "@aws-sdk/client-ecs";
import { CreateRuleCommand, DescribeRulesCommand } from "@aws-sdk/client-elastic-load-balancing-v2";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ecs, elbv2 } from "../lib/clients";
import { commands, create, type Made } from "../lib/make-service";
import { EMPTY, type NewService } from "../lib/new-service";
import { scaling } from "../lib/scaling";

const BALANCER = "arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/shop/b1";
const GROUP = "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/users/g1";
const FORM: NewService = {
  ...EMPTY,
  family: "users",
  name: "users-service",
  isBalanced: true,
  loadBalancerArn: BALANCER,
  container: "users-service:0:5000",
  isAdded: true,
  listenerArn: "arn:listener",
  groupName: "users",
  healthCheckPath: "/ping",
  pathPattern: "/users*",
  isScaled: true,
  policyName: "requests",
  metric: "ALBRequestCountPerTarget",
  scaleOutSeconds: "30",
};

interface Sent {
  name: string;
  input: Record<string, unknown>;
}

let sent: Sent[];
let failing: string;

/** Answers every command with the ids that it makes, but for one that fails. */
async function answer(command: unknown): Promise<unknown> {
  const made = command as { constructor: { name: string }; input: Sent["input"] };
  const { name } = made.constructor;
  if (name === failing) throw new Error(`${failing} failed`);
  sent.push({ name, input: made.input });
  return {
    TargetGroups: [{ TargetGroupArn: GROUP }],
    Listeners: [{ ListenerArn: "arn:made" }],
    Rules: [{ RuleArn: "arn:rule" }],
    service: { serviceArn: "arn:aws:ecs:us-east-1:1:service/shop/users-service" },
  };
}

beforeEach(() => {
  sent = [];
  failing = "";
  for (const client of [ecs, elbv2, scaling]) vi.spyOn(client, "send").mockImplementation(answer);
});

afterEach(() => vi.restoreAllMocks());

const make = (form: NewService, made: Made = {}) => create("shop", form, "vpc-1", made, () => {});
const names = () => sent.map(({ name }) => name);

describe("create", () => {
  it("makes the target group, its rule, the service, its bounds and its policy, in this order", async () => {
    await make(FORM);
    expect(names()).toEqual([
      "CreateTargetGroupCommand",
      "CreateRuleCommand",
      "CreateServiceCommand",
      "RegisterScalableTargetCommand",
      "PutScalingPolicyCommand",
    ]);
    expect(sent[0]?.input).toMatchObject({ Name: "users", Port: 5000, VpcId: "vpc-1" });
    expect(sent[2]?.input).toMatchObject({ loadBalancers: [{ targetGroupArn: GROUP, containerPort: 5000 }] });
    expect(sent[4]?.input).toMatchObject({
      ResourceId: "service/shop/users-service",
      TargetTrackingScalingPolicyConfiguration: {
        PredefinedMetricSpecification: { ResourceLabel: "app/shop/b1/targetgroup/users/g1" },
        ScaleOutCooldown: 30,
      },
    });
  });

  it("goes on where the last try failed, and changes what was to be another since", async () => {
    const made: Made = {};
    failing = "CreateServiceCommand";
    await expect(make(FORM, made)).rejects.toThrow("CreateServiceCommand failed");
    failing = "";
    sent = [];
    await make(FORM, made);
    expect(names()[0]).toBe("CreateServiceCommand");
    sent = [];
    await make({ ...FORM, healthCheckPath: "/" }, made);
    expect(names()).toEqual([
      "ModifyTargetGroupCommand",
      "RegisterScalableTargetCommand",
      "PutScalingPolicyCommand",
    ]);
    expect(sent[0]?.input).toEqual({ TargetGroupArn: GROUP, HealthCheckPath: "/" });
  });

  it.each([
    ["ModifyRuleCommand", { pathPattern: "/people*" }, { RuleArn: "arn:rule" }],
    ["ModifyRuleCommand", { isGroupNew: false, targetGroupArn: "arn:there" }, { RuleArn: "arn:rule" }],
    [
      "ModifyListenerCommand",
      { isListenerNew: true, isGroupNew: false, targetGroupArn: "arn:there" },
      { ListenerArn: "arn:made" },
    ],
  ])("leads requests elsewhere by %s", async (command, change, named) => {
    const made: Made = {};
    const first = { ...FORM, isListenerNew: "isListenerNew" in change };
    failing = "RegisterScalableTargetCommand";
    await expect(make(first, made)).rejects.toThrow();
    failing = "";
    sent = [];
    await make({ ...first, ...change }, made);
    expect(sent[0]).toMatchObject({ name: command, input: named });
    expect(names().filter((name) => name.startsWith("Create"))).toEqual([]);
  });

  it.each([
    [`The specified target group does not exist. (targetGroupArn ${GROUP})`, "CreateTargetGroupCommand"],
    [
      `The target group with targetGroupArn ${GROUP} does not have an associated load balancer.`,
      "CreateRuleCommand",
    ],
  ])("makes anew what is gone where the service is refused: %s", async (text, first) => {
    const made: Made = {};
    vi.mocked(ecs.send).mockRejectedValueOnce(new Error(text) as never);
    await expect(make(FORM, made)).rejects.toThrow(text);
    sent = [];
    await make(FORM, made);
    expect(names()[0]).toBe(first);
    expect(names()).toContain("CreateRuleCommand");
  });

  it("sets the bounds at every try: also those that were asked for before", async () => {
    const made: Made = {};
    failing = "PutScalingPolicyCommand";
    for (const maximum of ["4", "6", "4"]) {
      await expect(make({ ...FORM, maximum }, made)).rejects.toThrow();
    }
    const bounds = sent.filter(({ name }) => name === "RegisterScalableTargetCommand");
    expect(bounds.map(({ input }) => input.MaxCapacity)).toEqual([4, 6, 4]);
  });

  it.each([
    ["changes a service whose making was not answered, and takes back what was left out since", true],
    ["leaves a service that somebody else made while no answer came", false],
  ])("%s", async (_, isOurs) => {
    const made: Made = {};
    failing = "CreateServiceCommand";
    await expect(make(FORM, made)).rejects.toThrow("CreateServiceCommand failed");
    failing = "";
    vi.spyOn(ecs, "send").mockImplementation(async (command: unknown) => {
      // AWS answers the request that made the service with it.
      const isKnown = (input: { desiredCount?: number | undefined }) => isOurs && input.desiredCount === 1;
      if (command instanceof CreateServiceCommand && !isKnown(command.input))
        throw new Error("Creation of service was not idempotent.");
      return answer(command);
    });
    const trying = make({ ...FORM, desired: "3", isBalanced: false, placement: "none" }, made);
    if (isOurs) await trying;
    else await expect(trying).rejects.toThrow("not idempotent");
    const updates = sent.filter(({ name }) => name === "UpdateServiceCommand");
    expect(updates).toHaveLength(isOurs ? 1 : 0);
    if (isOurs)
      expect(updates[0]?.input).toMatchObject({
        service: "users-service",
        desiredCount: 3,
        loadBalancers: [],
        placementStrategy: [],
        placementConstraints: [],
      });
  });

  it.each([
    ["/users*", true],
    ["/orders*", false],
  ])("takes up the rule of its priority that is there for %s: %s", async (path, isOurs) => {
    vi.spyOn(elbv2, "send").mockImplementation(async (command: unknown) => {
      if (command instanceof CreateRuleCommand)
        throw Object.assign(new Error("Priority '1' is currently in use"), {
          name: "PriorityInUseException",
        });
      if (!(command instanceof DescribeRulesCommand)) return answer(command);
      const Conditions = [{ Field: "path-pattern", PathPatternConfig: { Values: [path] } }];
      const Actions = [{ Type: "forward", TargetGroupArn: GROUP }];
      return { Rules: [{ RuleArn: "arn:lost", Priority: "1", Conditions, Actions }] };
    });
    const made: Made = {};
    if (!isOurs) return expect(make(FORM, made)).rejects.toThrow("currently in use");
    await make(FORM, made);
    await make({ ...FORM, pathPattern: "/people*" }, made);
    expect(sent.find(({ name }) => name === "ModifyRuleCommand")?.input).toMatchObject({
      RuleArn: "arn:lost",
      Conditions: [{ Values: ["/people*"] }],
    });
  });

  it("makes nothing but the service where no more is wanted", async () => {
    await make({ ...FORM, isBalanced: false, isScaled: false });
    expect(names()).toEqual(["CreateServiceCommand"]);
  });
});

describe("commands", () => {
  it("change what an earlier try made", async () => {
    const made: Made = {};
    failing = "RegisterScalableTargetCommand";
    await expect(make(FORM, made)).rejects.toThrow();
    const options =
      "--task-definition users --desired-count 1 --deployment-configuration 'minimumHealthyPercent=100," +
      "maximumPercent=200,deploymentCircuitBreaker={enable=true,rollback=true}'";
    const form = { ...FORM, placement: "none", isScaled: false };
    expect(commands("shop", form, "vpc-1", made).split("\n")).toEqual([
      `targets=${GROUP}`,
      `aws elbv2 modify-target-group --target-group-arn ${GROUP} --health-check-path /ping`,
      "aws elbv2 modify-rule --rule-arn arn:rule --conditions 'Field=path-pattern,Values=/users*' " +
        "--actions Type=forward,TargetGroupArn=$targets",
      `aws ecs update-service --cluster shop --service users-service ${options} --placement-strategy '[]' ` +
        "--placement-constraints '[]' --health-check-grace-period-seconds 0 " +
        "--load-balancers targetGroupArn=$targets,containerName=users-service,containerPort=5000",
    ]);
    expect(commands("shop", { ...form, isBalanced: false }, "vpc-1", made)).toBe(
      `aws ecs update-service --cluster shop --service users-service ${options} --placement-strategy '[]' ` +
        "--placement-constraints '[]' --load-balancers '[]'",
    );
  });

  it("make the same", () => {
    expect(commands("shop", FORM, "vpc-1").split("\n")).toEqual([
      "targets=$(aws elbv2 create-target-group --name users --protocol HTTP --port 5000 --vpc-id vpc-1 " +
        "--health-check-path /ping --query 'TargetGroups[0].TargetGroupArn' --output text)",
      "aws elbv2 create-rule --listener-arn arn:listener --priority 1 " +
        "--conditions 'Field=path-pattern,Values=/users*' --actions Type=forward,TargetGroupArn=$targets",
      "aws ecs create-service --cluster shop --service-name users-service --task-definition users " +
        "--desired-count 1 --deployment-configuration 'minimumHealthyPercent=100,maximumPercent=200," +
        "deploymentCircuitBreaker={enable=true,rollback=true}' --placement-strategy " +
        "type=spread,field=attribute:ecs.availability-zone type=spread,field=instanceId " +
        "--health-check-grace-period-seconds 0 --load-balancers " +
        "targetGroupArn=$targets,containerName=users-service,containerPort=5000",
      "aws application-autoscaling register-scalable-target --service-namespace ecs " +
        "--resource-id service/shop/users-service --scalable-dimension ecs:service:DesiredCount " +
        "--min-capacity 1 --max-capacity 4",
      "aws application-autoscaling put-scaling-policy --service-namespace ecs " +
        "--resource-id service/shop/users-service --scalable-dimension ecs:service:DesiredCount " +
        "--policy-name requests --policy-type TargetTrackingScaling " +
        '--target-tracking-scaling-policy-configuration "TargetValue=60,ScaleOutCooldown=30,' +
        "PredefinedMetricSpecification={PredefinedMetricType=ALBRequestCountPerTarget," +
        // biome-ignore lint/suspicious/noTemplateCurlyInString: a variable of the shell's
        'ResourceLabel=app/shop/b1/${targets##*:}}"',
    ]);
  });
});
