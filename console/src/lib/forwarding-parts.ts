import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateTargetGroupCommand,
  type CreateTargetGroupCommandInput,
  ModifyListenerCommand,
  ModifyTargetGroupCommand,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { elbv2 } from "./clients";
import { named, once, type Parts } from "./once";

export type ForwardingPart = "target group" | "listener";
type Made = Parts<ForwardingPart>;

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
  spoken: Pick<CreateListenerCommandInput, "Protocol" | "Certificates" | "SslPolicy">,
  TargetGroupArn: string,
): Promise<string> {
  const identity = { LoadBalancerArn, Port: Number(port) };
  const settings = { ...spoken, DefaultActions: [{ Type: "forward" as const, TargetGroupArn }] };
  const make = async (asked: typeof settings) => {
    const { Listeners } = await elbv2.send(new CreateListenerCommand({ ...identity, ...asked }));
    return Listeners?.[0]?.ListenerArn;
  };
  const change = (ListenerArn: string) => elbv2.send(new ModifyListenerCommand({ ListenerArn, ...settings }));
  const isTaken = named("DuplicateListener");
  return once(made, "listener", settings, make, { identity, change, isTaken });
}
