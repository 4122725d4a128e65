"""Schedule expressions, and when they run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tidegate.control.decisions.scaling.schedules import (
    ScheduleError,
    Span,
    TooFrequentError,
    next_run,
    parse,
)
from tidegate.domain.time import time_zone


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NOW = at("2026-01-01T12:00:00")
SPAN = Span(created_at=NOW)


def following(
    expression: str, span: Span = SPAN, after: datetime = NOW, zone: str = "UTC"
) -> datetime | None:
    place = time_zone(zone)
    assert place is not None
    return next_run(parse(expression), place, span, after=after)


def test_at_runs_once_by_the_clocks_of_its_zone() -> None:
    expression = "at(2026-07-01T12:00:00)"
    assert following(expression, zone="Asia/Tokyo") == at("2026-07-01T03:00:00")
    assert following(expression, after=at("2026-07-01T12:00:00")) is None


@pytest.mark.parametrize(
    ("rate", "first"),
    [
        ("rate(1 minute)", "2026-01-01T12:01:00"),
        ("rate(5 minutes)", "2026-01-01T12:05:00"),
        ("rate(2hours)", "2026-01-01T14:00:00"),
        ("rate(1 day)", "2026-01-02T12:00:00"),
    ],
)
def test_a_rate_counts_from_the_creation(rate: str, first: str) -> None:
    assert following(rate) == at(first)


def test_a_rate_keeps_its_beat_however_late_it_is_looked_at() -> None:
    assert following("rate(1 hour)", after=at("2026-01-03T07:29:00")) == at("2026-01-03T08:00:00")


def test_with_a_beginning_it_runs_there_and_then_as_it_says() -> None:
    span = Span(created_at=NOW, begins_at=at("2026-01-05T00:10:00"))
    assert following("rate(1 hour)", span) == span.begins_at
    assert following("rate(1 hour)", span, after=at("2026-01-05T00:10:00")) == at("2026-01-05T01:10:00")
    assert following("cron(0 6 * * ? *)", span) == span.begins_at
    assert following("cron(0 6 * * ? *)", span, after=at("2026-01-05T00:10:00")) == at("2026-01-05T06:00:00")


def test_after_its_end_it_runs_no_more() -> None:
    span = Span(created_at=NOW, ends_at=at("2026-01-01T13:00:00"))
    assert following("rate(30 minutes)", span, after=at("2026-01-01T12:30:00")) == span.ends_at
    assert following("rate(30 minutes)", span, after=at("2026-01-01T13:00:00")) is None


def test_what_lies_beyond_the_calendar_never_runs() -> None:
    assert following("rate(999999999 days)") is None


@pytest.mark.parametrize(
    "expression",
    [
        *("", "rate", "rate()", "rate(5)", "rate(-1 minutes)", "rate(30 seconds)", "rate(1 week)", "at()"),
        *("cron()", "at(2026-01-01)", "at(2026-01-01T00:00:00Z)", "at(2026-02-30T00:00:00)"),
        *("at(2026-1-1T00:00:00)", "RATE(1 day)", "rate(² days)", "cron(0 0 ? * ? *)", "every day"),
    ],
)
def test_what_is_no_schedule_is_refused(expression: str) -> None:
    with pytest.raises(ScheduleError):
        parse(expression)


@pytest.mark.parametrize(
    "expression", ["rate(0 minutes)", "cron(0/30 * * * * ? *)", "cron(0,59 0 0 * * ? *)"]
)
def test_less_than_a_minute_apart_is_too_frequent(expression: str) -> None:
    with pytest.raises(TooFrequentError):
        parse(expression)
