"""`tidegate logs` of containers that ship their lines: from CloudWatch Logs, on whatever host they run."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tidegate.cli.shipped_logs import ShippedLogs
from tidegate.cli.task_logs import TaskLogs, UnknownTaskError, tasks_named
from tidegate.control.api import ecs, logs
from tidegate.testing.api import Api
from tidegate.testing.builders import ARNS, CLUSTER, a_cluster, a_task
from tidegate.testing.ecs import EcsRegion

TASK = "1" * 32
STREAM = f"web/web/{TASK}"
SHIPPING = {
    "name": "web",
    "image": "web:1",
    "memory": 64,
    "logConfiguration": {
        "logDriver": "awslogs",
        "options": {"awslogs-group": "shop", "awslogs-region": "us-east-1", "awslogs-stream-prefix": "web"},
    },
}
KEEPING = {"name": "side", "image": "web:1", "memory": 64}


class Region(EcsRegion):
    """A task of two containers, one of which ships its lines."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__()
        self.data_dir = data_dir
        api = Api(self.context, [ecs.FRONT_END, logs.FRONT_END])
        self.client, self.logs = api.client("ecs"), api.client("logs")
        self.put(a_cluster())
        definition = self.registered(SHIPPING, KEEPING)["taskDefinitionArn"]
        self.put(a_task(arn=ARNS.task(CLUSTER, TASK), task_definition_arn=definition))
        self.logs.create_log_group(logGroupName="shop")

    def ship(self, *messages: str, second: int = 0) -> None:
        now = int(self.clock.now().timestamp() * 1000)
        events = [{"timestamp": now + 1000 * second, "message": message} for message in messages]
        self.logs.put_log_events(logGroupName="shop", logStreamName=STREAM, logEvents=events)

    def write(self, container: str, text: str) -> None:
        log = self.data_dir / "instances" / "i-1" / "logs" / TASK / f"{container}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a") as file:
            file.write(text)

    def told(self, name: str = TASK, *, client: Any = None) -> TaskLogs:
        def tasks_of(name: str) -> Iterable[str]:
            return tasks_named(self.client, name)

        return TaskLogs(self.data_dir, name, tasks_of, ShippedLogs(client or self.client, self.logs))


@pytest.fixture
def region(tmp_path: Path) -> Region:
    return Region(tmp_path)


def texts(lines: list[str]) -> list[str]:
    return [" ".join((line.split()[0], line.split(" ", 3)[3])) for line in lines]


def test_lines_of_another_hosts_task_are_told_and_followed(region: Region) -> None:
    region.logs.create_log_stream(logGroupName="shop", logStreamName=STREAM)
    region.ship("one", "two")
    told = region.told()
    assert texts(told.begin(0, is_following=True)) == ["11111111/web one", "11111111/web two"]
    assert told.new() == []
    region.ship("three", second=1)
    assert texts(told.new()) == ["11111111/web three"]


def test_the_last_lines_are_told_and_then_what_comes(region: Region) -> None:
    region.logs.create_log_stream(logGroupName="shop", logStreamName=STREAM)
    region.ship("one", "two", "three")
    told = region.told()
    assert texts(told.begin(1, is_following=True)) == ["11111111/web three"]
    region.ship("four", second=1)
    assert texts(told.new()) == ["11111111/web four"]


def test_a_longer_tail_than_an_answer_holds_is_told_whole(region: Region) -> None:
    region.logs.create_log_stream(logGroupName="shop", logStreamName=STREAM)
    for second, size in enumerate((10_000, 5)):
        region.ship(*(f"{second}-{number}" for number in range(size)), second=second)
    told = region.told()
    lines = texts(told.begin(10_003, is_following=True))
    assert (len(lines), lines[0], lines[-1]) == (10_003, "11111111/web 0-2", "11111111/web 1-4")
    assert len(region.told().begin(20_000, is_following=False)) == 10_005
    region.ship("next", second=2)
    assert texts(told.new()) == ["11111111/web next"]


def test_a_task_that_is_no_longer_described_is_looked_up_once(region: Region) -> None:
    calls: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> Any:
            calls.append(name)
            return getattr(region.client, name)

    shipped = ShippedLogs(Counting(), region.logs)
    for _ in range(2):
        assert shipped.containers(["3" * 32]) == []
    assert calls.count("describe_tasks") == 1


def test_what_is_shipped_is_told_once_and_what_is_not_from_its_file(region: Region) -> None:
    region.logs.create_log_stream(logGroupName="shop", logStreamName=STREAM)
    region.ship("shipped")
    stamp = f"{region.clock.now():%Y-%m-%dT%H:%M:%S}"
    region.write("web", f"{stamp}.000Z shipped\n")
    region.write("side", f"{stamp}.500Z kept\n")
    lines = region.told().begin(0, is_following=False)
    assert texts(lines) == ["11111111/web shipped", "11111111/side kept"]


def test_without_control_the_files_of_this_host_are_told(region: Region) -> None:
    region.write("web", "2026-01-01T00:00:01.000Z from the file\n")
    nothing = Api(region.context, []).client("ecs")
    lines = region.told(client=nothing).begin(0, is_following=False)
    assert texts(lines) == ["11111111/web from the file"]


def test_a_task_that_nobody_knows_is_unknown(region: Region) -> None:
    with pytest.raises(UnknownTaskError):
        region.told("2" * 32).begin(0, is_following=False)
