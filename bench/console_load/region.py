"""`python -m bench.console_load.region TASKS CHANGES`: a control with so many running tasks, of which so many
changes a second are made until it is told to end.

Real API, controllers, driver and agents' conversations, and the console; the store and the agents are in
memory. The first line that it prints is the port that it answers on, the last how many changes it made, a
second.
"""

from __future__ import annotations

import asyncio
import os
import random
import signal
import socket
import sys
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import structlog
import uvloop

from bench.measuring.memory_agent import MemoryAgent
from tidegate.control import garbage
from tidegate.control.api.ec2.defaults import ensure_defaults
from tidegate.control.api.late import LateFrontEnds
from tidegate.control.console import Console
from tidegate.control.controllers import ControlContext, Driver
from tidegate.control.controllers.region import controllers
from tidegate.control.decisions.tasks import USER_INITIATED, stop_task
from tidegate.control.http_server import HttpServer
from tidegate.control.importing import Importer
from tidegate.control.nodes.agents import AgentConversations
from tidegate.control.nodes.context import NodeContext
from tidegate.control.store import Changes, Store, Transaction
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, SERVICES, TASK_DEFINITIONS, TASKS
from tidegate.domain.ecs import Container, ContainerInstance, Task, TaskDefinition, VersionInfo
from tidegate.domain.time import Clock, SystemClock
from tidegate.testing.api import ACCESS_KEY, ACCOUNT, SECRET_KEY, api_context
from tidegate.testing.builders import (
    ARNS,
    CLUSTER,
    a_cluster,
    a_container_instance,
    a_definition,
    a_service,
    a_task,
)
from tidegate.wire import AwsApplication

TASKS_PER_INSTANCE = 25
TASKS_PER_SERVICE = 100
# A task that is stopped and replaced: told to stop, stopped, released; made, acknowledged, running.
CHANGES_PER_STOP = 6
# Every tenth task is left alone, so that there is something that can stay selected.
KEPT = 10
PERIOD_SECONDS = 0.2
# All tasks are written once while the agents connect.
QUIET_SECONDS = 3.0


def fill(tx: Transaction, tasks: int) -> None:
    """Services of a hundred running tasks each, on instances that hold a few more than they have."""
    definition = a_definition(cpu=32, memory_mib=32)
    rows = _instances(tasks)
    tx.put(CLUSTERS, a_cluster())
    tx.put(TASK_DEFINITIONS, definition)
    for row in rows:
        tx.put(CONTAINER_INSTANCES, replace(row, agent_connected=False))
    for number in range(tasks // TASKS_PER_SERVICE):
        service = a_service(f"web-{number:02}", desired=TASKS_PER_SERVICE, group_arn=None)
        deployment = replace(
            service.deployments[0], id=f"ecs-svc/{number}", task_definition_arn=definition.arn
        )
        service = replace(service, deployments=(deployment,), task_definition_arn=definition.arn)
        tx.put(SERVICES, service)
        for index in range(number * TASKS_PER_SERVICE, (number + 1) * TASKS_PER_SERVICE):
            place = rows[index // TASKS_PER_INSTANCE]
            port = 32768 + index % TASKS_PER_INSTANCE
            task = a_task(index, of=service, on=place, host_port=port, cpu=32, memory_mib=32)
            tx.put(TASKS, _whole(task, deployment.id, definition))


def _whole(task: Task, deployment_id: str, definition: TaskDefinition) -> Task:
    """As its replacement will be: a list grows with what its rows say."""
    (container,) = definition.containers
    arn = ARNS.container(CLUSTER, task.id, str(uuid.UUID(hex=task.id)))
    return replace(
        task,
        deployment_id=deployment_id,
        started_by=deployment_id,
        task_definition_arn=definition.arn,
        acknowledged_at=task.created_at,
        containers=(Container(arn=arn, name=container.name, image=container.image),),
    )


def _instances(tasks: int) -> Sequence[ContainerInstance]:
    rows = range(tasks // TASKS_PER_INSTANCE)
    return [a_container_instance(number + 1, cpu=4096, memory_mib=8192) for number in rows]


class Changing:
    """Stops tasks at random, which their services replace; `made` counts every change of a task."""

    def __init__(self, store: Store, clock: Clock, rate: float) -> None:
        self._store, self._clock, self._rate = store, clock, rate
        self._random = random.Random(1)
        self.made = 0

    async def run(self) -> None:
        await asyncio.sleep(QUIET_SECONDS)
        self._began = time.monotonic()
        self._store.subscribe(self._count)
        due = 0.0
        while True:
            await asyncio.sleep(PERIOD_SECONDS)
            due += self._rate / CHANGES_PER_STOP * PERIOD_SECONDS
            await self._store.transact(lambda tx, number=int(due): self._stop(tx, number))
            due -= int(due)

    @property
    def per_second(self) -> float:
        return self.made / (time.monotonic() - self._began)

    def _stop(self, tx: Transaction, number: int) -> None:
        running = [task for task in tx.by(TASKS, "live", "live") if task.last_status == "RUNNING"]
        loose = [task for task in running if int(task.arn[-8:], 16) % KEPT]
        for task in self._random.sample(loose, min(number, len(loose))):
            now = self._clock.now()
            stopped = stop_task(task, has_targets=False, now=now, code=USER_INITIATED, reason="The bench's.")
            tx.put(TASKS, stopped)

    def _count(self, changes: Changes) -> None:
        self.made += sum(change.table is TASKS for change in changes)


async def serve(tasks: int, rate: float) -> None:
    """Until SIGTERM."""
    clock = SystemClock()
    api = api_context(clock)
    store = api.store
    await ensure_defaults(api)
    await store.transact(lambda tx: fill(tx, tasks))
    shared: dict[str, Any] = {"store": store, "clock": clock, "ids": api.ids, "settings": api.settings}
    conversations = AgentConversations(NodeContext(**shared))
    driver = Driver(store, controllers(ControlContext(**shared, started_at=clock.now())), clock)
    listening = socket.create_server(("127.0.0.1", 0))
    server = HttpServer(_application(api, clock))
    changing = Changing(store, clock, rate)
    jobs: list[asyncio.Task[Any]] = [asyncio.create_task(server.serve(sockets=[listening]))]
    for row in _instances(tasks):
        talk = conversations.serve(MemoryAgent(store, clock), row, VersionInfo())
        jobs.append(asyncio.create_task(talk))
    jobs += [asyncio.create_task(driver.run()), asyncio.create_task(changing.run())]
    garbage.keep_collections_short()
    print(listening.getsockname()[1], flush=True)
    told = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, told.set)
    await told.wait()
    print(f"{changing.per_second:.1f}", flush=True)
    # Nothing is kept, and nobody waits for an end in good order.
    os._exit(0)


def _application(api: Any, clock: Clock) -> Console:
    credentials = {ACCESS_KEY: SECRET_KEY}
    aws = AwsApplication(
        LateFrontEnds(Importer()).find,
        credentials=credentials,
        context=api,
        account=ACCOUNT,
        clock=clock,
        ids=api.ids,
    )
    return Console(
        store=api.store,
        clock=clock,
        credentials=credentials,
        sessions=api.sessions,
        settings=api.settings,
        started_at=clock.now(),
        otherwise=aws,
    )


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(30))
    uvloop.run(serve(int(sys.argv[1]), float(sys.argv[2])))
