"""What containers use, as parts of what their instance has."""

from __future__ import annotations

from tidegate.agent.decisions.usage import Share, Usage, measured
from tidegate.agent.docker.runtime import container_usage

WEB, DB = ("t", "web"), ("t", "db")


def used(cpu_seconds: float, memory_mib: float = 10) -> Usage:
    return Usage(cpu_seconds=cpu_seconds, memory_mib=memory_mib)


def test_cpu_is_a_percentage_of_the_units_that_the_instance_registered() -> None:
    shares = measured({WEB: used(1)}, {WEB: used(6)}, 20, 1024)
    assert shares == {WEB: Share(cpu_percent=25, memory_mib=10)}
    assert measured({WEB: used(1)}, {WEB: used(6)}, 20, 2048)[WEB].cpu_percent == 12.5


def test_a_container_without_an_earlier_look_is_not_measured_yet() -> None:
    assert set(measured({WEB: used(1)}, {WEB: used(1), DB: used(1)}, 20, 1024)) == {WEB}
    assert measured({WEB: used(1)}, {WEB: used(1)}, 0, 1024) == {}


def test_a_container_that_began_again_has_used_nothing_rather_than_less() -> None:
    assert measured({WEB: used(9)}, {WEB: used(1)}, 20, 1024)[WEB].cpu_percent == 0


def test_dockers_memory_is_less_what_the_kernel_may_drop() -> None:
    def document(**stats: int) -> dict[str, object]:
        usage = {"cpu_usage": {"total_usage": 2_500_000_000}}
        return {"cpu_stats": usage, "memory_stats": {"usage": 30 << 20, "stats": stats}}

    for stats in ({"total_inactive_file": 10 << 20}, {"inactive_file": 10 << 20}):
        assert container_usage(document(**stats)) == used(2.5, 20)
    assert container_usage(document()) == used(2.5, 30)


def test_a_container_that_has_just_ended_has_no_statistics() -> None:
    assert container_usage({"cpu_stats": {"cpu_usage": {"total_usage": 0}}, "memory_stats": {}}) is None
