"""What the process that delivers logs is told at its start."""

from __future__ import annotations

from dataclasses import dataclass

INTERVAL_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """`folder`: the path of the balancer's own; `buckets`: of that of the folders that are buckets.
    `s3_endpoint`: where the buckets are instead, when one is given."""

    folder: str
    buckets: str
    interval_seconds: int = INTERVAL_SECONDS
    s3_endpoint: str | None = None
