"""What a balancer is told at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tidegate.balancer.decisions.configuration import HEADER_KIB
from tidegate.balancer.logs.settings import INTERVAL_SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerSettings:
    """`data_dir`: the balancer's own folder. `endpoint`: control's URL. `buckets`: the folder of the folders
    that are buckets; None: no logs are delivered. `s3_endpoint`: where the buckets are instead.
    `log_interval_seconds`: how often logs are delivered. `metrics_listen`: HOST:PORT of `/metrics`; None: a
    free port of loopback's. `header_kib`: KiB that all headers of a request, or of a response, may have."""

    data_dir: Path
    endpoint: str
    region: str
    access_key: str
    secret_key: str
    buckets: Path | None = None
    s3_endpoint: str | None = None
    log_interval_seconds: int = INTERVAL_SECONDS
    metrics_listen: str | None = None
    header_kib: int = HEADER_KIB
