"""A target's health as Application Load Balancers know it.

initial -> healthy on one passing check; initial or healthy -> unhealthy on UnhealthyThreshold failures in
a row; unhealthy -> healthy on HealthyThreshold passes in a row. Differing from AWS, a target that is
initial is probed every 250 ms and its failures do not count for the first interval x threshold: a
container that is still starting becomes healthy as soon as it answers.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tidegate.fleet.balancing import HealthCheckDocument

INITIAL_INTERVAL_SECONDS = 0.25

TIMEOUT = ("Target.Timeout", "Request timed out")
FAILED = ("Target.FailedHealthChecks", "Health checks failed")


@dataclass(frozen=True, slots=True)
class Probe:
    """One check's outcome: the status that came, or why none came (`timeout`, `failed`)."""

    status: int | None = None
    failure: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """`since`: when the target was first seen (monotonic seconds)."""

    state: str = "initial"
    reason: str | None = "Elb.RegistrationInProgress"
    description: str | None = "Target registration is in progress"
    passes: int = 0
    failures: int = 0
    since: float = 0.0


def observe(health: Health, probe: Probe, check: HealthCheckDocument, now: float) -> Health:
    """The health after one more probe."""
    if passes(probe, check.matcher):
        count = health.passes + 1
        if health.state != "unhealthy" or count >= check.healthy_threshold:
            return Health("healthy", None, None, count, 0, health.since)
        return replace(health, passes=count, failures=0)
    reason, description = _why(probe)
    count = health.failures + 1
    if health.state == "initial":
        patience = check.interval_seconds * check.unhealthy_threshold
        if now - health.since < patience:
            starting = ("Elb.InitialHealthChecking", "Initial health checks in progress")
            return replace(health, reason=starting[0], description=starting[1], failures=count)
    elif health.state == "healthy" and count < check.unhealthy_threshold:
        return replace(health, failures=count, passes=0)
    return Health("unhealthy", reason, description, 0, count, health.since)


def next_interval(health: Health, check: HealthCheckDocument) -> float:
    """Seconds from the start of one probe to the start of the next."""
    return INITIAL_INTERVAL_SECONDS if health.state == "initial" else float(check.interval_seconds)


def passes(probe: Probe, matcher: str) -> bool:
    """Whether a status is one of the matcher's (`200`, `200,302`, `200-299`)."""
    if probe.status is None:
        return False
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdigit() and int(low) <= probe.status <= int(high or low):
            return True
    return False


def _why(probe: Probe) -> tuple[str, str]:
    if probe.status is not None:
        return "Target.ResponseCodeMismatch", f"Health checks failed with these codes: [{probe.status}]"
    return TIMEOUT if probe.failure == "timeout" else FAILED
