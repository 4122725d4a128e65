"""Attributes of load balancers, target groups and listeners: every key with its default."""

from __future__ import annotations

from collections.abc import Mapping

LOGS = ("access_logs", "connection_logs", "health_check_logs")

LOAD_BALANCER_DEFAULTS: Mapping[str, str] = {
    **{
        f"{name}.s3.{part}": default
        for name in LOGS
        for part, default in (("enabled", "false"), ("bucket", ""), ("prefix", ""))
    },
    "deletion_protection.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "client_keep_alive.seconds": "3600",
    "routing.http2.enabled": "true",
    "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false",
    "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false",
    "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append",
    "load_balancing.cross_zone.enabled": "true",
    "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
    "ddos_protection.syn_cookie.mode": "reactive",
}

TARGET_GROUP_DEFAULTS: Mapping[str, str] = {
    "deregistration_delay.timeout_seconds": "300",
    "stickiness.enabled": "false",
    "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400",
    "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400",
    "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off",
    "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0",
    "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}

REQUEST_HEADERS: Mapping[str, str] = {
    "routing.http.request.x_amzn_mtls_clientcert.header_name": "X-Amzn-Mtls-Clientcert",
    **{
        f"routing.http.request.x_amzn_mtls_clientcert_{part}.header_name": f"X-Amzn-Mtls-Clientcert-{name}"
        for part, name in (
            ("serial_number", "Serial-Number"),
            ("issuer", "Issuer"),
            ("subject", "Subject"),
            ("validity", "Validity"),
            ("leaf", "Leaf"),
        )
    },
    "routing.http.request.x_amzn_tls_version.header_name": "X-Amzn-Tls-Version",
    "routing.http.request.x_amzn_tls_cipher_suite.header_name": "X-Amzn-Tls-Cipher-Suite",
}
"""Of HTTPS listeners: the names of headers that targets get. The default is the header's usual name."""

RESPONSE_HEADERS: Mapping[str, str] = {
    f"routing.http.response.{name.lower().replace('-', '_')}.header_value": name
    for name in (
        "Strict-Transport-Security",
        "Access-Control-Allow-Origin",
        "Access-Control-Allow-Methods",
        "Access-Control-Allow-Headers",
        "Access-Control-Allow-Credentials",
        "Access-Control-Expose-Headers",
        "Access-Control-Max-Age",
        "Content-Security-Policy",
        "X-Content-Type-Options",
        "X-Frame-Options",
    )
}
"""The headers that a listener can set on every response, by attribute. Unset, they have no value."""

LISTENER_DEFAULTS: Mapping[str, str] = {
    "routing.http.response.server.enabled": "true",
    **dict.fromkeys(RESPONSE_HEADERS, ""),
}
HTTPS_LISTENER_DEFAULTS: Mapping[str, str] = {**LISTENER_DEFAULTS, **REQUEST_HEADERS}
