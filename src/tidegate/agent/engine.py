"""Drives tasks: looks at the runtime, decides, acts, records what is to be reported.

One job per task that needs attention, never two at once for one task. A job looks at the whole truth
about its task each time, whether it was woken by an order, by a container's end or by the clock. A step
that changed nothing is not taken again at once: the next event or look decides.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from time import time

import structlog

from tidegate.agent.decisions.containers import ContainerView, TaskStep, next_step
from tidegate.agent.ledger import Ledger, Record
from tidegate.agent.payload import ContainerPayload, TaskPayload
from tidegate.agent.runtime import ContainerState, Runtime, RuntimeFault, RuntimeUnavailableError

LOOK_EVERY_SECONDS = 5.0
FORGET_AFTER_SECONDS = 600.0

_log = structlog.get_logger(__name__)


# What has to be there before a container starts; raises RuntimeFault.
Prepare = Callable[[TaskPayload, ContainerPayload], Awaitable[None]]


async def _nothing(task: TaskPayload, container: ContainerPayload) -> None:
    """Nothing has to be there."""


class Engine:
    """Tasks of one agent. `report` is called when a task may have something to report, `prepare` before a
    container starts. `errors`: how often the runtime did not answer, and containers failed to start;
    `is_answered`: whether it answered last. `may_forget`: whether nobody needs a stopped task's record."""

    def __init__(
        self,
        ledger: Ledger,
        runtime: Runtime,
        report: Callable[[str], None],
        prepare: Prepare = _nothing,
    ) -> None:
        self._ledger = ledger
        self._runtime = runtime
        self._report = report
        self._prepare = prepare
        self.may_forget: Callable[[Record], bool] = lambda _: True
        self._jobs: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self.errors: Counter[str] = Counter({"unavailable": 0, "start": 0})
        self.is_answered = True
        self.states: dict[tuple[str, str], ContainerState] = {}

    def accept(self, payload: TaskPayload) -> None:
        """Take an order; on disk when this returns. Only the wish to stop changes a known task."""
        record = self._ledger.records.get(payload.arn)
        if record is None:
            record = Record(payload=payload, is_wanted=payload.desired_status == "RUNNING")
        elif payload.desired_status == "STOPPED":
            record.is_wanted = False
        else:
            return
        self._ledger.save(record)
        self.wake(payload.arn)

    def refuse(self, arn: str, reason: str) -> None:
        """Report a task that cannot be understood as STOPPED."""
        if arn not in self._ledger.records:
            self._ledger.save(Record(payload=TaskPayload(arn=arn), is_wanted=False, reason=reason))
            self.wake(arn)

    def wake(self, arn: str) -> None:
        """Look at a task now, or once more when its job runs already."""
        if arn not in self._ledger.records:
            return
        job = self._jobs.get(arn)
        if job is not None and not job.done():
            self._again.add(arn)
            return
        self._jobs[arn] = asyncio.create_task(self._drive(arn))

    def wake_id(self, task_id: str) -> None:
        for arn, record in list(self._ledger.records.items()):
            if record.payload.id == task_id:
                self.wake(arn)

    async def run(self) -> None:
        """Look at every task from time to time: a lost event costs seconds, not a task."""
        while True:
            for arn, record in list(self._ledger.records.items()):
                if record.reported == "STOPPED":
                    await self._clean_up(arn, record)
                else:
                    self.wake(arn)
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def close(self) -> None:
        for job in self._jobs.values():
            job.cancel()
        await asyncio.gather(*self._jobs.values(), return_exceptions=True)

    async def _drive(self, arn: str) -> None:
        taken: TaskStep | None = None
        while True:
            self._again.discard(arn)
            try:
                following = await self._step(self._ledger.records[arn], taken)
            except RuntimeUnavailableError as error:
                self.note_unavailable(error)
                await asyncio.sleep(1.0)
                continue
            if following is None and arn not in self._again:
                return
            taken = following

    async def _step(self, record: Record, taken: TaskStep | None) -> TaskStep | None:
        """One look and its actions: the step that was taken. None when there was nothing to do, or nothing
        but what was `taken` just before."""
        await self._look(record)
        self._report(record.payload.arn)
        step = self.decide(record)
        if step.blocked and step.blocked.items() - record.failures.items():
            record.failures |= step.blocked
            self._ledger.save(record)
        if step.status == "STOPPED" and record.stopped_at is None:
            record.stopped_at = time()
            self._ledger.save(record)
        if not step.start and not step.stop:
            return None
        if step == taken:
            _log.warning("step changed nothing", task=record.payload.id, start=step.start, stop=step.stop)
            return None
        if step.start and record.pull_started_at is None:
            record.pull_started_at = time()
        await asyncio.gather(
            *(self._start(record, name) for name in step.start),
            *(self._stop(record, name) for name in step.stop),
        )
        return step

    async def _look(self, record: Record) -> None:
        """Take over what the runtime says of this task."""
        task_id = record.payload.id
        present = await self._runtime.containers(task_id)
        self.is_answered = True
        for container in record.payload.containers:
            self.states.pop((task_id, container.name), None)
        self.states |= present
        fresh = [name for _, name in present if name not in record.seen]
        running = {name for (_, name), state in present.items() if state.status == "running"}
        started = running - record.running_since.keys()
        if fresh or started:
            record.seen.extend(fresh)
            record.running_since |= dict.fromkeys(started, time())
            self._ledger.save(record)

    def decide(self, record: Record) -> TaskStep:
        """What the task's containers do next, from what was last seen of them."""
        views = [self._view(record, name) for name in (c.name for c in record.payload.containers)]
        return next_step(views, is_wanted=record.is_wanted)

    def _view(self, record: Record, name: str) -> ContainerView:
        definition = record.payload.container(name)
        links = [(link.split(":")[0], "START") for link in definition.links]
        dependencies = [(d.container_name, d.condition) for d in definition.depends_on]
        running_since = record.running_since.get(name)
        view = ContainerView(
            name=name,
            essential=definition.essential,
            depends_on=tuple(links + dependencies),
            start_timeout_seconds=definition.start_timeout,
            running_seconds=time() - running_since if running_since else 0,
        )
        if self.has_failed(record, name):
            return replace(view, status="failed")
        state = self.states.get((record.payload.id, name))
        if state is not None:
            return replace(view, status=state.status, exit_code=state.exit_code, health=state.health)
        # It was there once: somebody removed it behind our back.
        return replace(view, status="stopped" if name in record.seen else "none")

    def has_failed(self, record: Record, name: str) -> bool:
        """Whether a container could not be started, whatever the attempt left behind. One that runs after
        all has to be stopped like any other."""
        state = self.states.get((record.payload.id, name))
        return name in record.failures and (state is None or state.status != "running")

    async def _start(self, record: Record, name: str) -> None:
        payload = record.payload
        try:
            await self._prepare(payload, payload.container(name))
            await self._runtime.start(payload, payload.container(name))
        except RuntimeFault as fault:
            _log.warning("container failed to start", task=payload.id, container=name, reason=fault.reason)
            record.failures[name] = fault.reason
            self.errors["start"] += 1
        record.pull_stopped_at = record.pull_stopped_at or time()
        self._ledger.save(record)

    async def _stop(self, record: Record, name: str) -> None:
        payload = record.payload
        await self._runtime.stop(payload.id, name, payload.container(name).stop_timeout_seconds)
        if self.states[payload.id, name].status == "created":
            # It never ran, and no reason is shown: its task was told to stop.
            record.failures.setdefault(name, "")
            self._ledger.save(record)

    async def _clean_up(self, arn: str, record: Record) -> None:
        if record.stopped_at is None or time() - record.stopped_at <= FORGET_AFTER_SECONDS:
            return
        if not self.may_forget(record):
            return
        try:
            await self._runtime.remove(record.payload.id)
        except RuntimeUnavailableError as error:
            self.note_unavailable(error)
            return
        for container in record.payload.containers:
            self.states.pop((record.payload.id, container.name), None)
        self._ledger.forget(arn)

    def note_unavailable(self, error: RuntimeUnavailableError) -> None:
        """The runtime did not answer somebody."""
        _log.warning("runtime unavailable", error=str(error))
        self.errors["unavailable"] += 1
        self.is_answered = False
