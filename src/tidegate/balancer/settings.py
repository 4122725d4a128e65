"""What a balancer is told at its start."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerSettings:
    """`data_dir`: the balancer's own folder. `endpoint`: control's URL."""

    data_dir: Path
    endpoint: str
    region: str
    access_key: str
    secret_key: str
