"""`bench/api [--seconds S] [--rounds N] [--connections N]`: Tidegate's APIs against moto server in one run.

Both hold the same world (two instances, two tasks of one service, two targets) and are sent the same
signed requests over kept-alive connections, in short slices by turns; of each side's slices the best
counts. Each server has one core, the load the other; `CPU us` is the server's CPU time of one request,
the firmer figure where others use the machine too. Tidegate's writes are on disk when they are
answered, moto's are in memory only. Then idle memory and the time from the command to the first answer.
"""

from __future__ import annotations

import argparse
import itertools
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import uvloop

from bench.against_moto.sides import MotoSide, Side, TidegateSide, form_request, json_request, running
from bench.against_moto.world import CLUSTER, CONTAINER, SERVICE, World, make_world
from bench.measuring.http import Load, LoadFailedError, Slice
from bench.measuring.processes import cores, cpu_seconds, pin, resident_mib
from bench.measuring.results import Goal, print_table

READS, WRITES = Goal(5, unit="x"), Goal(1, unit="x")
MEMORY, COLD_START = Goal(80, least=False, unit=" MiB"), Goal(1, least=False, unit=" s")
COLD_STARTS = 3
IDLE_SECONDS = 5.0
# Distinct families and clusters: a pipeline's registrations go to some tens of families.
FAMILIES = 50
# Signed before a slice begins: more than either side answers in it.
_PRESIGNED_PER_SECOND = 8000

Requests = Callable[[Side, World], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Operation:
    """`is_each_other`: no request may be sent twice."""

    name: str
    goal: Goal
    requests: Requests
    is_each_other: bool = False


def _always(make: Callable[[Side, World], bytes]) -> Requests:
    return lambda side, world: itertools.repeat(make(side, world))


def _registrations(side: Side, _: World) -> Iterator[bytes]:
    """Each request is good for another revision when it comes again."""
    made = [
        json_request(
            side, "RegisterTaskDefinition", {"family": f"web-{number}", "containerDefinitions": [CONTAINER]}
        )
        for number in range(FAMILIES)
    ]
    return itertools.cycle(made)


_numbers = itertools.count()


def _creations(side: Side, _: World) -> Iterator[bytes]:
    """Each request names another cluster."""
    for number in _numbers:
        yield json_request(side, "CreateCluster", {"clusterName": f"created-{number}"})


OPERATIONS = (
    Operation(
        "ecs describe-services",
        READS,
        _always(
            lambda side, _: json_request(
                side, "DescribeServices", {"cluster": CLUSTER, "services": [SERVICE]}
            )
        ),
    ),
    Operation(
        "ecs describe-tasks",
        READS,
        _always(
            lambda side, world: json_request(
                side, "DescribeTasks", {"cluster": CLUSTER, "tasks": list(world.tasks)}
            )
        ),
    ),
    Operation(
        "elbv2 describe-target-health",
        READS,
        _always(
            lambda side, world: form_request(
                side,
                "elasticloadbalancing",
                f"Action=DescribeTargetHealth&Version=2015-12-01&TargetGroupArn={world.target_group}",
            )
        ),
    ),
    Operation(
        "ec2 describe-instances",
        READS,
        _always(lambda side, _: form_request(side, "ec2", "Action=DescribeInstances&Version=2016-11-15")),
    ),
    Operation("ecs register-task-definition", WRITES, _registrations),
    Operation("ecs create-cluster", WRITES, _creations, is_each_other=True),
)


async def compare(
    operation: Operation, sides: Sequence[tuple[Side, World]], options: argparse.Namespace
) -> list[Slice]:
    """The best slice of each side."""
    loads = [Load("127.0.0.1", side.port, options.connections) for side, _ in sides]
    slices: list[list[Slice]] = [[] for _ in sides]
    for round_ in range(options.rounds + 1):
        for (side, world), load, found in zip(sides, loads, slices, strict=True):
            requests = operation.requests(side, world)
            if operation.is_each_other:
                count = int(_PRESIGNED_PER_SECOND * options.seconds)
                requests = iter(list(itertools.islice(requests, count)))
            past = cpu_seconds(side.main)
            one = await load.run(requests, options.seconds)
            one.cpu_seconds = cpu_seconds(side.main) - past
            # The first is warming up.
            if round_:
                found.append(one)
    for load in loads:
        load.close()
    return [max(found, key=lambda one: one.rate) for found in slices]


def throughput(sides: Sequence[tuple[Side, World]], options: argparse.Namespace) -> None:
    rows = []
    for operation in OPERATIONS:
        ours, theirs = uvloop.run(compare(operation, sides, options))
        ratio = ours.rate / theirs.rate
        rows.append(
            (
                operation.name,
                f"{ours.rate:,.0f}",
                f"{theirs.rate:,.0f}",
                f"{ratio:.1f}x",
                str(operation.goal),
                operation.goal.reached(ratio),
                f"{ours.cpu_microseconds:,.0f} / {theirs.cpu_microseconds:,.0f}",
                f"{ours.answer_bytes:,} / {theirs.answer_bytes:,}",
            )
        )
    columns = ("", "tidegate/s", "moto/s", "ratio", "goal", "", "CPU us, both", "answer bytes, both")
    print_table(f"Requests a second, {options.connections} connections", columns, rows)


def idle(ours: Side, theirs: Side) -> list[tuple[str, ...]]:
    """Rows: memory and CPU of each side while nobody asks anything."""
    before = [cpu_seconds(*side.processes) for side in (ours, theirs)]
    control = cpu_seconds(ours.main)
    time.sleep(IDLE_SECONDS)
    control = (cpu_seconds(ours.main) - control) / IDLE_SECONDS
    shares = [
        (cpu_seconds(*side.processes) - past) / IDLE_SECONDS
        for side, past in zip((ours, theirs), before, strict=True)
    ]
    memory = [resident_mib(ours.main), resident_mib(*ours.processes), resident_mib(theirs.main)]
    return [
        (
            "resident memory of control, MiB",
            f"{memory[0]:.0f}",
            f"{memory[2]:.0f}",
            f"{memory[0] / memory[2]:.2f}x",
            str(MEMORY),
            MEMORY.reached(memory[0]),
        ),
        (
            "... of all its processes",
            f"{memory[1]:.0f}",
            f"{memory[2]:.0f}",
            f"{memory[1] / memory[2]:.2f}x",
            "",
            "",
        ),
        ("CPU of control when idle", f"{control:.2%}", f"{shares[1]:.2%}", "", "", ""),
        ("... of all its processes", f"{shares[0]:.2%}", f"{shares[1]:.2%}", "", "", ""),
    ]


def cold_start(folder: Path) -> tuple[str, ...]:
    """The row of the shortest of some starts from nothing, seconds to the first answer."""
    best = [float("inf"), float("inf")]
    for number in range(COLD_STARTS):
        own = folder / f"start-{number}"
        own.mkdir()
        sides: tuple[Side, ...] = (TidegateSide(own), MotoSide(own))
        for at, side in enumerate(sides):
            with running(side) as seconds:
                best[at] = min(best[at], seconds)
    return (
        "cold start to the first answer, s",
        f"{best[0]:.2f}",
        f"{best[1]:.2f}",
        f"{best[0] / best[1]:.2f}x",
        str(COLD_START),
        COLD_START.reached(best[0]),
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="of one slice")
    parser.add_argument("--rounds", type=int, default=4, help="slices of each side and operation")
    parser.add_argument("--connections", type=int, default=16)
    options = parser.parse_args()
    # Told to stop, it stops what it has started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    measured, other = cores()
    with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder, ExitStack() as stack:
        try:
            start = cold_start(Path(folder))
            ours, theirs = TidegateSide(Path(folder)), MotoSide(Path(folder))
            for side in (ours, theirs):
                stack.enter_context(running(side))
            sides = [(side, make_world(side)) for side in (ours, theirs)]
            rows = idle(ours, theirs)
            pin(other, [os.getpid(), *ours.processes])
            pin(measured, [ours.main, theirs.main])
            throughput(sides, options)
        except LoadFailedError as error:
            print(f"bench/api could not measure: {error}", file=sys.stderr)
            return 1
    print_table("Idle, and from nothing", ("", "tidegate", "moto", "ratio", "goal", ""), [*rows, start])
    return 0


if __name__ == "__main__":
    sys.exit(main())
