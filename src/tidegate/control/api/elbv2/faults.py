"""ELBv2's errors, each in one place."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.api.honoured import unserved
from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    return Fault("ValidationError", message)


def misconfigured(message: str) -> Fault:
    return Fault("InvalidConfigurationRequest", message)


def invalid_action(message: str) -> Fault:
    return Fault("InvalidLoadBalancerAction", message)


def unsupported(what: str) -> Fault:
    """What AWS has and Tidegate has not, refused by name."""
    return unserved("elbv2", f"{what} is not supported by Tidegate.")


def load_balancer_not_found() -> Fault:
    return Fault("LoadBalancerNotFound", "One or more load balancers not found")


def load_balancers_not_found(names: Iterable[str]) -> Fault:
    return Fault("LoadBalancerNotFound", f"Load balancers '[{', '.join(names)}]' not found")


def target_group_not_found() -> Fault:
    return Fault("TargetGroupNotFound", "One or more target groups not found")


def listener_not_found() -> Fault:
    return Fault("ListenerNotFound", "One or more listeners not found")


def rule_not_found() -> Fault:
    return Fault("RuleNotFound", "One or more rules not found")
