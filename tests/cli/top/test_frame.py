"""What `tidegate top` draws, as text, in terminals of several sizes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from rich.console import Console

from tidegate.cli.top.frame import Frame, number, seconds, shared, size
from tidegate.cli.top.seen import BalancerSeen, Seen, ServiceSeen, TargetGroupSeen, TargetSeen

AT = datetime(2026, 1, 1, 12, 30, 15, tzinfo=UTC)
WEB = ServiceSeen(
    cluster="shop", name="web", desired=2, running=2, pending=0, rollout="COMPLETED", cpu=12.34, memory=80.0
)
JOBS = replace(WEB, name="jobs", running=1, pending=1, rollout="IN_PROGRESS", deployments=2, cpu=None)
HEALTHY, SICK = (
    TargetSeen(name="i-1:32768", state="healthy"),
    TargetSeen(name="i-2:32768", state="unhealthy", reason="Target.Timeout"),
)
GROUP = TargetGroupSeen(
    name="web", balancer="shop", targets=(HEALTHY, SICK), requests=120.4, errors=0.5, p95=0.0123
)
BALANCER = BalancerSeen(
    name="shop", state="active", requests=120.4, errors=0.0, open_now=3, connections=4.2, bytes=98_765
)
SEEN = Seen(at=AT, services=(WEB, JOBS), groups=(GROUP,), balancers=(BALANCER,))


def drawn(seen: Seen = SEEN, *, width: int = 100, height: int = 40, **more: object) -> list[str]:
    console = Console(file=StringIO(), width=width, height=height, highlight=False)
    members = {"title": "tidegate 127.0.0.1:7400 us-east-1", "seen": seen, "now": AT, **more}
    console.print(Frame(**members))  # type: ignore[arg-type]
    assert isinstance(console.file, StringIO)
    return [line.rstrip() for line in console.file.getvalue().rstrip().splitlines()]


def test_a_wide_terminal_shows_everything_and_what_is_not_as_it_should_be_first() -> None:
    assert [" ".join(line.split()) for line in drawn()] == [
        "tidegate 127.0.0.1:7400 us-east-1 12:30:15",
        "3 of 4 tasks run, 120 requests/s, 0.50 errors/s",
        "",
        "SERVICE TASKS PENDING DEPLOYMENT CPU MEMORY",
        "shop/jobs 1/2 1 IN_PROGRESS (2) - 80.0%",
        "shop/web 2/2 0 COMPLETED 12.3% 80.0%",
        "",
        "TARGET GROUP HEALTHY LOAD BALANCER REQ/S 5XX/S P95",
        "web 1/2 shop 120 0.50 12 ms",
        "i-2:32768 unhealthy Target.Timeout",
        "",
        "LOAD BALANCER REQ/S 5XX/S OPEN CONN/S BYTES/S",
        "shop 120 0 3.0 4.2 98.8 kB",
    ]


def test_columns_stand_under_each_other_and_numbers_to_the_right() -> None:
    lines = drawn(width=60)
    at = lines.index(next(line for line in lines if line.startswith("SERVICE")))
    assert lines[at : at + 3] == [
        "SERVICE                        TASKS  DEPLOYMENT         CPU",
        "shop/jobs                        1/2  IN_PROGRESS (2)      -",
        "shop/web                         2/2  COMPLETED        12.3%",
    ]


@pytest.mark.parametrize("width", [20, 30, 40, 50, 60, 80, 100, 200])
def test_no_line_is_longer_than_the_terminal_and_what_matters_is_in_each(width: int) -> None:
    lines = drawn(width=width)
    assert max(map(len, lines)) <= width
    text = "\n".join(lines)
    assert "1/2" in text
    assert "TASKS" in text


@pytest.mark.parametrize("height", [12, 16, 24, 60])
def test_a_low_terminal_shows_the_troubled_and_says_how_many_more_there_are(height: int) -> None:
    services = tuple(replace(WEB, name=f"s{number:02}") for number in range(30))
    broken = replace(WEB, name="zz", running=0)
    lines = drawn(replace(SEEN, services=(*services, broken)), height=height)
    assert len(lines) <= height
    text = "\n".join(lines)
    if height > 16:
        assert "shop/zz" in text
    assert "more" in text or height == 60


def test_for_scripts_nothing_is_left_out() -> None:
    services = tuple(replace(WEB, name=f"s{number:02}") for number in range(30))
    lines = drawn(replace(SEEN, services=services), height=10, is_bounded=False)
    assert sum(line.startswith("shop/s") for line in lines) == 30


def test_alarms_and_the_age_of_what_is_shown_are_told() -> None:
    text = "\n".join(
        drawn(
            replace(SEEN, alarms=("many-errors", "slow")),
            trouble="the API does not answer",
            now=AT + timedelta(seconds=12),
        )
    )
    assert "alarms: many-errors, slow" in text
    assert "12 s old: the API does not answer" in text


def test_an_empty_region_says_so() -> None:
    lines = drawn(Seen(at=AT))
    assert lines.count("none") == 3
    assert lines[1] == "0 of 0 tasks run, 0 requests/s, 0 errors/s"


def test_a_frame_is_the_same_every_time() -> None:
    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("wanted", "room", "given"),
    [
        ([2, 3, 1], 10, [2, 3, 1]),
        ([9, 9, 1], 9, [4, 4, 1]),
        ([9, 2, 1], 8, [5, 2, 1]),
        ([9, 9, 9], 1, [1, 1, 1]),
        ([9, 0, 9], 5, [3, 0, 2]),
    ],
)
def test_rows_are_shared_among_the_sections_that_want_them(
    wanted: list[int], room: int, given: list[int]
) -> None:
    assert shared(wanted, room) == given


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "-"), (0.0, "0"), (0.05, "0.05"), (7.25, "7.2"), (99.96, "100.0"), (1234.5, "1,234")],
)
def test_numbers_have_the_digits_that_matter(value: float | None, expected: str) -> None:
    assert number(value) == expected


def test_times_and_sizes_have_units() -> None:
    assert [seconds(None), seconds(0.0004), seconds(0.25), seconds(2.5)] == ["-", "0 ms", "250 ms", "2.5 s"]
    assert [size(None), size(12), size(98_765), size(3e9)] == ["-", "12.0 B", "98.8 kB", "3.0 GB"]
