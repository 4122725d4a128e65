"""Cron expressions: what they mean, in every corner of the dialect, and across changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import pairwise

import pytest

from tidegate.control.decisions.scaling.cron import CronError, parse_cron
from tidegate.domain.time import time_zone

BERLIN = time_zone("Europe/Berlin")
assert BERLIN is not None


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def runs(expression: str, after: str, count: int = 3, zone: str = "UTC") -> list[str]:
    cron, instant, found = parse_cron(expression), at(after), []
    place = time_zone(zone)
    assert place is not None
    for _ in range(count):
        following = cron.next_after(instant, place)
        if following is None:
            break
        found.append(following.strftime("%Y-%m-%d %H:%M"))
        instant = following
    return found


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("0 10 * * ? *", ["2026-01-01 10:00", "2026-01-02 10:00", "2026-01-03 10:00"]),
        ("0 18 ? * MON-FRI *", ["2026-01-01 18:00", "2026-01-02 18:00", "2026-01-05 18:00"]),
        ("0/15 * * * ? *", ["2026-01-01 00:15", "2026-01-01 00:30", "2026-01-01 00:45"]),
        ("*/30 1 * * ? *", ["2026-01-01 01:00", "2026-01-01 01:30", "2026-01-02 01:00"]),
        ("30 6 * * 2 *", ["2026-01-05 06:30", "2026-01-12 06:30", "2026-01-19 06:30"]),
        ("0 0 1,15 * ? *", ["2026-01-15 00:00", "2026-02-01 00:00", "2026-02-15 00:00"]),
        ("0 0 L * ? *", ["2026-01-31 00:00", "2026-02-28 00:00", "2026-03-31 00:00"]),
        ("0 0 L-2 * ? *", ["2026-01-29 00:00", "2026-02-26 00:00", "2026-03-29 00:00"]),
        ("0 0 LW * ? *", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-31 00:00"]),
        ("0 0 15W * ? *", ["2026-01-15 00:00", "2026-02-16 00:00", "2026-03-16 00:00"]),
        ("0 0 1W * ? *", ["2026-02-02 00:00", "2026-03-02 00:00", "2026-04-01 00:00"]),
        ("0 0 31W * ? *", ["2026-01-30 00:00", "2026-03-31 00:00", "2026-05-29 00:00"]),
        ("0 0 ? * 6L *", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-27 00:00"]),
        ("0 0 ? * FRIL *", ["2026-01-30 00:00", "2026-02-27 00:00", "2026-03-27 00:00"]),
        ("0 0 ? * L *", ["2026-01-03 00:00", "2026-01-10 00:00", "2026-01-17 00:00"]),
        ("0 0 ? * 3#1 *", ["2026-01-06 00:00", "2026-02-03 00:00", "2026-03-03 00:00"]),
        ("0 0 ? * MON#5 *", ["2026-03-30 00:00", "2026-06-29 00:00", "2026-08-31 00:00"]),
        ("0 0 ? * FRI-MON *", ["2026-01-02 00:00", "2026-01-03 00:00", "2026-01-04 00:00"]),
        ("0 22-1 * * ? *", ["2026-01-01 01:00", "2026-01-01 22:00", "2026-01-01 23:00"]),
        ("0 8 1 jan,jul ? *", ["2026-01-01 08:00", "2026-07-01 08:00", "2027-01-01 08:00"]),
        ("0 0 29 2 ? *", ["2028-02-29 00:00", "2032-02-29 00:00", "2036-02-29 00:00"]),
        ("0 0 31 12 ? 2026-2027", ["2026-12-31 00:00", "2027-12-31 00:00"]),
        ("0 0 1 1 ? 2020", []),
        ("30 0 12 * * ? *", ["2026-01-01 12:00", "2026-01-02 12:00", "2026-01-03 12:00"]),
    ],
)
def test_an_expression_runs_when_it_says(expression: str, expected: list[str]) -> None:
    assert runs(expression, "2026-01-01T00:00:00") == expected


def test_seconds_come_first_where_there_are_seven_fields() -> None:
    found = parse_cron("30 0 12 * * ? *").next_after(at("2026-01-01T00:00:00"), UTC)
    assert found == at("2026-01-01T12:00:30")


@pytest.mark.parametrize(
    "expression",
    [
        *("", "* * * * *", "0 0 ? * ? *", "? 0 * * ? *", "0 0 * ? ? *", "60 0 * * ? *", "0 24 * * ? *"),
        *("0 0 0 * ? *", "0 0 32 * ? *", "0 0 * 13 ? *", "0 0 ? * 0 *", "0 0 ? * 8 *", "0 0 ? * XYZ *"),
        *(
            "0 0 1 * MON *",
            "0 0 ? * 2#6 *",
            "0/0 0 * * ? *",
            "*-5 0 * * ? *",
            "1-2-3 0 * * ? *",
            "0 0 * * ? 1969",
        ),
        *(
            ", 0 * * ? *",
            "1, 0 * * ? *",
            "-1 0 * * ? *",
            "0 0 0W * ? *",
            "² 0 * * ? *",
            f"{'9' * 1000} 0 * * ? *",
        ),
    ],
)
def test_what_is_not_of_the_dialect_is_refused(expression: str) -> None:
    with pytest.raises(CronError):
        parse_cron(expression)


def test_a_zone_is_followed_through_summer_and_winter() -> None:
    found = runs("0 10 29 3,10 ? *", "2026-01-01T00:00:00", 2, "Europe/Berlin")
    assert found == ["2026-03-29 08:00", "2026-10-29 09:00"]


def test_a_run_in_an_hour_that_is_skipped_is_as_much_later() -> None:
    # At 2:00 on 29 March 2026 the clocks of Berlin go to 3:00.
    assert runs("30 2 * * ? *", "2026-03-28T12:00:00", 2, "Europe/Berlin") == [
        "2026-03-29 01:30",
        "2026-03-30 00:30",
    ]


def test_a_daily_run_in_an_hour_that_is_repeated_runs_once() -> None:
    # At 3:00 on 25 October 2026 the clocks of Berlin go back to 2:00.
    assert runs("30 2 * * ? *", "2026-10-24T12:00:00", 2, "Europe/Berlin") == [
        "2026-10-25 00:30",
        "2026-10-26 01:30",
    ]


def test_what_runs_every_hour_leaves_none_out_when_the_clock_is_changed() -> None:
    cron = parse_cron("0/30 * * * ? *")
    for day in ("2026-03-28T22:00:00", "2026-10-24T22:00:00"):
        instants = [at(day)]
        for _ in range(16):
            following = cron.next_after(instants[-1], BERLIN)
            assert following is not None
            instants.append(following)
        assert {(b - a).total_seconds() for a, b in pairwise(instants)} == {1800.0}
