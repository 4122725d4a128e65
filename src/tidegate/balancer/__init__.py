"""The load-balancer process: makes HAProxy match its documents, probes targets, reports what is."""

from tidegate.balancer.settings import BalancerSettings

__all__ = ["BalancerSettings"]
