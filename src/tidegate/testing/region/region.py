"""The region itself: control and its nodes, step by step, with everything that may go wrong."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from tidegate.control.controllers import ControlContext, Driver
from tidegate.control.controllers.region import controllers
from tidegate.control.decisions.invariants import Fault, is_serving
from tidegate.control.settings import RegionSettings
from tidegate.control.store import DatabaseLostError, MemoryDatabase, Store, StoreFailedError
from tidegate.control.store.database import StoredRow
from tidegate.control.store.tables import ALL, CLUSTERS, CONTAINER_INSTANCES, SERVICES
from tidegate.testing.builders import a_cluster
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds
from tidegate.testing.region.nodes import Nodes, arrival
from tidegate.testing.region.users import Action, Users
from tidegate.testing.region.watch import Watch

HOST_LOST_AFTER = timedelta(seconds=30)
# How long a healed region may take to come to rest: drains, graces, the 40 s of tasks that nothing
# checks, and the detection of lost hosts, one after another, stay well below.
REST_WITHIN_SECONDS = 600


class SimulationFault(AssertionError):
    """What broke, in which step of which seed, and what happened before."""

    def __init__(self, seed: int, step: int, faults: Sequence[Fault], history: Sequence[str]) -> None:
        lines = [f"seed {seed}, step {step}:", *(f"  {fault}" for fault in faults), "before that:"]
        super().__init__("\n".join([*lines, *(f"  {line}" for line in history[-15:])]))
        self.seed = seed


class CrashingDatabase(MemoryDatabase):
    """Memory that outlives control. After `crash_in` more writes control dies, with the next one kept or
    not."""

    def __init__(self) -> None:
        super().__init__()
        self.crash_in: int | None = None
        self.is_kept = True
        self.is_down = False

    def write(self, rows: Sequence[StoredRow], revision: int) -> None:
        if self.is_down:
            raise DatabaseLostError
        if self.crash_in == 0:
            self.is_down = True
            if self.is_kept:
                super().write(rows, revision)
            raise DatabaseLostError
        if self.crash_in is not None:
            self.crash_in -= 1
        super().write(rows, revision)


class Region:
    """`run` plays a seed and raises SimulationFault at the first thing that is not as it must be."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.step = 0
        self.history: list[str] = []
        self.clock = FakeClock()
        # One stream of chance for each actor: a new choice here does not renumber everything there.
        self._chance = random.Random(f"region {seed}")
        self._ids = SeededIds(seed)
        self._users = Users(random.Random(f"users {seed}"), self._ids)
        self._nodes = Nodes(seed)
        self._database = CrashingDatabase()
        self._watch = Watch(self.clock)

    async def run(self, steps: int = 200) -> None:
        """Trouble for so many steps, then peace, then rest."""
        self._start_control()
        await self._write(lambda tx: tx.put(CLUSTERS, a_cluster()))
        await self._launch()
        for self.step in range(1, steps + 1):
            await self._trouble()
            await self._pass_time(self._chance.choice((0.2, 1, 1, 3, 10)))
        await self._come_to_rest()
        await self._look_again()

    def _start_control(self) -> None:
        """A new control process: all that it knows is what was kept."""
        self._database.is_down, self._database.crash_in = False, None
        self.store = Store(self._database, ALL)
        self.store.load()
        self._watch.follow(self.store)
        self.driver = Driver(self.store, controllers(self._context()), self.clock)

    def _context(self) -> ControlContext:
        return ControlContext(
            store=self.store,
            clock=self.clock,
            ids=self._ids,
            settings=RegionSettings(
                region="us-east-1", account="000000000000", network="127.80", endpoint="127.0.0.1:4566"
            ),
            host_lost_after=HOST_LOST_AFTER,
            started_at=self.clock.now(),
        )

    async def _write(self, action: Action) -> bool:
        """A transaction of a user or a node; False when control dies under it."""
        try:
            await self.store.transact(action)
        except (StoreFailedError, DatabaseLostError):
            return False
        return True

    async def _launch(self) -> None:
        while (launch := self._nodes.launch_missing(self.clock.now())) is not None:
            await self._write(launch)

    async def _trouble(self) -> None:
        now, chance = self.clock.now(), self._chance.random()
        if chance < 0.35:
            asked = self._users.ask(self.store.snapshot, now)
            if asked is not None:
                self._note(f"request: {asked.__qualname__.split('.')[1]}")
                await self._write(asked)
        elif chance < 0.5:
            self._note(self._nodes.break_something(now))
        elif chance < 0.52 and self._nodes.alive:
            victim = self._chance.choice(self._nodes.alive).ec2_id
            self._note(f"request: terminate {victim}")
            await self._write(self._users.terminate(victim))
        if self._chance.random() < 0.15:
            self._database.is_kept = self._chance.random() < 0.5
            self._database.crash_in = self._chance.randint(0, 6)
        await self._launch()

    async def _pass_time(self, seconds: float) -> None:
        self.clock.advance(seconds)
        now = self.clock.now()
        for change in self._nodes.sessions(self.store.snapshot, now):
            await self._write(change)
        self._nodes.hear(self.store.snapshot, self._users.qualities, now)
        for agent, report in self._nodes.mail():
            if await self._write(arrival(report, now)):
                agent.acknowledged(report)
        for health in self._nodes.telemetry(now, self._watch.rows.checked):
            await self._write(health)
        if self._chance.random() < 0.9:
            await self._write(lambda tx: self._nodes.balancer.report(tx, now))
        await self.driver.settle()
        while self._database.is_down:
            await self._restart_control()
        self._check()

    async def _restart_control(self) -> None:
        self._note("control dies and comes back")
        self._nodes.lose_sessions(self.clock.now())
        self._start_control()
        for change in self._nodes.sessions(self.store.snapshot, self.clock.now()):
            await self._write(change)
        await self.driver.settle()

    def _check(self) -> None:
        found = self._watch.look() + self._nodes.faults(self.store.snapshot)
        for name, status in self.driver.status.items():
            found += [Fault("no pass fails", f"{name} {k}", why) for k, why in status.failing.items()]
        if found:
            raise SimulationFault(self.seed, self.step, found, self.history)

    async def _come_to_rest(self) -> None:
        """Everything heals; then the region must reach what its users asked for."""
        self._note("peace")
        self._database.crash_in = None
        await self._make_peace()
        for _ in range(REST_WITHIN_SECONDS // 2):
            await self._pass_time(2)
            self._nodes.heal(self.clock.now())
            await self._launch()
            if not self._unrest():
                return
        raise SimulationFault(self.seed, self.step, self._unrest(), self.history)

    async def _make_peace(self) -> None:
        now = self.clock.now()
        for row in list(self.store.snapshot.all(CONTAINER_INSTANCES)):
            await self._write(self._users.activate(row.arn))
        for service in list(self.store.snapshot.all(SERVICES)):
            if service.status == "ACTIVE":
                await self._write(self._users.make_whole(service, now))

    def _unrest(self) -> list[Fault]:
        """Where the region is not yet what its users asked for."""
        found: list[Fault] = []
        rows, now = self._watch.rows, self.clock.now()
        for arn, service in sorted(rows.services.items()):
            live = rows.live_of(arn)
            serving = sum(1 for task in live if is_serving(task, rows, now))
            if service.status == "INACTIVE":
                continue
            is_whole = serving == len(live) == service.desired_count and len(service.deployments) == 1
            if service.status != "ACTIVE" or not is_whole or service.steady_at is None:
                tasks = ", ".join(f"{t.id[:4]} {t.last_status} {(t.deployment_id or '')[-4:]}" for t in live)
                detail = (
                    f"{service.status}, {serving} serve of {len(live)} for {service.desired_count}, "
                    f"deployments {[(d.id[-4:], d.rollout_state) for d in service.deployments]}: {tasks}"
                )
                found.append(Fault("steady state in the end", service.name, detail))
        return found

    async def _look_again(self) -> None:
        """A second look at every key changes nothing."""
        commits, revision = self.store.commits, self.store.snapshot.revision
        self.driver = Driver(self.store, controllers(self._context()), self.clock)
        await self.driver.settle()
        if (self.store.commits, self.store.snapshot.revision) != (commits, revision):
            changed = Fault(
                "a second look changes nothing", "region", f"{self.store.commits - commits} commits"
            )
            raise SimulationFault(self.seed, self.step, [changed], self.history)

    def _note(self, line: str) -> None:
        self.history.append(f"{self.step}: {line}")
