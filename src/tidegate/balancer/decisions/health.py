"""A target's health as Application Load Balancers know it.

    initial -> healthy      one passing check
    initial -> unhealthy    a failing check once `patience` is over
    healthy -> unhealthy    UnhealthyThreshold failures in a row
    unhealthy -> healthy    HealthyThreshold passes in a row

Two things differ from AWS. A target that is `initial` is probed every 250 ms and its failures do not count
for the first interval x threshold: a container that is still starting is healthy as soon as it answers.
And a target at which a request has just failed is looked at between its checks; one that does not even
take a connection is *ejected*: its state stays what it was, since no check that counts has failed, but it
gets no request while another can have it. An ejected target is probed every 250 ms too: the first pass
ends the ejection, and its failures count only when a check was due.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tidegate.fleet.balancing import HealthCheckDocument

FAST_INTERVAL_SECONDS = 0.25

INITIAL = "initial"
HEALTHY = "healthy"
UNHEALTHY = "unhealthy"

TRANSITIONS: Mapping[str, frozenset[str]] = {
    INITIAL: frozenset({HEALTHY, UNHEALTHY}),
    HEALTHY: frozenset({UNHEALTHY}),
    UNHEALTHY: frozenset({HEALTHY}),
}

REGISTRATION_IN_PROGRESS = ("Elb.RegistrationInProgress", "Target registration is in progress")
INITIAL_HEALTH_CHECKING = ("Elb.InitialHealthChecking", "Initial health checks in progress")
TIMED_OUT = ("Target.Timeout", "Request timed out")
FAILED = ("Target.FailedHealthChecks", "Health checks failed")


@dataclass(frozen=True, slots=True)
class Probe:
    """One check's outcome: the status that came, or why none came (`timeout`, `failed`).
    `is_connected`: whether the target at least took the connection."""

    status: int | None = None
    failure: str = ""
    is_connected: bool = True


@dataclass(frozen=True, slots=True)
class Health:
    """`passes`, `failures`: in a row. `since`: when the target was first seen (monotonic seconds)."""

    state: str = INITIAL
    reason: str | None = REGISTRATION_IN_PROGRESS[0]
    description: str | None = REGISTRATION_IN_PROGRESS[1]
    passes: int = 0
    failures: int = 0
    since: float = 0.0
    is_ejected: bool = False


def observe(health: Health, probe: Probe, check: HealthCheckDocument, now: float, *, counts: bool) -> Health:
    """The health after one more probe. `counts`: whether a check was due, or this was a look between two."""
    if passes(probe, check.matcher):
        return _passed(health, check, counts)
    if health.state == INITIAL:
        if now - health.since < patience(check):
            reason, description = INITIAL_HEALTH_CHECKING
            return replace(health, reason=reason, description=description, failures=health.failures + 1)
    elif not counts:
        return health
    elif health.state == HEALTHY and health.failures + 1 < check.unhealthy_threshold:
        return replace(health, failures=health.failures + 1, passes=0)
    reason, description = _why(probe)
    return replace(
        health,
        state=UNHEALTHY,
        reason=reason,
        description=description,
        passes=0,
        failures=health.failures + 1,
        is_ejected=False,
    )


def eject(health: Health, probe: Probe) -> Health:
    """The health after a look at a target at which a request failed: ejected if it is not reachable.
    One that takes the connection and is slow may only be busy."""
    is_gone = probe.status is None and (probe.failure == "failed" or not probe.is_connected)
    return replace(health, is_ejected=True) if is_gone and health.state == HEALTHY else health


def next_interval(health: Health, check: HealthCheckDocument) -> float:
    """Seconds from the start of one probe to the start of the next."""
    is_fast = health.state == INITIAL or health.is_ejected
    return FAST_INTERVAL_SECONDS if is_fast else float(check.interval_seconds)


def patience(check: HealthCheckDocument) -> float:
    """Seconds for which the failures of an initial target do not count: as long as AWS would take, from
    registration, to see as many failures as it wants."""
    return float(check.interval_seconds * check.unhealthy_threshold)


def passes(probe: Probe, matcher: str) -> bool:
    """Whether a status is one of the matcher's (`200`, `200,302`, `200-299`)."""
    if probe.status is None:
        return False
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdigit() and int(low) <= probe.status <= int(high or low):
            return True
    return False


def _passed(health: Health, check: HealthCheckDocument, counts: bool) -> Health:
    count = health.passes + 1 if counts or health.state == INITIAL else health.passes
    if health.state == UNHEALTHY and count < check.healthy_threshold:
        return replace(health, passes=count, failures=0)
    return replace(
        health, state=HEALTHY, reason=None, description=None, passes=count, failures=0, is_ejected=False
    )


def _why(probe: Probe) -> tuple[str, str]:
    if probe.status is not None:
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{probe.status}]"
    return TIMED_OUT if probe.failure == "timeout" else FAILED
