import type { Service } from "@aws-sdk/client-ecs";
import type { TargetHealthDescription } from "@aws-sdk/client-elastic-load-balancing-v2";
import StatusIndicator, { type StatusIndicatorProps } from "@cloudscape-design/components/status-indicator";
import { isSteady } from "../lib/troubles";

type Type = StatusIndicatorProps.Type;

const TASK: Record<string, Type> = {
  RUNNING: "success",
  STOPPED: "stopped",
  DEACTIVATING: "in-progress",
  STOPPING: "in-progress",
  DEPROVISIONING: "in-progress",
};
const TARGET: Record<string, Type> = {
  healthy: "success",
  unhealthy: "error",
  initial: "in-progress",
  draining: "in-progress",
  unused: "stopped",
  unavailable: "warning",
};
const CERTIFICATE: Record<string, Type> = { ISSUED: "success", EXPIRED: "error", FAILED: "error" };
const ROLLOUT: Record<string, Type> = { COMPLETED: "success", FAILED: "error", IN_PROGRESS: "in-progress" };
const SERVICE_DEPLOYMENT: Record<string, Type> = {
  IN_PROGRESS: "in-progress",
  STOP_REQUESTED: "in-progress",
  ROLLBACK_REQUESTED: "in-progress",
  ROLLBACK_IN_PROGRESS: "in-progress",
  SUCCESSFUL: "success",
  STOPPED: "stopped",
  ROLLBACK_SUCCESSFUL: "warning",
  ROLLBACK_FAILED: "error",
};
const ALARM: Record<string, Type> = { OK: "success", ALARM: "error", INSUFFICIENT_DATA: "pending" };
const PLAIN: Record<string, Type> = {
  ACTIVE: "success",
  active: "success",
  HEALTHY: "success",
  UNHEALTHY: "error",
  INACTIVE: "stopped",
  DRAINING: "in-progress",
  provisioning: "in-progress",
  running: "success",
  available: "success",
  "shutting-down": "in-progress",
  terminated: "stopped",
  failed: "error",
};

export function TaskStatus({ status }: { status: string | undefined }) {
  return <StatusIndicator type={TASK[status ?? ""] ?? "pending"}>{status ?? "-"}</StatusIndicator>;
}

export function TargetStatus({ state }: { state: string | undefined }) {
  return <StatusIndicator type={TARGET[state ?? ""] ?? "pending"}>{state ?? "-"}</StatusIndicator>;
}

/** A target group's health by its targets, in words that the caller has for them. */
export function GroupHealth({ health, text }: { health: TargetHealthDescription[]; text: string }) {
  const states = new Set(health.map(({ TargetHealth }) => TargetHealth?.State));
  const type: Type =
    health.length === 0
      ? "stopped"
      : states.has("unhealthy")
        ? states.has("healthy")
          ? "warning"
          : "error"
        : states.has("healthy")
          ? "success"
          : "in-progress";
  return <StatusIndicator type={type}>{text}</StatusIndicator>;
}

export function CertificateStatus({ status }: { status: string | undefined }) {
  return <StatusIndicator type={CERTIFICATE[status ?? ""] ?? "pending"}>{status ?? "-"}</StatusIndicator>;
}

export function RolloutStatus({ state }: { state: string | undefined }) {
  return <StatusIndicator type={ROLLOUT[state ?? ""] ?? "pending"}>{state ?? "-"}</StatusIndicator>;
}

export function ServiceDeploymentStatus({ status }: { status: string | undefined }) {
  return (
    <StatusIndicator type={SERVICE_DEPLOYMENT[status ?? ""] ?? "pending"}>{status ?? "-"}</StatusIndicator>
  );
}

export function AlarmStatus({ state }: { state: string | undefined }) {
  return <StatusIndicator type={ALARM[state ?? ""] ?? "pending"}>{state ?? "-"}</StatusIndicator>;
}

export function PlainStatus({ status }: { status: string | undefined }) {
  return <StatusIndicator type={PLAIN[status ?? ""] ?? "pending"}>{status ?? "-"}</StatusIndicator>;
}

export function ServiceHealth({ service }: { service: Service }) {
  const tasks = `${service.runningCount ?? 0} of ${service.desiredCount ?? 0} tasks run`;
  const isFailed = service.deployments?.some((deployment) => deployment.rolloutState === "FAILED");
  const type: Type = isSteady(service) ? "success" : isFailed ? "error" : "in-progress";
  return <StatusIndicator type={type}>{tasks}</StatusIndicator>;
}
