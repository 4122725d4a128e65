import { AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand } from "@aws-sdk/client-ec2";
import {
  CreateListenerCommand,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { elbv2 } from "./clients";
import { ec2 } from "./ec2";
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
};

/** Another protocol, and the port: the usual one, unless another was typed. */
export function withProtocol(typed: string, listenerProtocol: "HTTP" | "HTTPS") {
  const [port, other] = listenerProtocol === "HTTPS" ? ["443", "80"] : ["80", "443"];
  return { listenerProtocol, listenerPort: typed === other ? port : typed };
}

type Faults = Partial<Record<keyof NewLoadBalancer, string>>;

const NAME = /^(?!-)(?!.*-$)(?!internal-)[A-Za-z0-9-]{1,32}$/;
const NAME_FAULT = "1 to 32 letters, digits and hyphens; no hyphen at either end.";
const PORT_FAULT = "A port, 1 to 65535.";

const isPort = (text: string) => /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;

/** What must be mended before a step is left, by field. AWS has the last word on the rest. */
export const checks: ((form: NewLoadBalancer) => Faults)[] = [
  (form) => ({
    ...(!NAME.test(form.name) && { name: NAME_FAULT }),
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
];

/** What was made so far, so that another try goes on where the last one failed. */
export interface Made {
  groupId?: string;
  isGroupOpen?: boolean;
  loadBalancerArn?: string;
  targetGroupArn?: string;
}

/** Make everything, in the order in which the parts name each other. Raises what AWS says. */
export async function create(
  form: NewLoadBalancer,
  made: Made,
  onStep: (what: string) => void,
): Promise<void> {
  const port = Number(form.listenerPort);
  if (form.isGroupNew && !made.groupId) {
    onStep(`Making security group ${form.groupName}`);
    const Description = `Load balancer ${form.name}`;
    const asked = { GroupName: form.groupName, Description, VpcId: form.vpcId };
    const { GroupId } = await ec2.send(new CreateSecurityGroupCommand(asked));
    if (GroupId) made.groupId = GroupId;
  }
  if (made.groupId && !made.isGroupOpen) {
    onStep(`Opening port ${port}`);
    const rule = { IpProtocol: "tcp", FromPort: port, ToPort: port, IpRanges: [{ CidrIp: "0.0.0.0/0" }] };
    const asked = { GroupId: made.groupId, IpPermissions: [rule] };
    await ec2.send(new AuthorizeSecurityGroupIngressCommand(asked));
    made.isGroupOpen = true;
  }
  if (!made.loadBalancerArn) {
    onStep(`Making load balancer ${form.name}`);
    const SecurityGroups = made.groupId ? [made.groupId] : form.groupIds;
    const asked = { Name: form.name, Scheme: form.scheme, Subnets: form.subnetIds, SecurityGroups };
    const { LoadBalancers } = await elbv2.send(new CreateLoadBalancerCommand(asked));
    made.loadBalancerArn = LoadBalancers?.[0]?.LoadBalancerArn ?? "";
  }
  if (!form.isTargetGroupNew) made.targetGroupArn = form.targetGroupArn;
  if (!made.targetGroupArn) {
    onStep(`Making target group ${form.targetGroupName}`);
    const { TargetGroups } = await elbv2.send(
      new CreateTargetGroupCommand({
        Name: form.targetGroupName,
        Protocol: "HTTP",
        Port: Number(form.targetPort),
        VpcId: form.vpcId,
        HealthCheckPath: form.healthCheckPath,
      }),
    );
    made.targetGroupArn = TargetGroups?.[0]?.TargetGroupArn ?? "";
  }
  onStep(`Making listener ${form.listenerProtocol}:${port}`);
  await elbv2.send(
    new CreateListenerCommand({
      LoadBalancerArn: made.loadBalancerArn,
      Protocol: form.listenerProtocol,
      Port: port,
      ...(form.listenerProtocol === "HTTPS" && {
        Certificates: [{ CertificateArn: form.certificateArn }],
        SslPolicy: form.sslPolicy,
      }),
      DefaultActions: [{ Type: "forward", TargetGroupArn: made.targetGroupArn }],
    }),
  );
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
  const balancer = awsCommand("elbv2 create-load-balancer", {
    name: form.name,
    scheme: form.scheme,
    subnets: form.subnetIds,
  });
  lines.push(
    `balancer=$(${balancer} --security-groups ${group.join(" ")} --query LoadBalancers[0].LoadBalancerArn --output text)`,
  );
  let targets = form.targetGroupArn;
  if (form.isTargetGroupNew) {
    const made = awsCommand("elbv2 create-target-group", {
      name: form.targetGroupName,
      protocol: "HTTP",
      port: form.targetPort,
      "vpc-id": form.vpcId,
      "health-check-path": form.healthCheckPath,
    });
    targets = "$targets";
    lines.push(`targets=$(${made} --query TargetGroups[0].TargetGroupArn --output text)`);
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
  return lines.join("\n");
}
