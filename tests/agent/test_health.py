"""Health from the results of a health check."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tidegate.agent.decisions.health import Health, HealthCheck, after_result, health_check

CHECK = HealthCheck(
    command=("true",), interval_seconds=1, timeout_seconds=1, retries=3, start_period_seconds=0
)
STARTING = HealthCheck(
    command=("true",), interval_seconds=1, timeout_seconds=1, retries=2, start_period_seconds=5
)


def after(check: HealthCheck, results: Sequence[bool]) -> str:
    """The status after results that come one a second."""
    health = Health()
    for second, is_good in enumerate(results, start=1):
        health = after_result(health, check, is_good=is_good, running_seconds=second)
    return health.status


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([], "UNKNOWN"),
        ([True], "HEALTHY"),
        ([False, False], "UNKNOWN"),
        ([False, False, False], "UNHEALTHY"),
        ([False, False, True, False, False], "HEALTHY"),
        ([True, False, False, False], "UNHEALTHY"),
        ([False, False, False, True], "HEALTHY"),
    ],
)
def test_one_good_result_makes_healthy_and_retries_in_a_row_make_unhealthy(
    results: list[bool], status: str
) -> None:
    assert after(CHECK, results) == status


@pytest.mark.parametrize(
    ("results", "status"),
    [
        ([False] * 4, "UNKNOWN"),
        ([False] * 5, "UNKNOWN"),
        ([False] * 6, "UNHEALTHY"),
        ([True, False, False], "UNHEALTHY"),
    ],
)
def test_bad_results_of_the_start_period_do_not_count_until_there_was_a_good_one(
    results: list[bool], status: str
) -> None:
    assert after(STARTING, results) == status


def test_a_check_in_dockers_form_is_read() -> None:
    document = {"Test": ["CMD-SHELL", "curl -f localhost || exit 1"], "Interval": 5_000_000_000, "Retries": 4}
    assert health_check(document) == HealthCheck(
        command=("/bin/sh", "-c", "curl -f localhost || exit 1"),
        interval_seconds=5,
        timeout_seconds=5,
        retries=4,
        start_period_seconds=0,
    )
    found = health_check({"Test": ["CMD", "test", "-e", "x"]})
    assert found is not None
    assert found.command == ("test", "-e", "x")


@pytest.mark.parametrize("document", [None, {}, {"Test": []}, {"Test": ["NONE"]}])
def test_where_nothing_is_to_be_run_there_is_no_check(document: dict[str, object] | None) -> None:
    assert health_check(document) is None
