"""ELBv2's errors, each in one place."""

from __future__ import annotations

from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    return Fault("ValidationError", message)


def misconfigured(message: str) -> Fault:
    return Fault("InvalidConfigurationRequest", message)


def unsupported(what: str) -> Fault:
    """What AWS has and Tidegate has not, refused by name."""
    return Fault("InvalidConfigurationRequest", f"{what} is not supported by Tidegate.")


def load_balancer_not_found() -> Fault:
    return Fault("LoadBalancerNotFound", "One or more load balancers not found")


def target_group_not_found() -> Fault:
    return Fault("TargetGroupNotFound", "One or more target groups not found")


def listener_not_found() -> Fault:
    return Fault("ListenerNotFound", "One or more listeners not found")
