import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateRuleCommand,
  DescribeRulesCommand,
  ModifyRuleCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ecs, elbv2 } from "./clients";
import {
  type ForwardingPart,
  GONE,
  listener,
  listenerCommand,
  targetGroup,
  targetGroupCommands,
} from "./forwarding-parts";
import { circuitBreaker, isRuled, type NewService, request } from "./new-service";
import { forgettingGone, idOf, named, once, type Parts } from "./once";
import { placementOptions } from "./placement";
import { awsCommand, shorthand } from "./text";
import {
  putTracking,
  registerCommand,
  registerTarget,
  resourceLabel,
  trackingCommand,
} from "./tracking-policy";

export type Part = ForwardingPart | "rule" | "service";
export type Made = Parts<Part>;
type OnStep = (what: string) => void;

const groupIdentity = (form: NewService, vpcId: string) => ({
  Name: form.groupName,
  Protocol: "HTTP" as const,
  Port: Number(form.container.split(":")[2]),
  VpcId: vpcId,
});

/** The group that was chosen, or a new one. */
async function forwarded(form: NewService, vpcId: string, made: Made, onStep: OnStep): Promise<string> {
  if (!form.isGroupNew) return form.targetGroupArn;
  onStep(`Making target group ${form.groupName}`);
  return targetGroup(made, groupIdentity(form, vpcId), form.healthCheckPath);
}

interface Led {
  path: string;
  group: string;
}

const isInUse = named("PriorityInUse");

const ruleIdentity = (form: NewService) => ({
  ListenerArn: form.listenerArn,
  Priority: Number(form.priority),
});

/** A rule that leads requests of a path to the group. */
async function rule(form: NewService, group: string, made: Made, onStep: OnStep): Promise<void> {
  onStep(`Making the rule for ${form.pathPattern}`);
  const identity = ruleIdentity(form);
  const settings = ({ path, group }: Led) => ({
    Conditions: [{ Field: "path-pattern", Values: [path] }],
    Actions: [{ Type: "forward" as const, TargetGroupArn: group }],
  });
  const make = async (led: Led) => {
    try {
      const asked = { ...identity, ...settings(led) };
      return (await elbv2.send(new CreateRuleCommand(asked))).Rules?.[0]?.RuleArn;
    } catch (error) {
      const there = isInUse(error) && (await ruleThere(form, led));
      if (!there) throw error;
      return there;
    }
  };
  const led = { path: form.pathPattern, group };
  const change = (RuleArn: string) => elbv2.send(new ModifyRuleCommand({ RuleArn, ...settings(led) }));
  await once(made, "rule", led, make, { identity, change, isTaken: isInUse });
}

/** The ARN of the very rule, where it is there: AWS refuses the same one again, whose first answer may be lost. */
async function ruleThere(form: NewService, { path, group }: Led): Promise<string | undefined> {
  const { Rules } = await elbv2.send(new DescribeRulesCommand({ ListenerArn: form.listenerArn }));
  const found = Rules?.find(({ Priority }) => Priority === String(Number(form.priority)));
  const { Conditions = [], Actions = [] } = found ?? {};
  const paths = Conditions.map(({ PathPatternConfig }) => PathPatternConfig?.Values ?? []);
  const groups = Actions.map(({ TargetGroupArn }) => TargetGroupArn);
  return JSON.stringify([paths, groups]) === JSON.stringify([[[path]], [group]]) ? found?.RuleArn : undefined;
}

/** The target group, and a listener or a rule that leads requests to it. */
async function balance(form: NewService, vpcId: string, made: Made, onStep: OnStep): Promise<string> {
  const group = await forwarded(form, vpcId, made, onStep);
  if (form.isListenerNew) {
    onStep(`Making listener HTTP:${form.listenerPort}`);
    await listener(made, form.loadBalancerArn, form.listenerPort, { Protocol: "HTTP" }, group);
  } else if (isRuled(form)) await rule(form, group, made, onStep);
  return group;
}

/** What AWS says of a service that is there, and is not the one that is asked for. */
const isTaken = (error: unknown) =>
  error instanceof Error && error.message.includes("Creation of service was not idempotent");

/** Make the service; one that an earlier try made, though its answer may be lost, is changed, for AWS makes none
 * twice. */
async function serve(asked: CreateServiceCommandInput, made: Made): Promise<void> {
  const { serviceName, ...settings } = asked;
  const make = async (wanted: CreateServiceCommandInput) =>
    (await ecs.send(new CreateServiceCommand(wanted))).service?.serviceArn;
  // What is not given stays: what was taken back is given as nothing.
  const none = { loadBalancers: [], placementStrategy: [], placementConstraints: [] };
  const change = () => ecs.send(new UpdateServiceCommand({ ...none, ...settings, service: serviceName }));
  const identity = { cluster: asked.cluster, serviceName };
  await once(made, "service", asked, make, { identity, change, isTaken });
}

/** Make everything, in the order in which the parts name each other. `vpcId` is the load balancer's.
 * Raises what AWS says. */
export const create = (
  cluster: string,
  form: NewService,
  vpcId: string,
  made: Made,
  onStep: OnStep,
): Promise<void> => forgettingGone(made, GONE_PARTS, () => makeAll(cluster, form, vpcId, made, onStep));

/** What CreateService says by a code that says much else. */
const NO_GROUP = /^The specified target group does not exist/;
const NOT_LED_TO = /does not have an associated load balancer/;

const GONE_PARTS = {
  "target group": [...GONE["target group"], NO_GROUP],
  listener: [...GONE.listener, NO_GROUP, NOT_LED_TO],
  rule: ["RuleNotFound", NO_GROUP, NOT_LED_TO],
  service: ["ServiceNotFound", "ServiceNotActive"],
};

async function makeAll(
  cluster: string,
  form: NewService,
  vpcId: string,
  made: Made,
  onStep: OnStep,
): Promise<void> {
  const group = form.isBalanced ? await balance(form, vpcId, made, onStep) : "";
  onStep(`Making service ${form.name}`);
  await serve(request(cluster, form, group), made);
  if (!form.isScaled) return;
  onStep("Setting its bounds");
  await registerTarget(cluster, form.name, form.minimum, form.maximum);
  if (!form.hasPolicy) return;
  onStep(`Making policy ${form.policyName}`);
  await putTracking(cluster, form.name, form, resourceLabel(form.loadBalancerArn, group));
}

function balanceCommands(form: NewService, vpcId: string, made: Made): string[] {
  const lines = form.isGroupNew
    ? targetGroupCommands(made, groupIdentity(form, vpcId), form.healthCheckPath)
    : [];
  const targets = form.isGroupNew ? "$targets" : form.targetGroupArn;
  if (form.isListenerNew) {
    const balancer = form.loadBalancerArn;
    const identity = { LoadBalancerArn: balancer, Port: Number(form.listenerPort) };
    lines.push(listenerCommand(made, identity, { Protocol: "HTTP" }, { balancer, targets }));
  } else if (isRuled(form)) {
    const conditions = `Field=path-pattern,Values=${shorthand(form.pathPattern)}`;
    const id = idOf(made, "rule", ruleIdentity(form));
    const asked = id
      ? awsCommand("elbv2 modify-rule", { "rule-arn": id, conditions })
      : awsCommand("elbv2 create-rule", {
          "listener-arn": form.listenerArn,
          priority: form.priority,
          conditions,
        });
    lines.push(`${asked} --actions Type=forward,TargetGroupArn=${targets}`);
  }
  return lines;
}

function serviceCommand(cluster: string, form: NewService, made: Made): string {
  const { enable, rollback } = circuitBreaker(form.breaker);
  const isMade = idOf(made, "service", { cluster, serviceName: form.name }) !== undefined;
  const asked = awsCommand(isMade ? "ecs update-service" : "ecs create-service", {
    cluster,
    [isMade ? "service" : "service-name"]: form.name,
    "task-definition": form.revision || form.family,
    "desired-count": form.desired,
    "deployment-configuration":
      `minimumHealthyPercent=${form.minimumPercent},maximumPercent=${form.maximumPercent},` +
      `deploymentCircuitBreaker={enable=${enable},rollback=${rollback}}`,
    ...placementOptions(form.placement, isMade),
    "health-check-grace-period-seconds": form.isBalanced ? form.graceSeconds : undefined,
  });
  if (!form.isBalanced) return isMade ? `${asked} --load-balancers '[]'` : asked;
  const [name, , port] = form.container.split(":");
  const group = form.isGroupNew ? "$targets" : form.targetGroupArn;
  return `${asked} --load-balancers targetGroupArn=${group},containerName=${name},containerPort=${port}`;
}

/** The same as `aws` commands, one a line; ARNs that do not exist yet are shell variables. What earlier tries made is
 * changed, as another try does. */
export function commands(cluster: string, form: NewService, vpcId: string, made: Made = {}): string {
  const lines = form.isBalanced ? balanceCommands(form, vpcId, made) : [];
  lines.push(serviceCommand(cluster, form, made));
  if (form.isScaled) lines.push(registerCommand(cluster, form.name, form.minimum, form.maximum));
  if (form.isScaled && form.hasPolicy) {
    const label = form.isGroupNew
      ? `${form.loadBalancerArn.split(":loadbalancer/").at(-1)}/\${targets##*:}`
      : resourceLabel(form.loadBalancerArn, form.targetGroupArn);
    lines.push(trackingCommand(cluster, form.name, form, label));
  }
  return lines.join("\n");
}
