"""A line of the health-check log, field by field as Application Load Balancers write it."""

from __future__ import annotations

from tidegate.balancer.decisions.access_log.sources import elb
from tidegate.balancer.decisions.access_log.texts import MICROSECONDS, moment
from tidegate.balancer.decisions.checks import Question
from tidegate.balancer.decisions.health import Probe, passes
from tidegate.fleet.balancing import EdgeLoadBalancer


def raw_line(
    target_group_arn: str, asked: Question, probe: Probe, matcher: str, *, began: float, seconds: float
) -> str:
    """What the checker writes of one check, with no end: whose it is, and a line as far as it can tell.
    `began`: Unix time."""
    verdict = "PASS" if passes(probe, matcher) else "FAIL"
    status = "-" if probe.status is None else str(probe.status)
    reason = "-" if verdict == "PASS" else _reason(asked, probe)
    address = f"[{asked.address}]" if ":" in asked.address else asked.address
    name = target_group_arn.split("/")[-2]
    return (
        f"{target_group_arn} {_type(asked)} {moment(round(began * MICROSECONDS))} {seconds:.9f} "
        f"{address}:{asked.port} {name} {verdict} {status} {reason}"
    )


def check_line(said: str, balancer: EdgeLoadBalancer) -> str:
    """The whole line, of what the checker has written after whose check it was."""
    return f"{said} {elb(balancer)} {balancer.address}"


def _type(asked: Question) -> str:
    if asked.version == "GRPC":
        return "grpc"
    if asked.version == "HTTP2":
        return "h2"
    return "https" if asked.is_tls else "http"


def _reason(asked: Question, probe: Probe) -> str:
    if probe.failure == "timeout":
        return "TimedOut"
    is_grpc = asked.version == "GRPC"
    if probe.status is None:
        return "GRPCStatusHeaderEmpty" if is_grpc and probe.is_connected else "ConnectionReset"
    if is_grpc:
        return "GRPCUnexpectedStatus"
    return "TargetError" if probe.status >= 500 else "ResponseCodeMismatch"
