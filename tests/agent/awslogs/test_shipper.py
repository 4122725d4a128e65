"""Every line of a container's log is put, once, whatever happens meanwhile."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tidegate.agent.api import UnreachableError
from tidegate.agent.awslogs.files import Place
from tidegate.agent.awslogs.shipper import GIVEN_UP_SECONDS, REFUSED_SECONDS, Shipped
from tidegate.agent.ledger import Record
from tidegate.agent.payload import TaskPayload
from tidegate.agent.runtime import ContainerState, RuntimeFault

from .conftest import ARN, TASK, Bench, container, made

OPTIONS = {"awslogs_group": "shop", "awslogs_stream_prefix": "web", "awslogs_create_group": "true"}


async def drained(bench: Bench) -> list[str]:
    while await bench.shipper.ship():
        pass
    return await bench.shipped()


async def test_lines_are_put_with_their_times_into_the_stream_that_amazons_agent_would_name(
    bench: Bench,
) -> None:
    bench.write(bench.stamped("one", "two ü"))
    await bench.shipper.ship()
    assert await bench.shipped(stream=f"web/main/{TASK}") == ["one", "two ü"]
    (put,) = [request for name, request in bench.api.calls if name == "PutLogEvents"][1:]
    now = int(bench.clock.now().timestamp() * 1000)
    assert [event["timestamp"] for event in put["logEvents"]] == [now - 750, now + 250]


@pytest.mark.parametrize("options", [{"awslogs_group": "shop", "awslogs_create_group": "true"}])
async def test_without_a_prefix_the_stream_is_the_containers_id(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    assert await bench.shipper.ship() is False
    assert bench.api.calls == [], "nobody knows its id yet"
    bench.engine.states[TASK, "main"] = ContainerState(
        task_id=TASK, name="main", status="running", runtime_id="0f3c"
    )
    await bench.shipper.ship()
    assert await bench.shipped(stream="0f3c") == ["one"]


async def test_a_line_waits_for_its_end_and_comes_without_one_when_its_container_has_ended(
    bench: Bench,
) -> None:
    bench.write(bench.stamped("whole") + bench.stamped("half")[:-1])
    assert await drained(bench) == ["whole"]
    bench.write(" and half\nlast words")
    assert await drained(bench) == ["whole", "half and half"]
    bench.end()
    assert await drained(bench) == ["whole", "half and half", "last words"]
    assert await bench.shipper.ship() is False


async def test_a_minute_without_control_costs_no_line(bench: Bench) -> None:
    bench.write(bench.stamped("before"))
    await bench.shipper.ship()
    bench.api.is_away = True
    for n in range(60):
        bench.write(bench.stamped(*(f"{n}.{m}" for m in range(50))), rotates=8 if n % 20 == 19 else 0)
        with pytest.raises(UnreachableError):
            await bench.shipper.ship()
    bench.api.is_away = False
    assert await drained(bench) == ["before", *(f"{n}.{m}" for n in range(60) for m in range(50))]
    assert bench.shipper.lost == 0


async def test_an_answer_that_is_lost_costs_nothing_and_doubles_nothing(bench: Bench) -> None:
    await bench.shipper.driver.prepare(bench.ledger.records[ARN].payload, container(**OPTIONS))
    bench.write(bench.stamped("one"))
    bench.api.loses_answers = True
    with pytest.raises(UnreachableError):
        await bench.shipper.ship()
    bench.write(bench.stamped("two"))
    bench.api.loses_answers = False
    assert await drained(bench.restarted()) == ["one", "two"]


async def test_an_agent_that_comes_back_goes_on_where_it_was(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    await bench.shipper.ship()
    bench.write(bench.stamped("two"), rotates=8)
    bench.write(bench.stamped("three"))
    assert await drained(bench.restarted()) == ["one", "two", "three"]


async def test_an_agent_that_cannot_read_how_far_it_was_loses_nothing_of_what_is_there(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    await bench.shipper.ship()
    bench.write("", rotates=2)
    bench.write(bench.stamped("two"))
    bench.write("", rotates=2)
    bench.write(bench.stamped("three"))
    kept = bench.folder / "shipped.json"
    kept.write_bytes(b"{")
    bench.shipper = replace(bench.shipper, _known={}, now=lambda: 1_700_000_000.5)
    bench.shipper.load()
    assert await drained(bench) == ["one", "two", "three"]
    assert (bench.folder / "shipped.json.damaged-1700000000").read_bytes() == b"{"


async def test_the_agent_has_its_turn_between_two_logs(bench: Bench) -> None:
    record = bench.ledger.records[ARN]
    for n in range(3):
        task = TaskPayload(arn=f"{ARN[:-1]}{n}", containers=record.payload.containers)
        bench.ledger.records[task.arn] = Record(payload=task)
        path = bench.folder / "logs" / task.id / "main.log"
        path.parent.mkdir(parents=True)
        path.write_text(bench.stamped(f"{n}"))
    turns, seen = [0], set[int]()

    def now() -> float:
        seen.add(turns[0])
        return 2**32

    async def others() -> None:
        while True:
            turns[0] += 1
            await asyncio.sleep(0)

    bench.shipper.now = now
    beside = asyncio.create_task(others())
    await bench.shipper.ship()
    beside.cancel()
    assert len(seen) == 3, "each log was read in a turn of its own"


async def test_what_is_rotated_away_before_it_is_put_is_counted(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    await bench.shipper.ship()
    for n in range(4):
        bench.write(bench.stamped(f"late {n}"), rotates=2)
    assert await drained(bench) == ["one", "late 3"]
    assert bench.shipper.lost == 1


@pytest.mark.parametrize("is_kept", [True, False])
@pytest.mark.parametrize("count", [5, 20])
async def test_lines_that_follow_on_a_batch_that_was_rotated_away_are_put(
    bench: Bench, is_kept: bool, count: int
) -> None:
    await bench.shipper.driver.prepare(bench.ledger.records[ARN].payload, container(**OPTIONS))
    bench.write(bench.stamped(*(f"old {n}" for n in range(9))))
    bench.api.loses_answers, bench.api.is_away = is_kept, not is_kept
    with pytest.raises(UnreachableError):
        await bench.shipper.ship()
    bench.write("", rotates=2)
    bench.write("", rotates=2)
    bench.write(bench.stamped(*(f"new {n}" for n in range(count))))
    bench.api.loses_answers = bench.api.is_away = False
    found = await drained(bench.restarted())
    assert found == [f"old {n}" for n in range(9) if is_kept] + [f"new {n}" for n in range(count)]


@pytest.mark.parametrize("is_kept", [True, False])
async def test_what_is_left_of_a_batch_is_put_once(bench: Bench, is_kept: bool) -> None:
    await bench.shipper.driver.prepare(bench.ledger.records[ARN].payload, container(**OPTIONS))
    bench.write(bench.stamped("one"), rotates=2)
    bench.write(bench.stamped("two"))
    bench.api.loses_answers, bench.api.is_away = is_kept, not is_kept
    with pytest.raises(UnreachableError):
        await bench.shipper.ship()
    bench.write("", rotates=2)
    bench.write(bench.stamped("three"))
    bench.api.loses_answers = bench.api.is_away = False
    assert await drained(bench) == [*(["one"] if is_kept else []), "two", "three"]
    assert bench.shipper.lost == 1


async def test_a_group_that_is_gone_is_waited_for(tmp_path: Path) -> None:
    bench = made(tmp_path, {**OPTIONS, "awslogs_create_group": "false"})
    bench.write(bench.stamped("one"))
    bench.end()
    for _ in range(3):
        assert await bench.shipper.ship() is False
    assert len([name for name, _ in bench.api.calls if name == "PutLogEvents"]) == 1, "it does not hurry"
    assert not bench.shipper.has_shipped(bench.ledger.records[ARN])
    await bench.api.call("CreateLogGroup", {"logGroupName": "shop"}, "logs")
    bench.shipper.now = lambda: 2**32 + REFUSED_SECONDS
    assert await drained(bench) == ["one"]
    assert bench.shipper.lost == 0


async def test_a_task_whose_group_is_long_gone_may_be_forgotten_and_its_lines_are_counted(
    tmp_path: Path,
) -> None:
    bench = made(tmp_path, {**OPTIONS, "awslogs_create_group": "false"})
    record = bench.ledger.records[ARN]
    bench.write(bench.stamped("one"))
    await bench.shipper.ship()
    bench.shipper.now = lambda: 2**32 + GIVEN_UP_SECONDS
    await bench.shipper.ship()
    assert not bench.shipper.has_shipped(record)
    bench.shipper.now = lambda: 2**32 + GIVEN_UP_SECONDS + 1
    assert bench.shipper.has_shipped(record)
    assert bench.shipper.lost == 0
    del bench.ledger.records[ARN]
    for _ in range(2):
        await bench.shipper.ship()
    assert bench.shipper.lost == 1


@pytest.mark.parametrize("kept", [1, 2])
async def test_an_agent_whose_files_were_put_back_puts_nothing_twice(bench: Bench, kept: int) -> None:
    """What it knew before is older than what control has: the batch that it cuts now begins with lines that
    are there."""
    bench.write(bench.stamped("before"))
    await bench.shipper.ship()
    older = (bench.folder / "shipped.json").read_bytes()
    bench.write(bench.stamped(*(f"kept {n}" for n in range(kept))))
    await bench.shipper.ship()
    (bench.folder / "shipped.json").write_bytes(older)
    bench.write(bench.stamped("new"))
    found = await drained(bench.restarted())
    assert found == ["before", *(f"kept {n}" for n in range(kept)), "new"]


async def test_an_agent_whose_files_were_put_back_loses_nothing_of_what_is_there(bench: Bench) -> None:
    """What follows on the place that it knew is rotated away, and control has come further than that."""
    bench.write(bench.stamped("before"))
    await bench.shipper.ship()
    bench.write(bench.stamped("kept" * 30))
    await bench.shipper.ship()
    kept = bench.folder / "shipped.json"
    known = msgspec.json.decode(kept.read_bytes(), type=dict[str, Shipped])
    (log,) = known.values()
    log.place = Place(inode=1, head=b"gone", offset=5, total=5)
    kept.write_bytes(msgspec.json.encode(known))
    bench.write("", rotates=2)
    bench.write("", rotates=2)
    bench.write(bench.stamped("new"))
    restarted = bench.restarted()
    assert await drained(restarted) == ["before", "kept" * 30, "new"]
    assert restarted.shipper.lost == 1


async def test_a_log_without_anything_new_is_not_read(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    await drained(bench)
    await bench.shipper.ship()
    # Whoever reads a log reads its older files, too.
    unreadable = bench.path.with_name(f"{bench.path.name}.1")
    unreadable.mkdir()
    assert await bench.shipper.ship() is False
    bench.write(bench.stamped("two"))
    with pytest.raises(IsADirectoryError):
        await bench.shipper.ship()
    unreadable.rmdir()
    bench.write("", rotates=8)
    bench.write(bench.stamped("three"))
    assert await drained(bench) == ["one", "two", "three"]


async def test_lines_that_were_rotated_away_are_counted_once(bench: Bench) -> None:
    bench.write(bench.stamped("one"))
    await bench.shipper.ship()
    for _ in range(2):
        bench.write("", rotates=2)
    for _ in range(3):
        assert await bench.shipper.ship() is False
    bench.write(bench.stamped("two"))
    assert await drained(bench) == ["one", "two"]
    assert bench.shipper.lost == 1


async def test_a_task_is_not_forgotten_before_its_lines_are_put(bench: Bench) -> None:
    record = bench.ledger.records[ARN]
    assert bench.shipper.has_shipped(record)
    bench.write(bench.stamped("one"))
    bench.api.is_away = True
    assert not bench.shipper.has_shipped(record)
    with pytest.raises(UnreachableError):
        await bench.shipper.ship()
    assert not bench.shipper.has_shipped(record)
    bench.api.is_away = False
    await drained(bench)
    assert bench.shipper.has_shipped(record)


async def test_empty_lines_are_no_events_and_broken_text_is_mended(bench: Bench) -> None:
    bench.write(bench.stamped("", "a"))
    with bench.path.open("ab") as file:
        file.write(b"no stamp \xff\n")
    bench.write(bench.stamped(""))
    assert await drained(bench) == ["a", "no stamp \ufffd"]


async def test_lines_and_batches_of_any_size_are_cut_to_what_logs_takes(bench: Bench) -> None:
    bench.write(bench.stamped("x" * 500_000, *(f"{n}" for n in range(2500)), "\u00ff" * 200_000))
    found = await drained(bench)
    assert "".join(found) == "x" * 500_000 + "".join(f"{n}" for n in range(2500)) + "\u00ff" * 200_000


async def test_lines_of_a_clock_that_was_set_back_are_put_in_the_order_of_time(bench: Bench) -> None:
    late = bench.stamped("late")
    bench.clock.advance(-3600)
    bench.write(late + bench.stamped("early"))
    assert await drained(bench) == ["early", "late"]


@pytest.mark.parametrize(
    "more", [{"awslogs_multiline_pattern": "^[A-Z]"}, {"awslogs_datetime_format": "%b %d, %Y"}]
)
async def test_lines_up_to_the_next_beginning_are_one_event(tmp_path: Path, more: dict[str, str]) -> None:
    bench = made(tmp_path, {**OPTIONS, **more})
    bench.shipper.now = lambda: 0.0
    bench.write(bench.stamped("Jan 02, 2024 failed", "  at a", "  at b", "Jan 03, 2024 well", "  still"))
    assert await drained(bench) == ["Jan 02, 2024 failed\n  at a\n  at b"]
    bench.shipper.now = lambda: 2**32
    assert (await drained(bench))[1:] == ["Jan 03, 2024 well\n  still"]


@pytest.mark.timeout(20)
async def test_no_line_takes_a_pattern_longer_than_its_letters(tmp_path: Path) -> None:
    """A matcher that tries one way after the other has 2**1000 of them."""
    bench = made(tmp_path, {**OPTIONS, "awslogs_multiline_pattern": r"^(\w+\s?)+:"})
    hostile = "a" * 1000 + " ;"
    bench.write(bench.stamped("begin: 1", hostile, "begin: 2"))
    assert await drained(bench) == [f"begin: 1\n{hostile}", "begin: 2"]


async def test_a_container_whose_group_is_missing_does_not_start(tmp_path: Path) -> None:
    bench = made(tmp_path, OPTIONS)
    task = bench.ledger.records[ARN].payload
    for asked in ({"awslogs_group": "none", "awslogs_stream_prefix": "web"}, {"awslogs_group": "none"}):
        with pytest.raises(RuntimeFault) as refused:
            await bench.shipper.driver.prepare(task, container(**asked))
        assert refused.value.reason.startswith("CannotStartContainerError: ")
        assert refused.value.reason.endswith("The specified log group does not exist.")
    await bench.shipper.driver.prepare(task, container(**OPTIONS))
    await bench.shipper.driver.prepare(task, container(**OPTIONS))
    assert await bench.shipped() == []
    bench.api.is_away = True
    await bench.shipper.driver.prepare(task, container(**OPTIONS))


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"awslogs_stream": "x"}, "unknown log opt 'awslogs-stream'"),
        ({"awslogs_multiline_pattern": "["}, "could not parse multiline pattern key '[': missing ]"),
        ({"awslogs_multiline_pattern": "(?=a)"}, "could not parse multiline pattern"),
        ({"awslogs_multiline_pattern": "(a{1000}){1000}"}, "could not parse multiline pattern"),
        ({"awslogs_multiline_pattern": "a", "awslogs_datetime_format": "%Y"}, "at the same time"),
    ],
)
async def test_options_that_are_not_possible_are_refused_by_name(
    bench: Bench, asked: dict[str, str], reason: str
) -> None:
    with pytest.raises(RuntimeFault, match="CannotCreateContainerError") as refused:
        await bench.shipper.driver.prepare(
            bench.ledger.records[ARN].payload, container(awslogs_group="shop", **asked)
        )
    assert reason in refused.value.reason


async def in_a_folder(steps: list[str], files_max: int) -> tuple[list[str], list[str], int]:
    """What was written, what was put, and how often lines were told to be lost, when these happen."""
    with tempfile.TemporaryDirectory() as folder:
        bench = made(Path(folder), OPTIONS)
        written: list[str] = []
        lost = 0

        def write(**more: Any) -> None:
            written.append(f"line {len(written)}")
            bench.write(bench.stamped(written[-1]), **more)

        acts: dict[str, Callable[[], None]] = {
            "write": write,
            "rotate": lambda: write(rotates=files_max),
            "cut": lambda: setattr(bench.api, "is_away", True),
            "mute": lambda: setattr(bench.api, "loses_answers", True),
        }
        for step in [*steps, "heal", "ship"]:
            if step == "heal":
                bench.api.is_away = bench.api.loses_answers = False
            elif step == "kill":
                lost += bench.shipper.lost
                bench = bench.restarted()
            elif step == "ship":
                with suppress(UnreachableError):
                    await bench.shipper.ship()
            else:
                acts[step]()
        write()
        return written, await drained(bench), lost + bench.shipper.lost


STEPS = st.lists(st.sampled_from(["write", "rotate", "ship", "cut", "mute", "heal", "kill"]), max_size=25)


@settings(max_examples=60, deadline=None)
@given(STEPS)
async def test_whatever_happens_each_line_is_put_once_and_in_order(steps: list[str]) -> None:
    written, put, lost = await in_a_folder(steps, 30)
    assert put == written
    assert lost == 0


@settings(max_examples=60, deadline=None)
@given(STEPS)
async def test_what_more_than_is_kept_costs_are_its_own_lines(steps: list[str]) -> None:
    written, put, _ = await in_a_folder(["write", "ship", *steps], 2)
    assert put == [line for line in written if line in put], "once and in order"
    assert written[-1] in put
