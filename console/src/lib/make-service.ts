import {
  CreateServiceCommand,
  type CreateServiceCommandInput,
  UpdateServiceCommand,
} from "@aws-sdk/client-ecs";
import {
  CreateListenerCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ecs, elbv2 } from "./clients";
import { circuitBreaker, isRuled, type NewService, request } from "./new-service";
import { once, type Parts } from "./once";
import { placementOptions } from "./placement";
import { awsCommand, nameOf } from "./text";
import {
  putTracking,
  registerCommand,
  registerTarget,
  resourceLabel,
  trackingCommand,
} from "./tracking-policy";

export type Part = "target group" | "listener" | "rule" | "service" | "scalable target";
export type Made = Parts<Part>;

function newGroup(form: NewService, vpcId: string) {
  return {
    Name: form.groupName,
    Protocol: "HTTP" as const,
    Port: Number(form.container.split(":")[2]),
    VpcId: vpcId,
    HealthCheckPath: form.healthCheckPath,
  };
}

/** The target group, and a listener or a rule that leads requests to it. */
async function balance(form: NewService, vpcId: string, made: Made, onStep: (what: string) => void) {
  let group = form.targetGroupArn;
  if (form.isGroupNew) {
    onStep(`Making target group ${form.groupName}`);
    const asked = newGroup(form, vpcId);
    group = await once(made, "target group", asked, async () => {
      const { TargetGroups } = await elbv2.send(new CreateTargetGroupCommand(asked));
      return TargetGroups?.[0]?.TargetGroupArn;
    });
  }
  const Actions = [{ Type: "forward" as const, TargetGroupArn: group }];
  if (form.isListenerNew) {
    onStep(`Making listener HTTP:${form.listenerPort}`);
    const where = { LoadBalancerArn: form.loadBalancerArn, Port: Number(form.listenerPort) };
    const asked = { ...where, Protocol: "HTTP" as const, DefaultActions: Actions };
    await once(made, "listener", asked, async () => {
      const { Listeners } = await elbv2.send(new CreateListenerCommand(asked));
      return Listeners?.[0]?.ListenerArn;
    });
  } else if (isRuled(form)) {
    onStep(`Making the rule for ${form.pathPattern}`);
    const Conditions = [{ Field: "path-pattern", Values: [form.pathPattern] }];
    const asked = { ListenerArn: form.listenerArn, Priority: Number(form.priority), Conditions, Actions };
    await once(made, "rule", asked, async () => {
      const { Rules } = await elbv2.send(new CreateRuleCommand(asked));
      return Rules?.[0]?.RuleArn;
    });
  }
  return group;
}

/** Make the service; one that an earlier try made is changed, for AWS makes none twice. */
async function serve(asked: CreateServiceCommandInput, made: Made): Promise<void> {
  const { serviceName, ...settings } = asked;
  const text = JSON.stringify(asked);
  const all = made.service ?? [];
  if (all.at(-1)?.asked === text) return;
  const others = all.filter(({ id }) => nameOf(id) !== serviceName);
  const isThere = others.length < all.length;
  const { service } = isThere
    ? await ecs.send(new UpdateServiceCommand({ ...settings, service: serviceName }))
    : await ecs.send(new CreateServiceCommand(asked));
  made.service = [...others, { asked: text, id: service?.serviceArn ?? "" }];
}

/** Make everything, in the order in which the parts name each other. `vpcId` is the load balancer's.
 * Raises what AWS says. */
export async function create(
  cluster: string,
  form: NewService,
  vpcId: string,
  made: Made,
  onStep: (what: string) => void,
): Promise<void> {
  const group = form.isBalanced ? await balance(form, vpcId, made, onStep) : "";
  onStep(`Making service ${form.name}`);
  await serve(request(cluster, form, group), made);
  if (!form.isScaled) return;
  onStep("Setting its bounds");
  const { minimum, maximum } = form;
  await once(made, "scalable target", [cluster, form.name, minimum, maximum], async () => {
    return (await registerTarget(cluster, form.name, minimum, maximum)).ScalableTargetARN;
  });
  if (!form.hasPolicy) return;
  onStep(`Making policy ${form.policyName}`);
  await putTracking(cluster, form.name, form, resourceLabel(form.loadBalancerArn, group));
}

function balanceCommands(form: NewService, vpcId: string): string[] {
  const lines: string[] = [];
  if (form.isGroupNew) {
    const made = awsCommand("elbv2 create-target-group", {
      name: form.groupName,
      protocol: "HTTP",
      port: form.container.split(":")[2],
      "vpc-id": vpcId,
      "health-check-path": form.healthCheckPath,
      query: "TargetGroups[0].TargetGroupArn",
      output: "text",
    });
    lines.push(`targets=$(${made})`);
  }
  const action = `Type=forward,TargetGroupArn=${form.isGroupNew ? "$targets" : form.targetGroupArn}`;
  if (form.isListenerNew) {
    const asked = { "load-balancer-arn": form.loadBalancerArn, protocol: "HTTP", port: form.listenerPort };
    lines.push(`${awsCommand("elbv2 create-listener", asked)} --default-actions ${action}`);
  } else if (isRuled(form)) {
    const conditions = `Field=path-pattern,Values=${form.pathPattern}`;
    const asked = { "listener-arn": form.listenerArn, priority: form.priority, conditions };
    lines.push(`${awsCommand("elbv2 create-rule", asked)} --actions ${action}`);
  }
  return lines;
}

function serviceCommand(cluster: string, form: NewService): string {
  const { enable, rollback } = circuitBreaker(form.breaker);
  const made = awsCommand("ecs create-service", {
    cluster,
    "service-name": form.name,
    "task-definition": form.revision || form.family,
    "desired-count": form.desired,
    "deployment-configuration":
      `minimumHealthyPercent=${form.minimumPercent},maximumPercent=${form.maximumPercent},` +
      `deploymentCircuitBreaker={enable=${enable},rollback=${rollback}}`,
    ...placementOptions(form.placement),
    "health-check-grace-period-seconds": form.isBalanced ? form.graceSeconds : undefined,
  });
  if (!form.isBalanced) return made;
  const [name, , port] = form.container.split(":");
  const group = form.isGroupNew ? "$targets" : form.targetGroupArn;
  return `${made} --load-balancers targetGroupArn=${group},containerName=${name},containerPort=${port}`;
}

/** The same as `aws` commands, one a line; ARNs that do not exist yet are shell variables. */
export function commands(cluster: string, form: NewService, vpcId: string): string {
  const lines = form.isBalanced ? balanceCommands(form, vpcId) : [];
  lines.push(serviceCommand(cluster, form));
  if (form.isScaled) lines.push(registerCommand(cluster, form.name, form.minimum, form.maximum));
  if (form.isScaled && form.hasPolicy) {
    const label = form.isGroupNew
      ? `${form.loadBalancerArn.split(":loadbalancer/").at(-1)}/\${targets##*:}`
      : resourceLabel(form.loadBalancerArn, form.targetGroupArn);
    lines.push(trackingCommand(cluster, form.name, form, label));
  }
  return lines.join("\n");
}
