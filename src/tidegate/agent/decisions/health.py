"""A container's health from the results of its health check, as Docker counts them.

Every container begins UNKNOWN. One good result makes it HEALTHY, and as many bad ones in a row as it has
`retries` make it UNHEALTHY. Bad ones of the start period do not count, unless a good one came before them:
whoever has been healthy once has started.
"""

from __future__ import annotations

from dataclasses import dataclass

UNKNOWN, HEALTHY, UNHEALTHY = "UNKNOWN", "HEALTHY", "UNHEALTHY"

_NANOSECONDS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCheck:
    """`command`: the words to run."""

    command: tuple[str, ...]
    interval_seconds: float
    timeout_seconds: float
    retries: int
    start_period_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """`failures`: bad results in a row."""

    status: str = UNKNOWN
    failures: int = 0


def health_check(document: dict[str, object] | None) -> HealthCheck | None:
    """The check of Docker's own form (`Test` and times in nanoseconds); None where there is none."""
    words = document.get("Test") if document else None
    if not document or not isinstance(words, list) or len(words) < 2:
        return None
    kind, *rest = (str(word) for word in words)
    return HealthCheck(
        command=("/bin/sh", "-c", " ".join(rest)) if kind == "CMD-SHELL" else tuple(rest),
        interval_seconds=_seconds(document, "Interval", 30),
        timeout_seconds=_seconds(document, "Timeout", 5),
        retries=int(str(document.get("Retries") or 3)),
        start_period_seconds=_seconds(document, "StartPeriod", 0),
    )


def after_result(present: Health, check: HealthCheck, *, is_good: bool, running_seconds: float) -> Health:
    """The health after one more result, that of a check begun `running_seconds` after the start."""
    if is_good:
        return Health(status=HEALTHY)
    if present.status == UNKNOWN and running_seconds < check.start_period_seconds:
        return present
    failures = present.failures + 1
    return Health(status=UNHEALTHY if failures >= check.retries else present.status, failures=failures)


def _seconds(document: dict[str, object], name: str, default: float) -> float:
    nanoseconds = float(str(document.get(name) or 0))
    return nanoseconds / _NANOSECONDS if nanoseconds else default
