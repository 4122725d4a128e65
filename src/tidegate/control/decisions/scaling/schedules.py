"""Schedule expressions: `at(...)`, `rate(...)`, `cron(...)`, and when they run."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from tidegate.control.decisions.scaling.cron import Cron, CronError, parse_cron

# Unless a run is said to be later than the last by less than this, it is.
SPACING_MIN = timedelta(seconds=60)
_SYNTAX = (
    r"Schedule expressions must have the following syntax: rate(<number>\s?(minutes?|hours?|days?)), "
    r"cron(<cron_expression>) or at(yyyy-MM-dd'T'HH:mm:ss)."
)
_AT_FORM = "%Y-%m-%dT%H:%M:%S"


class ScheduleError(ValueError):
    """The expression is none; the message is AWS's, without what the front end puts before it."""


class TooFrequentError(Exception):
    """Two runs are less than a minute apart."""

    def __init__(self, first: datetime | None, second: datetime | None) -> None:
        super().__init__(first, second)
        self.first, self.second = first, second


@dataclass(frozen=True, slots=True)
class At:
    """`local`: by the clocks of the schedule's zone."""

    local: datetime


@dataclass(frozen=True, slots=True)
class Rate:
    every: timedelta


Schedule = At | Rate | Cron


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """When a schedule runs: from `begins_at`, or from its creation, until `ends_at`."""

    created_at: datetime
    begins_at: datetime | None = None
    ends_at: datetime | None = None


def parse(expression: str) -> Schedule:
    """Raises ScheduleError, TooFrequentError."""
    match = re.fullmatch(r"(at|rate|cron)\((.*)\)", expression.strip(), re.DOTALL)
    if match is None:
        raise ScheduleError(_SYNTAX)
    kind, text = match.groups()
    if kind == "at":
        return _at(text)
    return _rate(text) if kind == "rate" else _cron(text)


def _at(text: str) -> At:
    # The pattern too, since `strptime` takes 2026-1-1 for a date.
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", text, re.ASCII):
        try:
            return At(datetime.strptime(text, _AT_FORM))
        except ValueError:
            pass
    raise ScheduleError(f"Invalid schedule at DateTime expression: {text}")


def _rate(text: str) -> Rate:
    match = re.fullmatch(r"(\d{1,9})\s?(minute|hour|day)s?", text, re.ASCII)
    if match is None:
        raise ScheduleError(_SYNTAX)
    every = timedelta(**{f"{match[2]}s": int(match[1])})
    if every < SPACING_MIN:
        raise TooFrequentError(None, None)
    return Rate(every)


def _cron(text: str) -> Cron:
    try:
        found = parse_cron(text)
    except CronError as error:
        raise ScheduleError(str(error)) from error
    if len(found.seconds) > 1:
        begin = datetime(1970, 1, 1, tzinfo=UTC)
        first = found.next_after(begin, UTC)
        raise TooFrequentError(first, found.next_after(first or begin, UTC))
    return found


def next_run(schedule: Schedule, zone: tzinfo, span: Span, *, after: datetime) -> datetime | None:
    """The first run later than an instant, in UTC; None where there is none.

    With a beginning it runs there first, and from there on as it says.
    """
    try:
        found = _next(schedule, zone, span, after)
    except OverflowError:
        # Beyond the last year that can be counted.
        return None
    if found is None or (span.ends_at is not None and found > span.ends_at):
        return None
    return found


def _next(schedule: Schedule, zone: tzinfo, span: Span, after: datetime) -> datetime | None:
    if isinstance(schedule, At):
        instant = schedule.local.replace(tzinfo=zone).astimezone(UTC)
        return instant if instant > after and instant >= (span.begins_at or instant) else None
    if span.begins_at is not None and span.begins_at > after:
        return span.begins_at
    if isinstance(schedule, Rate):
        base = min(span.begins_at or span.created_at, after)
        return base + max(1, (after - base) // schedule.every + 1) * schedule.every
    return schedule.next_after(after, zone)
