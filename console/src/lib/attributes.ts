/** An attribute that is known: what it is called, and what it may be. */
export interface Known {
  label: string;
  /** Values to choose from; without them it is typed. */
  choices?: string[];
  unit?: string;
}

const YES_NO = ["true", "false"];

const logs = (name: string, label: string): Record<string, Known> => ({
  [`${name}.s3.enabled`]: { label, choices: YES_NO },
  [`${name}.s3.bucket`]: { label: `${label}: bucket` },
  [`${name}.s3.prefix`]: { label: `${label}: prefix` },
});

export const LOAD_BALANCER_ATTRIBUTES: Record<string, Known> = {
  "deletion_protection.enabled": { label: "Deletion protection", choices: YES_NO },
  "idle_timeout.timeout_seconds": { label: "Idle timeout", unit: "s" },
  "client_keep_alive.seconds": { label: "Client keep-alive", unit: "s" },
  "routing.http2.enabled": { label: "HTTP/2", choices: YES_NO },
  "routing.http.preserve_host_header.enabled": { label: "Preserve the Host header", choices: YES_NO },
  "routing.http.xff_header_processing.mode": {
    label: "X-Forwarded-For",
    choices: ["append", "preserve", "remove"],
  },
  "routing.http.xff_client_port.enabled": { label: "Client's port in X-Forwarded-For", choices: YES_NO },
  "routing.http.drop_invalid_header_fields.enabled": {
    label: "Drop invalid header fields",
    choices: YES_NO,
  },
  "routing.http.desync_mitigation_mode": {
    label: "Desync mitigation",
    choices: ["monitor", "defensive", "strictest"],
  },
  "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": {
    label: "Headers with TLS version and cipher",
    choices: YES_NO,
  },
  ...logs("access_logs", "Access logs"),
  ...logs("connection_logs", "Connection logs"),
  ...logs("health_check_logs", "Health check logs"),
  "load_balancing.cross_zone.enabled": { label: "Cross-zone load balancing", choices: ["true"] },
  "waf.fail_open.enabled": { label: "WAF fail open (no effect)", choices: YES_NO },
  "zonal_shift.config.enabled": { label: "Zonal shift (no effect)", choices: YES_NO },
  "ddos_protection.syn_cookie.mode": { label: "SYN cookies (no effect)", choices: ["reactive"] },
};

const THRESHOLD = "minimum_healthy_targets";

export const TARGET_GROUP_ATTRIBUTES: Record<string, Known> = {
  "deregistration_delay.timeout_seconds": { label: "Deregistration delay", unit: "s" },
  "slow_start.duration_seconds": { label: "Slow start (0 is none)", unit: "s" },
  "load_balancing.algorithm.type": {
    label: "Load balancing algorithm",
    choices: ["round_robin", "least_outstanding_requests", "weighted_random"],
  },
  "load_balancing.algorithm.anomaly_mitigation": { label: "Anomaly mitigation", choices: ["off", "on"] },
  "stickiness.enabled": { label: "Stickiness", choices: YES_NO },
  "stickiness.type": { label: "Stickiness by", choices: ["lb_cookie", "app_cookie"] },
  "stickiness.lb_cookie.duration_seconds": { label: "Load balancer's cookie lasts", unit: "s" },
  "stickiness.app_cookie.cookie_name": { label: "Application's cookie" },
  "stickiness.app_cookie.duration_seconds": { label: "Application's cookie lasts", unit: "s" },
  "load_balancing.cross_zone.enabled": {
    label: "Cross-zone load balancing",
    choices: ["use_load_balancer_configuration", "true", "false"],
  },
  [`target_group_health.unhealthy_state_routing.${THRESHOLD}.count`]: { label: "Fail open below, targets" },
  [`target_group_health.unhealthy_state_routing.${THRESHOLD}.percentage`]: {
    label: "Fail open below, percent",
  },
  [`target_group_health.dns_failover.${THRESHOLD}.count`]: { label: "DNS failover, targets (no effect)" },
  [`target_group_health.dns_failover.${THRESHOLD}.percentage`]: {
    label: "DNS failover, percent (no effect)",
  },
};

export interface Attribute {
  Key?: string | undefined;
  Value?: string | undefined;
}

/** Those that are known in their usual order, then the others by name. */
export function arranged(attributes: Attribute[], known: Record<string, Known>): Attribute[] {
  const keys = Object.keys(known);
  const place = ({ Key = "" }: Attribute) => (keys.includes(Key) ? keys.indexOf(Key) : keys.length);
  return [...attributes].sort(
    (one, other) => place(one) - place(other) || (one.Key ?? "").localeCompare(other.Key ?? ""),
  );
}

/** What was typed that is not so already. */
export function changedOf(attributes: Attribute[], typed: Record<string, string>): Attribute[] {
  return attributes
    .filter(({ Key = "", Value }) => Key in typed && typed[Key] !== (Value ?? ""))
    .map(({ Key = "" }) => ({ Key, Value: typed[Key] }));
}
