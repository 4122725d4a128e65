"""`bench/zero-loss --runtime docker|process --deploys 10 --kills 10 --rate 500`.

Starts a Tidegate of its own, runs the users-service at desired 2, and mixes short GETs on kept-alive
and on new connections, GETs of two seconds that span the drain, and registrations. During deploys no
request at all may fail. When a container is killed (SIGKILL, behind everyone's back) a registration
that was already inside it may be lost, and is never sent a second time; nothing else may fail.
In the end every registration that was answered with 201 has to be exactly one row. Exits 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.zero_loss.verdict import Kill, Window, faults, unexcused
from tidegate.cli.demo.acts.failures import task_address
from tidegate.cli.demo.acts.instances import Instances
from tidegate.cli.demo.acts.load_balancer import LoadBalancer
from tidegate.cli.demo.acts.network import Network
from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.cli.demo.sabotage import kill_container, refused_at
from tidegate.cli.demo.stage import StageError, build, examples_dir, set_stage, tidegate
from tidegate.cli.demo.story import CLUSTER, DEMO_TIMINGS, SERVICE, ActFailedError, Stage, Story

IMAGE = "zero-loss:1"
# A slow request holds one of the service's threads for two seconds: their share is set by rate.
SLOW_PER_SECOND = 4.0
WARM_UP_SECONDS = 2.0
KEPT_ALIVE, NEW_CONNECTION, REGISTRATION = "GET kept alive", "GET new connection", "POST register"
# What the names of registered users begin with; the request's number follows.
REGISTERED = "zero-loss-"


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runtime", choices=("docker", "process", "auto"), default="auto")
    parser.add_argument("--deploys", type=int, default=10)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second")
    options = parser.parse_args(arguments)
    # Whoever ends us by SIGTERM, as a CI job's end does, leaves nothing running either.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    console = Console()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-zero-loss-", dir="/tmp"))
    is_proved = False
    try:
        is_proved = _prove(folder, console, options)
    except (ActFailedError, StageError, TimeoutError) as error:
        console.print(f"[red]The drill broke off:[/red] {error}", soft_wrap=True)
    finally:
        _clear(folder, console, is_proved)
    return 0 if is_proved else 1


def _prove(folder: Path, console: Console, options: argparse.Namespace) -> bool:
    """Whether nothing speaks against zero loss. Raises ActFailedError and StageError."""
    stage = set_stage(folder / "data", options.runtime, DEMO_TIMINGS, console)
    story = Story(_with_image(stage, folder), console)
    windows, kills = _drill(story, options.deploys, options.kills, options.rate)
    return _conclude(console, story, windows, kills, options.rate)


def _clear(folder: Path, console: Console, is_proved: bool) -> None:
    """Take everything down; what it left stays where there is something to find out."""
    if is_proved:
        tidegate(folder / "data", "down", "--purge")
        shutil.rmtree(folder)
        return
    tidegate(folder / "data", "down")
    command = f"tidegate down --purge --data-dir {folder / 'data'}"
    console.print(f"Logs and data are kept until `{command}`", soft_wrap=True)


def _with_image(stage: Stage, folder: Path) -> Stage:
    """Build the drill's image: the users-service and one more module beside it."""
    context = folder / "image"
    shutil.copytree(examples_dir() / "users-service", context)
    shutil.copy(Path(__file__).with_name("application.py"), context / "users_service" / "zero_loss.py")
    build(stage.data_dir, context, IMAGE, runtime=stage.runtime)
    return replace(stage, image=IMAGE)


def _drill(story: Story, deploys: int, kills: int, rate: float) -> tuple[list[Window], list[Kill]]:
    _prepare(story)
    props = story.props
    windows: list[Window] = []
    killed: list[Kill] = []
    load = LoadGenerator(props.address, props.port, host=props.dns_name, rate=rate, kinds=_mix(rate))

    def mark(name: str, began: float) -> None:
        windows.append(Window(name, time.monotonic() - began, load.mark()))

    with load:
        began = time.monotonic()
        time.sleep(WARM_UP_SECONDS)
        mark("warm-up", began)
        for number in range(1, deploys + 1):
            began = time.monotonic()
            story.ecs.update_service(cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)
            story.steady(2, timeout_seconds=120)
            mark(f"deploy {number}", began)
        for number in range(1, kills + 1):
            began = time.monotonic()
            killed.append(_kill_one(story))
            mark(f"kill {number}", began)
        windows.append(Window("the end", 0.0, load.stop()))
    return windows, killed


def _prepare(story: Story) -> None:
    """The network, the load balancer, two instances and the service at desired 2."""
    Network().play(story)
    LoadBalancer().play(story)
    Instances().play(story)
    definition = users_service_definition(story, host_port=0)
    container = definition["containerDefinitions"][0]
    container["environment"] += [
        {"name": "WSGI_APPLICATION", "value": "users_service.zero_loss:create_app()"},
    ]
    answer = story.ecs.register_task_definition(**definition)
    story.ecs.create_service(
        cluster=CLUSTER,
        serviceName=SERVICE,
        taskDefinition=answer["taskDefinition"]["taskDefinitionArn"],
        desiredCount=2,
        loadBalancers=[
            {
                "targetGroupArn": story.props.target_group_arn,
                "containerName": "users-service",
                "containerPort": 5000,
            }
        ],
    )
    story.steady(2)


def _mix(rate: float) -> tuple[Kind, ...]:
    """The requests by weight: of every `rate` requests about SLOW_PER_SECOND are slow ones."""
    slow_weight = max(1, round(SLOW_PER_SECOND / rate * 100))

    def registration(number: int) -> bytes:
        name = f"{REGISTERED}{number}"
        return json.dumps({"username": name, "email": f"{name}@example.org", "password": "pass"}).encode()

    return (
        Kind(name=KEPT_ALIVE, path="/ping", weight=70 - slow_weight),
        Kind(name=NEW_CONNECTION, path="/ping", weight=20, keep_alive=False),
        Kind(name="GET of 2 s", path="/slow", weight=slow_weight, timeout_seconds=30),
        Kind(
            name=REGISTRATION,
            method="POST",
            path="/auth/register",
            weight=10,
            body=registration,
            accepted=(201,),
            is_repeatable=False,
            timeout_seconds=30,
        ),
    )


def _kill_one(story: Story) -> Kill:
    victim = story.tasks()[0]
    container = victim["containers"][0]
    address, port = task_address(story, victim), container["networkBindings"][0]["hostPort"]
    began = time.monotonic()
    if not kill_container(address, port, container.get("runtimeId")):
        raise ActFailedError("the container's processes were not found")
    gone = refused_at(address, port)
    story.until("the task is stopped", lambda: story.task(victim["taskArn"])["lastStatus"] == "STOPPED", 30)
    story.steady(2)
    return Kill(began, gone)


def _conclude(
    console: Console, story: Story, windows: Sequence[Window], kills: Sequence[Kill], rate: float
) -> bool:
    """Print what was seen; whether nothing speaks against zero loss."""
    console.print(_table(f"Zero loss on {story.stage.runtime}", windows, kills))
    for window in windows:
        if window.tally.failures:
            console.print(f"{window.name}: {window.tally.reasons()}", soft_wrap=True)
    rows = _rows(story.stage.data_dir / "demo" / "users-service" / "users.db")
    found = faults(windows, kills, rows, rate)
    sent = sum(window.tally.sent for window in windows)
    slowest = max((kill.gone - kill.began for kill in kills), default=0.0)
    console.print(
        f"{sent} requests, {sum(rows.values())} registrations stored; a killed container's port accepted "
        f"connections for at most {slowest * 1000:.0f} ms",
        soft_wrap=True,
    )
    for fault in found:
        console.print(f"[red]{fault}[/red]")
    if found:
        console.print("\n".join(["The newest events:", *story.events()[-20:]]), soft_wrap=True, markup=False)
    return not found


def _table(title: str, windows: Sequence[Window], kills: Sequence[Kill]) -> Table:
    table = Table(title=title, title_justify="left")
    for column in ("", "s", "requests", "failed", "excused", "GET p99 ms", "POST p99 ms"):
        table.add_column(column, justify="right" if column else "left")
    for window in windows:
        tally, excused = window.tally, len(window.tally.failures) - len(unexcused(window.tally, kills))
        table.add_row(
            window.name,
            f"{window.seconds:.1f}",
            str(tally.sent),
            str(len(tally.failures)),
            str(excused),
            f"{tally.percentile(0.99, KEPT_ALIVE, NEW_CONNECTION) * 1000:.0f}",
            f"{tally.percentile(0.99, REGISTRATION) * 1000:.0f}",
        )
    return table


def _rows(database: Path) -> dict[int, int]:
    """Rows by the number of the registration that left them."""
    query = "SELECT username, count(*) FROM users WHERE username LIKE ? GROUP BY username"
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        found = connection.execute(query, (REGISTERED + "%",)).fetchall()
    return {int(name.removeprefix(REGISTERED)): count for name, count in found}


if __name__ == "__main__":
    sys.exit(main())
