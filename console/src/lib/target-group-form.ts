import type {
  CreateTargetGroupCommandInput,
  ModifyTargetGroupCommandInput,
  ProtocolEnum,
  TargetDescription,
  TargetGroup,
  TargetTypeEnum,
} from "@aws-sdk/client-elastic-load-balancing-v2";
import { ELB_NAME_FAULT, isElbName } from "./elb-names";
import { isPort, isWhole, PORT_FAULT } from "./numbers";
import { awsCommand } from "./text";

/** Health checks as a form has them: numbers as they were typed. */
export interface CheckForm {
  protocol: string;
  port: string;
  path: string;
  codes: string;
  interval: string;
  timeout: string;
  healthy: string;
  unhealthy: string;
}

/** What a target group is made of. */
export interface TargetGroupForm {
  name: string;
  targetType: string;
  protocol: string;
  protocolVersion: string;
  port: string;
  vpcId: string;
  checks: CheckForm;
}

export const EMPTY_CHECKS: CheckForm = {
  protocol: "HTTP",
  port: "traffic-port",
  path: "/",
  codes: "200",
  interval: "30",
  timeout: "5",
  healthy: "5",
  unhealthy: "2",
};

export const EMPTY_TARGET_GROUP: TargetGroupForm = {
  name: "",
  targetType: "instance",
  protocol: "HTTP",
  protocolVersion: "HTTP1",
  port: "80",
  vpcId: "",
  checks: EMPTY_CHECKS,
};

export function checkForm(group: TargetGroup): CheckForm {
  return {
    protocol: group.HealthCheckProtocol ?? "HTTP",
    port: group.HealthCheckPort ?? "traffic-port",
    path: group.HealthCheckPath ?? "/",
    codes: group.Matcher?.HttpCode ?? group.Matcher?.GrpcCode ?? "200",
    interval: `${group.HealthCheckIntervalSeconds ?? 30}`,
    timeout: `${group.HealthCheckTimeoutSeconds ?? 5}`,
    healthy: `${group.HealthyThresholdCount ?? 5}`,
    unhealthy: `${group.UnhealthyThresholdCount ?? 2}`,
  };
}

/** Another protocol version, with what its health checks ask for by AWS's defaults. */
export function withVersion(form: TargetGroupForm, protocolVersion: string): Partial<TargetGroupForm> {
  const [path, codes] = protocolVersion === "GRPC" ? ["/AWS.ALB/healthcheck", "12"] : ["/", "200"];
  const isOther = (protocolVersion === "GRPC") !== (form.protocolVersion === "GRPC");
  return { protocolVersion, ...(isOther && { checks: { ...form.checks, path, codes } }) };
}

export type CheckFaults = Partial<Record<keyof CheckForm, string>>;

/** Numbers that are none, by field. AWS has the last word on their bounds. */
export function checkFaults(form: CheckForm): CheckFaults {
  const numbers = ["interval", "timeout", "healthy", "unhealthy"] as const;
  return {
    ...Object.fromEntries(
      numbers.filter((field) => !isWhole(form[field])).map((field) => [field, "A whole number."]),
    ),
    ...(!form.path.startsWith("/") && { path: "A path begins with a slash." }),
  };
}

export function targetGroupFaults(form: TargetGroupForm): Partial<Record<"name" | "port" | "vpcId", string>> {
  return {
    ...(!isElbName(form.name) && { name: ELB_NAME_FAULT }),
    ...(!isPort(form.port) && { port: PORT_FAULT }),
    ...(!form.vpcId && { vpcId: "Choose a VPC." }),
  };
}

/** Health checks as the API takes them, for a group of this protocol version. */
export function checksOf(form: CheckForm, version: string) {
  return {
    HealthCheckProtocol: form.protocol as ProtocolEnum,
    HealthCheckPort: form.port,
    HealthCheckPath: form.path,
    HealthCheckIntervalSeconds: Number(form.interval),
    HealthCheckTimeoutSeconds: Number(form.timeout),
    HealthyThresholdCount: Number(form.healthy),
    UnhealthyThresholdCount: Number(form.unhealthy),
    Matcher: version === "GRPC" ? { GrpcCode: form.codes } : { HttpCode: form.codes },
  } satisfies Partial<ModifyTargetGroupCommandInput>;
}

export function targetGroupOf(form: TargetGroupForm): CreateTargetGroupCommandInput {
  return {
    Name: form.name,
    TargetType: form.targetType as TargetTypeEnum,
    Protocol: form.protocol as ProtocolEnum,
    ProtocolVersion: form.protocolVersion,
    Port: Number(form.port),
    VpcId: form.vpcId,
    ...checksOf(form.checks, form.protocolVersion),
  };
}

function checkOptions(form: CheckForm, version: string): Record<string, string> {
  return {
    "health-check-protocol": form.protocol,
    "health-check-port": form.port,
    "health-check-path": form.path,
    "health-check-interval-seconds": form.interval,
    "health-check-timeout-seconds": form.timeout,
    "healthy-threshold-count": form.healthy,
    "unhealthy-threshold-count": form.unhealthy,
    // The shell of the aws command parts a list at commas, but for quotes within.
    matcher: `${version === "GRPC" ? "GrpcCode" : "HttpCode"}="${form.codes}"`,
  };
}

export function createCommand(form: TargetGroupForm): string {
  return awsCommand("elbv2 create-target-group", {
    name: form.name,
    "target-type": form.targetType,
    protocol: form.protocol,
    "protocol-version": form.protocolVersion,
    port: form.port,
    "vpc-id": form.vpcId,
    ...checkOptions(form.checks, form.protocolVersion),
  });
}

export function modifyCommand(arn: string, form: CheckForm, version: string): string {
  return awsCommand("elbv2 modify-target-group", {
    "target-group-arn": arn,
    ...checkOptions(form, version),
  });
}

/** Whether a word is an IPv4 address, alone or with a port. */
export function isAddress(word: string): boolean {
  const [address = "", port, ...others] = word.split(":");
  const isByte = (text: string) => /^\d{1,3}$/.test(text) && Number(text) <= 255;
  const parts = address.split(".");
  return (
    parts.length === 4 && parts.every(isByte) && (port === undefined || isPort(port)) && others.length === 0
  );
}

/** Addresses, one a line, each with a port of its own where it names one. */
export function targetsIn(ids: string[], port: string): TargetDescription[] {
  return ids.map((id) => {
    const [Id = "", own] = id.split(":");
    const asked = own ?? port;
    return { Id, ...(asked && { Port: Number(asked) }) };
  });
}

/** Targets as options of the aws command take them. */
export const targetWords = (targets: TargetDescription[]): string[] =>
  targets.map(({ Id, Port }) => `Id=${Id}${Port === undefined ? "" : `,Port=${Port}`}`);
