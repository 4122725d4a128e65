"""`bench/zero-loss --runtime docker|process --deploys 10 --kills 10 --rate 500`.

Starts a Tidegate of its own, runs the users-service at desired 2, and mixes short GETs on kept-alive
and on new connections, GETs of two seconds that span the drain, and registrations. During deploys no
request at all may fail. When a container is killed (SIGKILL, behind everyone's back) a registration
that was already inside it may be lost, and is never sent a second time; nothing else may fail. In the
end every registration that was answered with 201 has to be exactly one row. Exits 1 otherwise.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tidegate.cli.demo.acts.failures import task_address
from tidegate.cli.demo.acts.instances import launch, wait_for_container_instances
from tidegate.cli.demo.acts.load_balancer import LoadBalancer
from tidegate.cli.demo.acts.network import Network
from tidegate.cli.demo.acts.task_definition import users_service_definition
from tidegate.cli.demo.load import Kind, LoadGenerator, Tally
from tidegate.cli.demo.sabotage import kill_container
from tidegate.cli.demo.stage import StageError, build, examples_dir, set_stage, tidegate
from tidegate.cli.demo.story import CLUSTER, DEMO_TIMINGS, SERVICE, ActFailedError, Stage, Story

IMAGE = "zero-loss:1"
# A slow request holds one of the service's threads for two seconds: their share is set by rate.
SLOW_PER_SECOND = 4.0
WARM_UP_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Window:
    """One deploy or one kill, and what the load saw meanwhile."""

    name: str
    seconds: float
    tally: Tally
    is_kill: bool

    @property
    def unexcused(self) -> int:
        """Failures that nothing excuses: all of them, but in a kill those of requests that a client
        may not repeat."""
        if not self.is_kill:
            return len(self.tally.failures)
        return sum(
            1 for f in self.tally.failures if f.is_repeatable or f.reason.startswith(("status 4", "connect"))
        )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--runtime", choices=("docker", "process", "auto"), default="auto")
    parser.add_argument("--deploys", type=int, default=10)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--rate", type=float, default=500.0, help="requests a second")
    options = parser.parse_args(arguments)
    console = Console()
    with tempfile.TemporaryDirectory(prefix="tidegate-zero-loss-") as folder:
        data_dir = Path(folder) / "data"
        try:
            stage = set_stage(data_dir, options.runtime, DEMO_TIMINGS, console)
            story = Story(_with_image(stage, Path(folder)), console)
            windows = _drill(story, options.deploys, options.kills, options.rate)
            return _verdict(console, story, windows)
        except (ActFailedError, StageError) as error:
            console.print(f"[red]The drill broke off:[/red] {error}")
            return 1
        finally:
            tidegate(data_dir, "down")


def _with_image(stage: Stage, folder: Path) -> Stage:
    """Build the drill's image: the users-service and one more module beside it."""
    context = folder / "image"
    shutil.copytree(examples_dir() / "users-service", context)
    shutil.copy(Path(__file__).with_name("application.py"), context / "users_service" / "zero_loss.py")
    build(stage.data_dir, context, IMAGE, runtime=stage.runtime)
    return replace(stage, image=IMAGE)


def _drill(story: Story, deploys: int, kills: int, rate: float) -> list[Window]:
    _prepare(story)
    props = story.props
    windows: list[Window] = []
    load = LoadGenerator(props.address, props.port, host=props.dns_name, rate=rate, kinds=_mix(rate))
    with load:
        time.sleep(WARM_UP_SECONDS)
        windows.append(Window("warm-up", WARM_UP_SECONDS, load.mark(), False))
        for number in range(1, deploys + 1):
            began = time.monotonic()
            story.ecs.update_service(cluster=CLUSTER, service=SERVICE, forceNewDeployment=True)
            story.steady(2, timeout_seconds=120)
            windows.append(Window(f"deploy {number}", time.monotonic() - began, load.mark(), False))
        for number in range(1, kills + 1):
            began = time.monotonic()
            _kill_one(story)
            windows.append(Window(f"kill {number}", time.monotonic() - began, load.mark(), True))
    windows.append(Window("the end", 0.0, load.mark(), False))
    return windows


def _prepare(story: Story) -> None:
    """The network, the load balancer, two instances and the service at desired 2."""
    Network().play(story)
    LoadBalancer().play(story)
    story.ecs.create_cluster(clusterName=CLUSTER)
    for subnet in story.props.subnet_ids:
        launch(story, subnet, [story.props.security_group_id])
    wait_for_container_instances(story, 2)
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
    run = f"{time.time_ns():x}"

    def registration(number: int) -> bytes:
        name = f"z{run}-{number}"
        return json.dumps({"username": name, "email": f"{name}@example.org", "password": "pass"}).encode()

    return (
        Kind(name="GET kept alive", path="/ping", weight=70 - slow_weight),
        Kind(name="GET new connection", path="/ping", weight=20, keep_alive=False),
        Kind(name="GET of 2 s", path="/slow", weight=slow_weight, timeout_seconds=30),
        Kind(
            name="POST register",
            method="POST",
            path="/auth/register",
            weight=10,
            body=registration,
            accepted=(201,),
            is_repeatable=False,
            timeout_seconds=30,
        ),
    )


def _kill_one(story: Story) -> None:
    victim = story.tasks()[0]
    container = victim["containers"][0]
    port = container["networkBindings"][0]["hostPort"]
    if not kill_container(task_address(story, victim), port, container.get("runtimeId")):
        raise ActFailedError("the container's processes were not found")
    story.until("the task is stopped", lambda: story.task(victim["taskArn"])["lastStatus"] == "STOPPED", 30)
    story.steady(2)


def _verdict(console: Console, story: Story, windows: Sequence[Window]) -> int:
    table = Table(title=f"Zero loss on {story.stage.runtime}", title_justify="left")
    for column in ("", "s", "requests", "failed", "of these excused", "p99 ms", "why"):
        table.add_column(column, justify="left" if column in ("", "why") else "right")
    for window in windows:
        tally, excused = window.tally, len(window.tally.failures) - window.unexcused
        table.add_row(
            window.name,
            f"{window.seconds:.1f}",
            str(tally.sent),
            str(len(tally.failures)),
            str(excused),
            f"{tally.percentile(0.99) * 1000:.0f}",
            tally.reasons(),
        )
    console.print(table)
    created = sum(window.tally.answered["POST register"] for window in windows)
    lost_posts = sum(1 for w in windows for f in w.tally.failures if not f.is_repeatable)
    rows = _rows(story.stage.data_dir / "demo" / "users-service" / "users.db")
    unexcused = sum(window.unexcused for window in windows)
    console.print(
        f"{created} registrations answered 201, {rows} rows, {lost_posts} registrations lost in kills; "
        f"{unexcused} failures that nothing excuses"
    )
    is_exact = created <= rows <= created + lost_posts
    return 0 if unexcused == 0 and is_exact and created > 0 else 1


def _rows(database: Path) -> int:
    with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
        (count,) = connection.execute("SELECT count(*) FROM users WHERE username LIKE 'z%'").fetchone()
    return int(count)


if __name__ == "__main__":
    sys.exit(main())
