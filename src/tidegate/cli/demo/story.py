"""What the acts share: the clients, what earlier acts made, waiting, and telling the reader.

An act speaks to Tidegate through the AWS APIs alone. The exceptions are act 9, which has to break
things behind the APIs' back, and the load generator, which is an ordinary HTTP client.
"""

from __future__ import annotations

import contextlib
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, TypeVar

import boto3
from botocore.config import Config
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tidegate.cli.demo.aws_commands import aws_command
from tidegate.cli.demo.load import LoadGenerator, Tally

T = TypeVar("T")

CLUSTER = "flask-microservices-staging"
SERVICE = "flask-microservices-staging"
FAMILY = "testdriven-staging"
LOAD_BALANCER = "flask-microservices-staging"
TARGET_GROUP = "sample"


class ActFailedError(Exception):
    """What an act promised did not hold; the message says what was seen instead."""


class ActSkippedError(Exception):
    """The act cannot be played on this stage; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timings:
    """How fast the story plays. `None` leaves AWS's default in place."""

    deregistration_delay_seconds: int | None
    health_interval_seconds: int | None
    health_grace_seconds: int
    host_lost_after_seconds: float
    scaling_speed: float

    @property
    def drain_seconds(self) -> int:
        return self.deregistration_delay_seconds if self.deregistration_delay_seconds is not None else 300


DEMO_TIMINGS = Timings(
    deregistration_delay_seconds=10,
    health_interval_seconds=5,
    health_grace_seconds=60,
    host_lost_after_seconds=5.0,
    scaling_speed=12.0,
)
AWS_TIMINGS = Timings(
    deregistration_delay_seconds=None,
    health_interval_seconds=None,
    health_grace_seconds=60,
    host_lost_after_seconds=60.0,
    scaling_speed=1.0,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the story plays: a running Tidegate and the images it needs."""

    endpoint: str
    region: str
    account: str
    access_key: str
    secret_key: str
    data_dir: Path
    runtime: str
    image: str
    database_image: str | None
    timings: Timings


@dataclass(slots=True)
class Props:
    """What earlier acts made and later ones need."""

    vpc_id: str = ""
    subnet_ids: list[str] = field(default_factory=list)
    security_group_id: str = ""
    load_balancer_arn: str = ""
    listener_arn: str = ""
    dns_name: str = ""
    address: str = ""
    port: int = 80
    target_group_arn: str = ""
    task_definition_arn: str = ""
    load: LoadGenerator | None = None


class Waiting:
    """The progress display: a bar over the acts, and below it what is being waited for."""

    def __init__(self, console: Console) -> None:
        self.progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._acts = self.progress.add_task("the acts", total=None)

    def begin(self, title: str, number: int, total: int) -> None:
        self.progress.update(self._acts, description=title, completed=number - 1, total=total)

    @contextlib.contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        row = self.progress.add_task(f"waiting until {what}", total=None)
        try:
            yield
        finally:
            self.progress.remove_task(row)


class Story:
    """One run of the acts against one stage."""

    def __init__(self, stage: Stage, console: Console) -> None:
        self.stage = stage
        self.console = console
        self.props = Props()
        self._shown = ""
        self.waiting = Waiting(console)
        session = boto3.session.Session(
            aws_access_key_id=stage.access_key,
            aws_secret_access_key=stage.secret_key,
            region_name=stage.region,
        )
        config = Config(retries={"total_max_attempts": 3, "mode": "standard"}, read_timeout=30)

        def client(name: str) -> Any:
            made = session.client(name, endpoint_url=stage.endpoint, config=config)
            made.meta.events.register("provide-client-params", self._show_call)
            return made

        self.ecs: Any = client("ecs")
        self.elbv2: Any = client("elbv2")
        self.ec2: Any = client("ec2")
        self.autoscaling: Any = client("application-autoscaling")
        self.logs: Any = client("logs")
        self.cloudwatch: Any = client("cloudwatch")

    # Telling

    def _show_call(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """Print the `aws` command of each call that changes something."""
        service = model.service_model.service_name
        self._print_command(aws_command(service, model.name, params))

    def show(self, front_end: str, command: str, /, **options: object) -> None:
        """Print an `aws` command that looks at what the act looks at: those that change are shown as they
        are called."""
        words = ["aws", front_end, command]
        for name, value in options.items():
            words.append("--" + name.replace("_", "-"))
            values = value if isinstance(value, (list, tuple)) else [value]
            words += [shlex.quote(str(item)) for item in values if item is not True]
        self._print_command(" ".join(words))

    def _print_command(self, command: str | None) -> None:
        # What is tried until it succeeds is shown once.
        if command is not None and command != self._shown:
            self._shown = command
            shown = f"  [dim]$[/dim] {escape(command)}"
            self.console.print(shown, style="cyan", highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        self.console.print("  " + text, highlight=False, soft_wrap=True)

    # Waiting

    def until(self, what: str, probe: Callable[[], T | None], timeout_seconds: float = 60.0) -> T:
        """The first truthy value of `probe`, asked five times a second.

        Raises ActFailedError after the timeout, with what was awaited.
        """
        deadline = time.monotonic() + timeout_seconds
        with self.waiting(what):
            while True:
                value = probe()
                if value:
                    return value
                if time.monotonic() > deadline:
                    raise ActFailedError(f"not within {timeout_seconds:g} s: {what}")
                time.sleep(0.2)

    # Looking

    def service(self, name: str = SERVICE, cluster: str = CLUSTER) -> dict[str, Any]:
        found = self.ecs.describe_services(cluster=cluster, services=[name])["services"]
        if not found:
            raise ActFailedError(f"service {name} is not described")
        described: dict[str, Any] = found[0]
        return described

    def events(self, name: str = SERVICE, cluster: str = CLUSTER, since: int = 0) -> list[str]:
        """Messages of the service's events, oldest first, without the first `since`."""
        messages = [event["message"] for event in reversed(self.service(name, cluster)["events"])]
        return messages[since:]

    def event(self, *parts: str, name: str = SERVICE, since: int = 0, timeout_seconds: float = 60.0) -> str:
        """Wait for an event that contains every part."""

        def matching() -> str | None:
            return next((m for m in self.events(name, since=since) if all(part in m for part in parts)), None)

        return self.until(f"an event says '{' ... '.join(parts)}'", matching, timeout_seconds)

    def expect_started(self, count: int, since: int = 0) -> None:
        """Raise ActFailedError unless the service's events tell of exactly so many started tasks."""
        texts = [message for message in self.events(since=since) if "has started " in message]
        started = sum(text.count("(task ") for text in texts)
        check(started == count, f"{started} tasks were started instead of {count}: {'; '.join(texts)}")

    def tasks(self, desired_status: str = "RUNNING", service: str | None = SERVICE) -> list[dict[str, Any]]:
        query: dict[str, Any] = {"cluster": CLUSTER, "desiredStatus": desired_status}
        if service:
            query["serviceName"] = service
        arns = self.ecs.list_tasks(**query)["taskArns"]
        if not arns:
            return []
        described: list[dict[str, Any]] = self.ecs.describe_tasks(cluster=CLUSTER, tasks=arns)["tasks"]
        return described

    def task(self, arn: str) -> dict[str, Any]:
        found = self.ecs.describe_tasks(cluster=CLUSTER, tasks=[arn])["tasks"]
        if not found:
            raise ActFailedError(f"task {arn} is not described")
        described: dict[str, Any] = found[0]
        return described

    def target_states(self) -> dict[tuple[str, int], str]:
        """(instance id, port) -> state, of the story's target group."""
        answer = self.elbv2.describe_target_health(TargetGroupArn=self.props.target_group_arn)
        return {
            (entry["Target"]["Id"], entry["Target"]["Port"]): entry["TargetHealth"]["State"]
            for entry in answer["TargetHealthDescriptions"]
        }

    def steady(self, running: int, timeout_seconds: float = 90.0) -> list[dict[str, Any]]:
        """Wait until exactly `running` tasks run, all targets are healthy and one deployment is left.

        Raises ActFailedError after the timeout, with what is the case instead.
        """

        def is_steady() -> list[dict[str, Any]] | None:
            described = self.service()
            states = list(self.target_states().values())
            is_settled = (
                described["runningCount"] == described["desiredCount"] == running
                and described["pendingCount"] == 0
                and len(described["deployments"]) == 1
                and states == ["healthy"] * running
            )
            return self.tasks() if is_settled else None

        drain = self.stage.timings.drain_seconds
        try:
            return self.until(f"{running} task(s) run steadily", is_steady, timeout_seconds + drain)
        except ActFailedError as error:
            raise ActFailedError(f"{error}; instead {self._standing()}") from error

    def _standing(self) -> str:
        """How the service stands, for people: counts, targets, tasks and the newest events."""
        described = self.service()
        tasks = [f"{task['taskArn'][-8:]} {task['lastStatus']}" for task in self.tasks()]
        targets = [f"{port} {state}" for (_, port), state in self.target_states().items()]
        return (
            f"{described['runningCount']} running, {described['pendingCount']} pending, "
            f"{described['desiredCount']} desired in {len(described['deployments'])} deployment(s); "
            f"tasks: {', '.join(tasks)}; targets: {', '.join(targets)}; "
            f"events: {' / '.join(self.events()[-5:])}"
        )

    # Load

    @property
    def load(self) -> LoadGenerator:
        if self.props.load is None:
            raise ActFailedError("the load generator does not run: an earlier act failed")
        return self.props.load

    def expect_no_failure(self, tally: Tally) -> None:
        if tally.failures:
            raise ActFailedError(f"{len(tally.failures)} of {tally.sent} requests failed: {tally.reasons()}")
        if not tally.completed:
            raise ActFailedError("no request was answered")


class Act(Protocol):
    """One act: `play` returns the figures for the closing table or raises ActFailedError."""

    number: int
    title: str

    def play(self, story: Story) -> Sequence[str]: ...


def check(holds: object, otherwise: str) -> None:
    """Raise ActFailedError with `otherwise` unless `holds`."""
    if not holds:
        raise ActFailedError(otherwise)


def filters(**values: str | Sequence[str]) -> list[Mapping[str, object]]:
    """EC2 filters from keyword arguments, underscores standing for dashes."""
    return [
        {"Name": name.replace("_", "-"), "Values": [value] if isinstance(value, str) else list(value)}
        for name, value in values.items()
    ]
