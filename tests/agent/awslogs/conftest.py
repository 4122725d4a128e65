"""A shipper, the log files of one container, and the real Logs API behind a line that can be cut."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tidegate.agent.api import ApiError, UnreachableError
from tidegate.agent.awslogs import LogDriver, Shipper
from tidegate.agent.awslogs.files import rotate
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.payload import ContainerPayload, DockerConfig, TaskPayload
from tidegate.agent.runtime import ContainerState
from tidegate.control.api import logs
from tidegate.control.api.context import ApiContext
from tidegate.control.store.logs import LogQuery
from tidegate.testing.api import api_context
from tidegate.testing.clock import EPOCH, FakeClock
from tidegate.wire import Call, Fault
from tidegate.wire.protocols import codec

TASK = "0123456789abcdef0123456789abcdef"
ARN = f"arn:aws:ecs:us-east-1:000000000000:task/c/{TASK}"


@dataclass
class LogsApi:
    """`is_away`: no call arrives. `loses_answers`: calls arrive, their answers do not."""

    context: ApiContext
    is_away: bool = False
    loses_answers: bool = False
    calls: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)

    async def call(self, operation: str, request: Mapping[str, Any], service: str = "ecs") -> dict[str, Any]:
        assert service == "logs"
        if self.is_away:
            raise UnreachableError("cut")
        self.calls.append((operation, request))
        parameters = codec("json", "logs", operation).parse(json.dumps(request).encode())
        call = Call(
            service="logs",
            operation=operation,
            parameters=parameters,
            region="us-east-1",
            account="0",
            access_key_id="a",
        )
        try:
            answer = await logs.FRONT_END.operations[operation].handler(self.context, call)
        except Fault as fault:
            raise ApiError(fault.code, fault.message, fault.members) from fault
        if self.loses_answers:
            raise UnreachableError("cut before the answer")
        return dict(answer)


@dataclass
class Bench:
    folder: Path
    api: LogsApi
    clock: FakeClock
    shipper: Shipper
    ledger: Ledger
    engine: Engine

    @property
    def path(self) -> Path:
        return self.folder / "logs" / TASK / "main.log"

    def write(self, text: str, *, rotates: int = 0) -> None:
        """Write as it is to the container's log, then move it aside where that many files are kept."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("ab") as file:
            file.write(text.encode())
        if rotates:
            rotate(self.path, rotates)
            self.path.touch()

    def stamped(self, *lines: str) -> str:
        """The lines as they are in a log, a second apart."""
        found = []
        for line in lines:
            self.clock.advance(1)
            found.append(f"{self.clock.now():%Y-%m-%dT%H:%M:%S}.250Z {line}\n")
        return "".join(found)

    def end(self) -> None:
        """The container ends, and nothing is written any more."""
        state = ContainerState(task_id=TASK, name="main", status="stopped", runtime_id="r1")
        self.engine.states[TASK, "main"] = state

    def restarted(self) -> Bench:
        """With another agent, which knows what is on disk."""
        return a_bench(self.folder, self.api, self.clock, self.ledger, self.engine)

    async def shipped(self, group: str = "shop", stream: str | None = None) -> list[str]:
        row = self.api.context.store.snapshot.get(_groups(), group)
        assert row is not None
        names = await self.api.context.logs.streams_by_name(row.id, size=10)
        found, after = [], None
        while True:
            query = LogQuery(group=row.id, begin=0, end=2**53, after=after)
            page = await self.api.context.logs.page(query)
            found += page.events
            if page.reached is None:
                break
            after = page.reached
        wanted = {one.id for one in names if stream in (None, one.name)}
        return [event.message for event in found if event.place.stream in wanted]


def _groups() -> Any:
    from tidegate.control.store.tables import LOG_GROUPS

    return LOG_GROUPS


def container(**options: str) -> ContainerPayload:
    """Of the driver awslogs, with options whose names are written with underscores."""
    config = {name.replace("_", "-"): value for name, value in options.items()}
    host_config = {"LogConfig": {"Type": "awslogs", "Config": config}}
    return ContainerPayload(
        name="main", image="i", docker_config=DockerConfig(host_config=json.dumps(host_config))
    )


def a_bench(folder: Path, api: LogsApi, clock: FakeClock, ledger: Ledger, engine: Engine) -> Bench:
    driver = LogDriver(api)  # type: ignore[arg-type] # it has the one method that is used
    shipper = Shipper(
        folder,
        api,  # type: ignore[arg-type]
        driver,
        ledger,
        engine,
        now=lambda: 2**32,
    )
    shipper.load()
    return Bench(folder, api, clock, shipper, ledger, engine)


@pytest.fixture
def options() -> dict[str, str]:
    return {"awslogs_group": "shop", "awslogs_stream_prefix": "web", "awslogs_create_group": "true"}


@pytest.fixture
def bench(tmp_path: Path, options: dict[str, str]) -> Bench:
    return made(tmp_path, options)


def made(folder: Path, options: dict[str, str]) -> Bench:
    clock = FakeClock(EPOCH + timedelta(days=1))
    ledger = Ledger(folder)
    task = TaskPayload(arn=ARN, containers=[container(**options)])
    ledger.records[ARN] = Record(payload=task)
    engine = Engine(ledger, None, lambda _: None)  # type: ignore[arg-type] # it starts nothing
    return a_bench(folder, LogsApi(api_context(clock)), clock, ledger, engine)
