"""Logs in a bucket's folder, read as those who process them do."""

from __future__ import annotations

import csv
import gzip
import re
from pathlib import Path

ACCESS = [
    *("type", "time", "elb", "client:port", "target:port"),
    *("request_processing_time", "target_processing_time", "response_processing_time"),
    *("elb_status_code", "target_status_code", "received_bytes", "sent_bytes", "request", "user_agent"),
    *("ssl_cipher", "ssl_protocol", "target_group_arn", "trace_id", "domain_name", "chosen_cert_arn"),
    *("matched_rule_priority", "request_creation_time", "actions_executed", "redirect_url", "error_reason"),
    *("target:port_list", "target_status_code_list", "classification", "classification_reason"),
    *("conn_trace_id", "transformed_host", "transformed_uri", "request_transform_status", "node"),
]
CONNECTION = [
    *("timestamp", "client_ip", "client_port", "listener_port"),
    *("tls_protocol", "tls_cipher", "tls_handshake_latency", "leaf_client_cert_subject"),
    *("leaf_client_cert_validity", "leaf_client_cert_serial_number", "tls_verify_status"),
    *("conn_trace_id", "tls_keyexchange"),
]
HEALTH_CHECK = [
    *("type", "time", "latency", "target_addr", "target_group_id"),
    *("status", "status_code", "reason_code", "elb", "ip_address"),
]

_KINDS = {"": ACCESS, "conn_log_": CONNECTION, "health_check_log_": HEALTH_CHECK}


def objects(bucket: Path, kind: str = "") -> list[Path]:
    """The objects of a kind: nothing for access logs, `conn_log_`, `health_check_log_`."""
    found = [path for path in bucket.rglob("*.log.gz") if not path.name.startswith(".")]
    return sorted(path for path in found if re.match(rf"{kind}\d{{12}}_", path.name))


def entries(bucket: Path, kind: str = "") -> list[dict[str, str]]:
    """Every line of every object of a kind, by the time when it began, its fields by name; lines with another
    number of fields fail."""
    names = _KINDS[kind]
    contents = [gzip.decompress(path.read_bytes()).decode() for path in objects(bucket, kind)]
    lines = [line for content in contents for line in content.splitlines()]
    found = [dict(zip(names, fields, strict=True)) for fields in csv.reader(lines, delimiter=" ")]
    began = {"": "request_creation_time", "conn_log_": "timestamp", "health_check_log_": "time"}[kind]
    return sorted(found, key=lambda entry: entry[began])
