"""What identifies an installation: read once at start, passed down explicitly."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionSettings:
    """`network` is the first two octets of the /16 whose addresses this installation hands out:
    NETWORK.1.x to instances, NETWORK.2.x to load balancers."""

    region: str
    account: str
    network: str
    endpoint: str
