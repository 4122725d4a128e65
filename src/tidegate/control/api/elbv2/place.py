"""Where actions act: what some of them are checked against."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.arns import parse_arn
from tidegate.domain.elbv2 import Listener, LoadBalancer


@dataclass(frozen=True, slots=True)
class Place:
    """A listener's load balancer, protocol and port, as they are or are to be."""

    balancer: LoadBalancer
    protocol: str
    port: int

    @classmethod
    def of(cls, balancer: LoadBalancer, listener: Listener) -> Place:
        return cls(balancer, listener.protocol, listener.port)

    @property
    def region(self) -> str:
        parsed = parse_arn(self.balancer.arn)
        assert parsed is not None, "a load balancer's ARN is one"
        return parsed.region
