import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  RegisterTargetsCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { words } from "./certificate-forms";
import { elbv2 } from "./clients";
import { ec2 } from "./ec2";
import { once, type Parts } from "./once";
import { targetsIn, targetWords } from "./target-group-form";
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

const NAME = /^(?!-)(?!.*-$)[A-Za-z0-9-]{1,32}$/;
const NAME_FAULT = "1 to 32 letters, digits and hyphens; no hyphen at either end.";
const PORT_FAULT = "A port, 1 to 65535.";

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewLoadBalancer) => Faults)[] = [
  (form) => ({
    ...(!NAME.test(form.name) && { name: NAME_FAULT }),
    ...(form.name.startsWith("internal-") && {
      name: "It cannot begin with internal-, as the DNS names of internal load balancers do.",
    }),
    ...(!isPort(form.listenerPort) && { listenerPort: PORT_FAULT }),
    ...(!form.vpcId && { vpcId: "Choose a VPC." }),
    ...(form.subnetIds.length < 2 && { subnetIds: "Choose two subnets or more, in different zones." }),
  }),
  (form) => ({
    ...(form.listenerProtocol === "HTTPS" &&
      !form.certificateArn && { certificateArn: "Choose a certificate, or have one made." }),
  }),
  (form) => ({
    ...(form.isGroupNew && !form.groupName.trim() && { groupName: "A new security group needs a name." }),
    ...(!form.isGroupNew && form.groupIds.length === 0 && { groupIds: "Choose one security group or more." }),
  }),
  (form) => ({
    ...(form.isTargetGroupNew && !NAME.test(form.targetGroupName) && { targetGroupName: NAME_FAULT }),
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

function isAddress(word: string): boolean {
  const [address = "", port, ...others] = word.split(":");
  const isByte = (text: string) => /^\d{1,3}$/.test(text) && Number(text) <= 255;
  const parts = address.split(".");
  return (
    parts.length === 4 && parts.every(isByte) && (port === undefined || isPort(port)) && others.length === 0
  );
}

/** What is registered, as the API takes it. */
export const targetsOf = (form: NewLoadBalancer) =>
  targetsIn(form.targetType === "ip" ? words(form.addresses) : form.instanceIds, form.registeredPort);

export type Part = "security group" | "open port" | "load balancer" | "target group" | "listener";
export type Made = Parts<Part>;
type OnStep = (what: string) => void;

/** The ids of the load balancer's groups: a new one, made and open, or those that were chosen. */
async function securityGroups(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string[]> {
  if (!form.isGroupNew) return form.groupIds;
  onStep(`Making security group ${form.groupName}`);
  const named = { GroupName: form.groupName, VpcId: form.vpcId };
  const GroupId = await once(made, "security group", named, async () => {
    // Outside of what it is known by: another name of the load balancer makes no other group.
    const asked = { ...named, Description: `Load balancer ${form.name}` };
    return (await ec2.send(new CreateSecurityGroupCommand(asked))).GroupId;
  });
  onStep(`Opening port ${form.listenerPort}`);
  const port = Number(form.listenerPort);
  const rule = { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
  const asked = { GroupId, IpPermissions: [rule] };
  await once(made, "open port", asked, async () => {
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(asked));
    return form.listenerPort;
  });
  return [GroupId];
}

async function targetGroup(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> {
  if (!form.isTargetGroupNew) return form.targetGroupArn;
  onStep(`Making target group ${form.targetGroupName}`);
  const asked = {
    Name: form.targetGroupName,
    TargetType: form.targetType,
    Protocol: "HTTP" as const,
    Port: Number(form.targetPort),
    VpcId: form.vpcId,
    HealthCheckPath: form.healthCheckPath,
  };
  return once(made, "target group", asked, async () => {
    const { TargetGroups } = await elbv2.send(new CreateTargetGroupCommand(asked));
    return TargetGroups?.[0]?.TargetGroupArn;
  });
}

/** Make everything, in the order in which the parts name each other; the load balancer's ARN. Raises what AWS
 * says. */
export async function create(form: NewLoadBalancer, made: Made, onStep: OnStep): Promise<string> {
  const SecurityGroups = await securityGroups(form, made, onStep);
  onStep(`Making load balancer ${form.name}`);
  const balancer = { Name: form.name, Scheme: form.scheme, Subnets: form.subnetIds, SecurityGroups };
  const LoadBalancerArn = await once(made, "load balancer", balancer, async () => {
    const { LoadBalancers } = await elbv2.send(new CreateLoadBalancerCommand(balancer));
    return LoadBalancers?.[0]?.LoadBalancerArn;
  });
  const TargetGroupArn = await targetGroup(form, made, onStep);
  onStep(`Making listener ${form.listenerProtocol}:${form.listenerPort}`);
  const listener = {
    LoadBalancerArn,
    Protocol: form.listenerProtocol,
    Port: Number(form.listenerPort),
    ...(form.listenerProtocol === "HTTPS" && {
      Certificates: [{ CertificateArn: form.certificateArn }],
      SslPolicy: form.sslPolicy,
    }),
    DefaultActions: [{ Type: "forward" as const, TargetGroupArn }],
  };
  await once(made, "listener", listener, async () => {
    const { Listeners } = await elbv2.send(new CreateListenerCommand(listener));
    return Listeners?.[0]?.ListenerArn;
  });
  // Last, so that targets which were taken out of the form after a failure were never registered.
  const Targets = targetsOf(form);
  if (Targets.length > 0) {
    onStep("Registering targets");
    await elbv2.send(new RegisterTargetsCommand({ TargetGroupArn, Targets }));
  }
  return LoadBalancerArn;
}

/** The same as `aws` commands, one a line; ids that do not exist yet are shell variables. */
export function commands(form: NewLoadBalancer): string {
  const group = form.isGroupNew ? ["$group"] : form.groupIds;
  const lines: string[] = [];
  if (form.isGroupNew) {
    const made = awsCommand("ec2 create-security-group", {
      "group-name": form.groupName,
      description: `Load balancer ${form.name}`,
      "vpc-id": form.vpcId,
      query: "GroupId",
      output: "text",
    });
    const port = { protocol: "tcp", port: form.listenerPort, cidr: "0.0.0.0/0" };
    lines.push(`group=$(${made})`);
    lines.push(awsCommand("ec2 authorize-security-group-ingress --group-id $group", port));
  }
  const balancer = awsCommand(`elbv2 create-load-balancer --security-groups ${group.join(" ")}`, {
    name: form.name,
    scheme: form.scheme,
    subnets: form.subnetIds,
    query: "LoadBalancers[0].LoadBalancerArn",
    output: "text",
  });
  lines.push(`balancer=$(${balancer})`);
  let targets = form.targetGroupArn;
  if (form.isTargetGroupNew) {
    const made = awsCommand("elbv2 create-target-group", {
      name: form.targetGroupName,
      "target-type": form.targetType,
      protocol: "HTTP",
      port: form.targetPort,
      "vpc-id": form.vpcId,
      "health-check-path": form.healthCheckPath,
      query: "TargetGroups[0].TargetGroupArn",
      output: "text",
    });
    targets = "$targets";
    lines.push(`targets=$(${made})`);
  }
  const listener = awsCommand("elbv2 create-listener --load-balancer-arn $balancer", {
    protocol: form.listenerProtocol,
    port: form.listenerPort,
    ...(form.listenerProtocol === "HTTPS" && {
      certificates: `CertificateArn=${form.certificateArn}`,
      "ssl-policy": form.sslPolicy,
    }),
  });
  lines.push(`${listener} --default-actions Type=forward,TargetGroupArn=${targets}`);
  const registered = targetWords(targetsOf(form));
  if (registered.length > 0) {
    const operation = `elbv2 register-targets --target-group-arn ${targets}`;
    lines.push(awsCommand(operation, { targets: registered }));
  }
  return lines.join("\n");
}
