import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ModifyListenerCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { elbv2 } from "./clients";
import { mutualWord } from "./mutual-tls";
import { idOf, named, once, type Parts } from "./once";
import { awsCommand } from "./text";

export type ForwardingPart = "target group" | "listener";
type Made = Parts<ForwardingPart>;

/** What AWS calls a part that is gone. */
export const GONE = {
  "target group": ["TargetGroupNotFound"],
  listener: ["ListenerNotFound"],
};

/** What a listener speaks. Mutual authentication that is off is spoken of only to one that may have it. */
type Spoken = Pick<
  CreateListenerCommandInput,
  "Protocol" | "Certificates" | "SslPolicy" | "MutualAuthentication"
>;

const newly = <Asked extends Spoken>(asked: Asked): Asked =>
  asked.MutualAuthentication?.Mode === "off" ? { ...asked, MutualAuthentication: undefined } : asked;

/** A target group and the path of its health checks, which alone can be changed; its ARN. */
export function targetGroup(
  made: Made,
  identity: CreateTargetGroupCommandInput,
  HealthCheckPath: string,
): Promise<string> {
  const make = async (path: string) => {
    const asked = { ...identity, HealthCheckPath: path };
    return (await elbv2.send(new CreateTargetGroupCommand(asked))).TargetGroups?.[0]?.TargetGroupArn;
  };
  const change = (TargetGroupArn: string) =>
    elbv2.send(new ModifyTargetGroupCommand({ TargetGroupArn, HealthCheckPath }));
  const isTaken = named("DuplicateTargetGroupName");
  return once(made, "target group", HealthCheckPath, make, { identity, change, isTaken });
}

/** A listener of a load balancer's port that forwards all requests to a group; its ARN. */
export function listener(
  made: Made,
  LoadBalancerArn: string,
  port: string,
  spoken: Spoken,
  TargetGroupArn: string,
): Promise<string> {
  const identity = { LoadBalancerArn, Port: Number(port) };
  const settings = { ...spoken, DefaultActions: [{ Type: "forward" as const, TargetGroupArn }] };
  const make = async (asked: typeof settings) => {
    const { Listeners } = await elbv2.send(new CreateListenerCommand({ ...identity, ...newly(asked) }));
    return Listeners?.[0]?.ListenerArn;
  };
  const change = (ListenerArn: string) => elbv2.send(new ModifyListenerCommand({ ListenerArn, ...settings }));
  const isTaken = named("DuplicateListener");
  return once(made, "listener", settings, make, { identity, change, isTaken });
}

/** What makes the shell variable `targets` the group's ARN: the same as `targetGroup` as `aws` commands. */
export function targetGroupCommands(
  made: Made,
  identity: CreateTargetGroupCommandInput,
  path: string,
): string[] {
  const id = idOf(made, "target group", identity);
  const checked = { "health-check-path": path };
  if (id)
    return [`targets=${id}`, awsCommand("elbv2 modify-target-group", { "target-group-arn": id, ...checked })];
  const create = awsCommand("elbv2 create-target-group", {
    name: identity.Name,
    "target-type": identity.TargetType,
    protocol: identity.Protocol,
    port: identity.Port,
    "vpc-id": identity.VpcId,
    ...checked,
    query: "TargetGroups[0].TargetGroupArn",
    output: "text",
  });
  return [`targets=$(${create})`];
}

/** The same as `listener` as an `aws` command; `balancer` and `targets` are ARNs or shell variables. */
export function listenerCommand(
  made: Made,
  identity: { LoadBalancerArn: string; Port: number },
  spoken: Spoken,
  { balancer, targets }: { balancer: string; targets: string },
): string {
  const id = idOf(made, "listener", identity);
  const { MutualAuthentication } = id ? spoken : newly(spoken);
  const [certificate] = spoken.Certificates ?? [];
  const asked = awsCommand(
    id
      ? `elbv2 modify-listener --listener-arn ${id}`
      : `elbv2 create-listener --load-balancer-arn ${balancer}`,
    {
      protocol: spoken.Protocol,
      port: id ? undefined : identity.Port,
      certificates: certificate && `CertificateArn=${certificate.CertificateArn}`,
      "ssl-policy": spoken.SslPolicy,
      "mutual-authentication": MutualAuthentication && mutualWord(MutualAuthentication),
    },
  );
  return `${asked} --default-actions Type=forward,TargetGroupArn=${targets}`;
}
