"""`tidegate logs` over a folder of log files as agents keep them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tidegate.cli.task_logs import TaskLogs, UnknownTaskError, tasks_of_service
from tidegate.testing.builders import ARNS, a_cluster, a_service, a_task
from tidegate.testing.ecs import EcsRegion

FIRST, SECOND = "1" * 32, "2" * 32


def no_service(_: str) -> Iterable[str]:
    """There is none of that name."""
    return ()


class Host:
    """What agents have written: `write(task, text)` appends to the log of its container `app`."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir

    def log(self, task_id: str, container: str = "app", instance: str = "i-1") -> Path:
        return self.data_dir / "instances" / instance / "logs" / task_id / f"{container}.log"

    def write(self, task_id: str, text: str, **where: str) -> None:
        log = self.log(task_id, **where)
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as file:
            file.write(text.encode())

    def rotate(self, task_id: str) -> None:
        log = self.log(task_id)
        log.replace(log.with_name(log.name + ".1"))

    def logs(self, name: str) -> TaskLogs:
        return TaskLogs(self.data_dir, name, no_service)


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def at(second: int, text: str) -> str:
    return f"2026-01-01T00:00:{second:02d}.000Z {text}\n"


def shown(lines: Iterable[str]) -> list[str]:
    """The texts, without labels and times."""
    return [line.split("  ", 1)[1].split(" ", 1)[1] for line in lines]


@pytest.mark.parametrize("name", [FIRST, FIRST[:8], f"arn:aws:ecs:us-east-1:000000000000:task/shop/{FIRST}"])
def test_a_task_is_named_by_its_id_the_beginning_of_it_or_its_arn(host: Host, name: str) -> None:
    host.write(FIRST, at(1, "hello"))
    host.write(SECOND, at(2, "not asked for"))
    found = host.logs(name).begin(0, is_following=False)
    assert found == ["11111111/app  2026-01-01T00:00:01.000Z hello"]


def test_lines_of_all_containers_are_in_the_order_of_time(host: Host) -> None:
    host.write(FIRST, at(1, "a") + at(4, "d"), container="web")
    host.write(FIRST, at(2, "b") + at(3, "c"), container="db")
    assert shown(host.logs(FIRST).begin(0, is_following=False)) == ["a", "b", "c", "d"]


def test_the_tail_counts_for_each_container(host: Host) -> None:
    host.write(FIRST, "".join(at(second, f"web {second}") for second in range(5)), container="web")
    host.write(FIRST, at(9, "db"), container="db")
    assert shown(host.logs(FIRST).begin(2, is_following=False)) == ["web 3", "web 4", "db"]


def test_what_was_moved_aside_comes_first_even_where_it_ends_within_a_line(host: Host) -> None:
    host.write(FIRST, at(1, "old") + at(2, "broken in two")[:-8])
    host.rotate(FIRST)
    host.write(FIRST, at(2, "broken in two")[-8:] + at(3, "new"))
    assert shown(host.logs(FIRST).begin(0, is_following=False)) == ["old", "broken in two", "new"]


def test_the_last_words_of_a_task_need_no_newline(host: Host) -> None:
    host.write(FIRST, at(1, "hello") + at(2, "no more").rstrip("\n"))
    assert shown(host.logs(FIRST).begin(0, is_following=False)) == ["hello", "no more"]


def test_only_newlines_end_lines(host: Host) -> None:
    """Other marks have no time after them."""
    host.write(FIRST, at(1, "10 %\r20 %\u2028done\r"))
    assert shown(host.logs(FIRST).begin(0, is_following=False)) == ["10 %\r20 %\u2028done"]


def test_bytes_that_are_no_text_are_shown_as_such(host: Host) -> None:
    host.write(FIRST, at(1, "x"))
    with host.log(FIRST).open("ab") as file:
        file.write(b"2026-01-01T00:00:02.000Z \xff\n")
    assert shown(host.logs(FIRST).begin(0, is_following=False)) == ["x", "\ufffd"]


def test_following_shows_each_line_once_and_whole(host: Host) -> None:
    host.write(FIRST, at(1, "one") + at(2, "two")[:-3])
    logs = host.logs(FIRST)
    assert shown(logs.begin(0, is_following=True)) == ["one"]
    assert logs.new() == []
    host.write(FIRST, at(2, "two")[-3:] + at(3, "three"))
    assert shown(logs.new()) == ["two", "three"]
    assert logs.new() == []


def test_following_loses_nothing_over_a_rotation(host: Host) -> None:
    host.write(FIRST, at(1, "one"))
    logs = host.logs(FIRST)
    logs.begin(0, is_following=True)
    host.write(FIRST, at(2, "two") + at(3, "three")[:-3])
    host.rotate(FIRST)
    assert logs.new() == []
    host.write(FIRST, at(3, "three")[-3:])
    assert shown(logs.new()) == ["two", "three"]
    host.write(FIRST, at(4, "four"))
    assert shown(logs.new()) == ["four"]


def test_following_a_service_shows_the_tasks_that_a_deployment_brings(host: Host) -> None:
    running = {FIRST}
    host.write(FIRST, at(1, "old revision"))
    host.write(SECOND, at(2, "new revision"))
    logs = TaskLogs(host.data_dir, "shop", lambda _: running)
    assert shown(logs.begin(0, is_following=True)) == ["old revision"]
    running.add(SECOND)
    assert shown(logs.new()) == ["new revision"]
    # Neither is forgotten when the service is, or cannot be asked for a while.
    running.clear()
    host.write(FIRST, at(3, "last words"))
    assert shown(logs.new()) == ["last words"]


@pytest.mark.parametrize("name", ["nothing", "*", "", "1" * 7, ".."])
def test_a_name_that_nothing_has_is_told_with_what_to_give_instead(host: Host, name: str) -> None:
    host.write(FIRST, at(1, "hello"))
    with pytest.raises(UnknownTaskError, match="give the id of a task"):
        host.logs(name).begin(0, is_following=False)


@pytest.fixture
def region() -> EcsRegion:
    """A service `web` in each of two clusters, and `batch` in one of them; each with two tasks."""
    region, number = EcsRegion(), 0
    for cluster, name in (("a", "web"), ("b", "web"), ("b", "batch")):
        home = a_cluster(cluster)
        service = a_service(name, arn=ARNS.service(cluster, name), cluster_arn=home.arn)
        region.put(home, service)
        for last_status in ("RUNNING", "STOPPED"):
            number += 1
            arn = ARNS.task(cluster, f"{number:032x}")
            region.put(a_task(of=service, arn=arn, cluster_arn=home.arn, last_status=last_status))
    return region


def numbers(task_ids: Iterable[str]) -> list[int]:
    return sorted(int(task_id, 16) for task_id in task_ids)


def test_a_service_means_that_name_in_every_cluster_its_dead_tasks_included(region: EcsRegion) -> None:
    assert numbers(tasks_of_service(region.client, "web")) == [1, 2, 3, 4]
    assert numbers(tasks_of_service(region.client, "batch")) == [5, 6]
    assert tasks_of_service(region.client, "nothing") == set()


def test_an_arn_means_the_service_of_one_cluster(region: EcsRegion) -> None:
    assert numbers(tasks_of_service(region.client, ARNS.service("b", "web"))) == [3, 4]
