import {
  CreateLoadBalancerCommand,
  RegisterTargetsCommand,
  SetSecurityGroupsCommand,
  SetSubnetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { words } from "./certificate-forms";
import { elbv2 } from "./clients";
import { ELB_NAME_FAULT, isElbName } from "./elb-names";
import {
  type ForwardingPart,
  GONE,
  listener,
  listenerCommand,
  targetGroup,
  targetGroupCommands,
} from "./forwarding-parts";
import { type MutualForm, mutualFault, mutualOf, NO_MUTUAL } from "./mutual-tls";
import { isPort, PORT_FAULT } from "./numbers";
import { forgettingGone, idOf, named, once, type Parts } from "./once";
import { type GroupPart, type OpenGroup, openGroup, openGroupCommands } from "./open-group";
import { isAddress, targetsIn, targetWords } from "./target-group-form";
import { awsCommand } from "./text";

/** What the wizard asks for. Numbers are as they were typed. */
export interface NewLoadBalancer {
  name: string;
  scheme: "internet-facing" | "internal";
  listenerProtocol: "HTTP" | "HTTPS";
  listenerPort: string;
  /** Of a listener for HTTPS. */
  certificateArn: string;
  sslPolicy: string;
  mutual: MutualForm;
  vpcId: string;
  subnetIds: string[];
  /** A group of its own is made, open to anybody at the listener's port. */
  isGroupNew: boolean;
  groupName: string;
  groupIds: string[];
  isTargetGroupNew: boolean;
  targetGroupName: string;
  targetPort: string;
  healthCheckPath: string;
  targetGroupArn: string;
  /** What targets are named by, in the new group or in the one that was chosen. */
  targetType: "instance" | "ip";
  /** Targets to register: instances, or addresses with ports of their own or without. None is allowed. */
  instanceIds: string[];
  addresses: string;
  /** Of targets that name none; empty for the group's. */
  registeredPort: string;
}

/** What AWS's console proposes; its API, asked without a policy, takes one from 2016. */
export const SSL_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09";

export const EMPTY: NewLoadBalancer = {
  name: "",
  scheme: "internet-facing",
  listenerProtocol: "HTTP",
  listenerPort: "80",
  certificateArn: "",
  sslPolicy: SSL_POLICY,
  mutual: NO_MUTUAL,
  vpcId: "",
  subnetIds: [],
  isGroupNew: true,
  groupName: "",
  groupIds: [],
  isTargetGroupNew: true,
  targetGroupName: "",
  targetPort: "80",
  healthCheckPath: "/",
  targetGroupArn: "",
  targetType: "instance",
  instanceIds: [],
  addresses: "",
  registeredPort: "",
};

/** Another protocol, and the port: the usual one, unless another was typed. */
export function withProtocol(typed: string, listenerProtocol: "HTTP" | "HTTPS") {
  const [port, other] = listenerProtocol === "HTTPS" ? ["443", "80"] : ["80", "443"];
  return { listenerProtocol, listenerPort: typed === other ? port : typed };
}

type Faults = Partial<Record<keyof NewLoadBalancer, string>>;

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewLoadBalancer) => Faults)[] = [
  (form) => ({
    ...(!isElbName(form.name) && { name: ELB_NAME_FAULT }),
    ...(form.name.startsWith("internal-") && {
      name: "It cannot begin with internal-, as the DNS names of internal load balancers do.",
    }),
    ...(!isPort(form.listenerPort) && { listenerPort: PORT_FAULT }),
    ...(!form.vpcId && { vpcId: "Choose a VPC." }),
    ...(form.subnetIds.length < 2 && { subnetIds: "Choose two subnets or more, in different zones." }),
  }),
  ({ listenerProtocol, certificateArn, mutual }) => {
    if (listenerProtocol === "HTTP") return {};
    const fault = mutualFault(mutual);
    return {
      ...(!certificateArn && { certificateArn: "Choose a certificate, or have one made." }),
      ...(fault && { mutual: fault }),
    };
  },
  (form) => ({
    ...(form.isGroupNew && !form.groupName.trim() && { groupName: "A new security group needs a name." }),
    ...(!form.isGroupNew && form.groupIds.length === 0 && { groupIds: "Choose one security group or more." }),
  }),
  (form) => ({
    ...(form.isTargetGroupNew && !isElbName(form.targetGroupName) && { targetGroupName: ELB_NAME_FAULT }),
    ...(form.isTargetGroupNew && !isPort(form.targetPort) && { targetPort: PORT_FAULT }),
    ...(form.isTargetGroupNew &&
      !form.healthCheckPath.startsWith("/") && { healthCheckPath: "A path begins with a slash." }),
    ...(!form.isTargetGroupNew && !form.targetGroupArn && { targetGroupArn: "Choose a target group." }),
  }),
  (form) => ({
    ...(form.registeredPort && !isPort(form.registeredPort) && { registeredPort: PORT_FAULT }),
    ...(form.targetType === "ip" &&
      !words(form.addresses).every(isAddress) && {
        addresses: "IPv4 addresses, each alone or with a port: 172.31.0.10:8080.",
      }),
  }),
];

/** What is registered, as the API takes it. */
export const targetsOf = (form: NewLoadBalancer) =>
  targetsIn(form.targetType === "ip" ? words(form.addresses) : form.instanceIds, form.registeredPort);

export type Part = GroupPart | ForwardingPart | "load balancer";
export type Made = Parts<Part>;
type OnStep = (what: string) => void;

/** The load balancer's own group, open to anybody at the listener's port. */
const groupOf = (form: NewLoadBalancer): OpenGroup => ({
  name: form.groupName,
  description: `Load balancer ${form.name}`,
  vpcId: form.vpcId,
  from: Number(form.listenerPort),
  to: Number(form.listenerPort),
  block: "0.0.0.0/0",
});

const identityOf = ({ name, scheme }: NewLoadBalancer) => ({ Name: name, Scheme: scheme });

async function loadBalancer(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> {
  const SecurityGroups = form.isGroupNew ? [await openGroup(groupOf(form), made, onStep)] : form.groupIds;
  onStep(`Making load balancer ${form.name}`);
  const identity = identityOf(form);
  const settings = { Subnets: form.subnetIds, SecurityGroups };
  const make = async (wanted: typeof settings) => {
    const { LoadBalancers } = await elbv2.send(new CreateLoadBalancerCommand({ ...identity, ...wanted }));
    return LoadBalancers?.[0]?.LoadBalancerArn;
  };
  const change = async (LoadBalancerArn: string) => {
    await elbv2.send(new SetSubnetsCommand({ LoadBalancerArn, Subnets: form.subnetIds }));
    await elbv2.send(new SetSecurityGroupsCommand({ LoadBalancerArn, SecurityGroups }));
  };
  const isTaken = named("DuplicateLoadBalancerName");
  return once(made, "load balancer", settings, make, { identity, change, isTaken });
}

const groupIdentity = (form: NewLoadBalancer) => ({
  Name: form.targetGroupName,
  TargetType: form.targetType,
  Protocol: "HTTP" as const,
  Port: Number(form.targetPort),
  VpcId: form.vpcId,
});

/** The group that was chosen, or a new one. */
async function forwarded(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> {
  if (!form.isTargetGroupNew) return form.targetGroupArn;
  onStep(`Making target group ${form.targetGroupName}`);
  return targetGroup(made, groupIdentity(form), form.healthCheckPath);
}

/** What the listener speaks, as the API takes it. */
const spoken = (form: NewLoadBalancer) => ({
  Protocol: form.listenerProtocol,
  ...(form.listenerProtocol === "HTTPS" && {
    Certificates: [{ CertificateArn: form.certificateArn }],
    SslPolicy: form.sslPolicy,
    MutualAuthentication: mutualOf(form.mutual),
  }),
});

/** Make everything, in the order in which the parts name each other; the load balancer's ARN. Raises what AWS
 * says. */
export const create = (form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> =>
  forgettingGone(made, GONE_PARTS, () => makeAll(form, made, onStep));

const GONE_PARTS = {
  ...GONE,
  "security group": [
    "InvalidGroup.NotFound",
    "InvalidSecurityGroup",
    // Of code InvalidConfigurationRequest, as much else.
    /^One or more security groups are invalid/,
  ],
  "load balancer": ["LoadBalancerNotFound"],
};

async function makeAll(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> {
  const balancerArn = await loadBalancer(form, made, onStep);
  const TargetGroupArn = await forwarded(form, made, onStep);
  onStep(`Making listener ${form.listenerProtocol}:${form.listenerPort}`);
  await listener(made, balancerArn, form.listenerPort, spoken(form), TargetGroupArn);
  // Last, so that targets which were taken out of the form after a failure were never registered.
  const Targets = targetsOf(form);
  if (Targets.length > 0) {
    onStep("Registering targets");
    await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  }
  return balancerArn;
}

/** What makes the shell variable `balancer` the load balancer's ARN. */
function balancerCommands(form: NewLoadBalancer, made: Made): string[] {
  const group = (form.isGroupNew ? ["$group"] : form.groupIds).join(" ");
  const lines = form.isGroupNew ? openGroupCommands(groupOf(form), made) : [];
  const id = idOf(made, "load balancer", identityOf(form));
  if (id) {
    const named = { "load-balancer-arn": id };
    return [
      ...lines,
      `balancer=${id}`,
      awsCommand("elbv2 set-subnets", { ...named, subnets: form.subnetIds }),
      awsCommand(`elbv2 set-security-groups --security-groups ${group}`, named),
    ];
  }
  const create = awsCommand(`elbv2 create-load-balancer --security-groups ${group}`, {
    name: form.name,
    scheme: form.scheme,
    subnets: form.subnetIds,
    query: "LoadBalancers[0].LoadBalancerArn",
    output: "text",
  });
  return [...lines, `balancer=$(${create})`];
}

/** The same as `aws` commands, one a line; ids that do not exist yet are shell variables. What earlier tries made is
 * changed, as another try does. */
export function commands(form: NewLoadBalancer, made: Made = {}): string {
  const lines = balancerCommands(form, made);
  if (form.isTargetGroupNew) {
    lines.push(...targetGroupCommands(made, groupIdentity(form), form.healthCheckPath));
  }
  const targets = form.isTargetGroupNew ? "$targets" : form.targetGroupArn;
  const LoadBalancerArn = idOf(made, "load balancer", identityOf(form)) ?? "";
  const identity = { LoadBalancerArn, Port: Number(form.listenerPort) };
  lines.push(listenerCommand(made, identity, spoken(form), { balancer: "$balancer", targets }));
  const registered = targetWords(targetsOf(form));
  if (registered.length > 0) {
    const operation = `elbv2 register-targets --target-group-arn ${targets}`;
    lines.push(awsCommand(operation, { targets: registered }));
  }
  return lines.join("\n");
}
