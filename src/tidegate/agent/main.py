"""One agent from its start to its end."""

from __future__ import annotations

import asyncio
import importlib
import json
import platform
import signal
import uuid
from typing import Any

import aiohttp
import structlog

from tidegate.agent.api import ApiError, EcsApi, UnreachableError
from tidegate.agent.awslogs import LogDriver, Shipper
from tidegate.agent.docker.runtime import DockerRuntime
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger
from tidegate.agent.log_folders import LogFolders
from tidegate.agent.operators import Operated
from tidegate.agent.process.runtime import ProcessRuntime
from tidegate.agent.reports import Reports
from tidegate.agent.runtime import Runtime
from tidegate.agent.session import AcsSession
from tidegate.agent.settings import AgentSettings
from tidegate.agent.telemetry import Telemetry
from tidegate.domain.ecs import DEFAULT_CLUSTER
from tidegate.fleet import logs
from tidegate.fleet.exposition import Exposition
from tidegate.fleet.loop_lag import LagMeter

_log = structlog.get_logger(__name__)

LAG_EVERY_SECONDS = 1.0
# What control's placement and a task definition's requirements are matched against.
CAPABILITIES = (
    "com.amazonaws.ecs.capability.docker-remote-api.1.17",
    "com.amazonaws.ecs.capability.docker-remote-api.1.18",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.docker-remote-api.1.22",
    "com.amazonaws.ecs.capability.docker-remote-api.1.24",
    "com.amazonaws.ecs.capability.docker-remote-api.1.25",
    "com.amazonaws.ecs.capability.docker-remote-api.1.29",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
    "com.amazonaws.ecs.capability.logging-driver.json-file",
    "com.amazonaws.ecs.capability.logging-driver.none",
    "com.amazonaws.ecs.capability.ecr-auth",
    "com.amazonaws.ecs.capability.privileged-container",
    "com.amazonaws.ecs.capability.task-iam-role",
    "com.amazonaws.ecs.capability.task-iam-role-network-host",
    "ecs.capability.container-health-check",
    "ecs.capability.container-ordering",
    "ecs.capability.execution-role-awslogs",
    "ecs.capability.execution-role-ecr-pull",
    "ecs.capability.full-sync",
)


def run(settings: AgentSettings) -> None:
    """Run an agent until SIGTERM; its containers run on."""
    logs.configure()
    asyncio.run(serve(settings))


async def serve(settings: AgentSettings) -> None:
    """The same on a loop that runs already."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    ledger = Ledger(settings.data_dir)
    ledger.load()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopping.set)
    async with aiohttp.ClientSession() as session:
        api = EcsApi(settings, session)
        reports = Reports(ledger, api)
        runtime: Runtime = (
            DockerRuntime(settings) if settings.runtime == "docker" else ProcessRuntime(settings)
        )

        def looked_at(arn: str) -> None:
            reports.wake(arn)
            telemetry.wake()

        driver = LogDriver(api)
        engine = Engine(ledger, runtime, looked_at, driver.prepare)
        shipper = Shipper(settings.data_dir, api, driver, ledger, engine)
        shipper.load()
        engine.may_forget = shipper.has_shipped
        telemetry = Telemetry(settings, session, api, ledger, engine, runtime)
        reports.engine = engine
        acs, lag = AcsSession(settings, session, api, ledger, engine), LagMeter(LAG_EVERY_SECONDS)
        operated = Operated(
            settings=settings,
            ledger=ledger,
            engine=engine,
            shipper=shipper,
            reports=reports,
            acs=acs.record,
            tcs=telemetry.record,
            lag=lag,
        )
        await runtime.open(engine.wake_id)
        jobs = [
            asyncio.create_task(engine.run()),
            asyncio.create_task(shipper.run()),
            asyncio.create_task(LogFolders(settings.data_dir / "logs", ledger, shipper.has_shipped).run()),
            asyncio.create_task(_serve(settings, api, ledger, acs, telemetry)),
            asyncio.create_task(lag.run()),
            asyncio.create_task(_exposition(operated).run()),
        ]
        try:
            await _first_to_end(stopping, jobs)
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            await reports.close()
            await engine.close()
            await runtime.close()


async def _first_to_end(stopping: asyncio.Event, jobs: list[asyncio.Task[None]]) -> None:
    waiter = asyncio.create_task(stopping.wait())
    done, _ = await asyncio.wait([waiter, *jobs], return_when=asyncio.FIRST_COMPLETED)
    waiter.cancel()
    for job in done:
        if job is not waiter:
            # A job ends only by failing: the supervisor starts a fresh agent, which adopts everything.
            job.result()


async def _serve(
    settings: AgentSettings, api: EcsApi, ledger: Ledger, acs: AcsSession, telemetry: Telemetry
) -> None:
    arn = await _register(settings, api, ledger)
    ledger.identify(arn, ledger.sequence)
    discovered = await _persistently(api, "DiscoverPollEndpoint", {"containerInstance": arn})
    async with asyncio.TaskGroup() as group:
        group.create_task(acs.run(discovered["endpoint"]))
        group.create_task(telemetry.run(discovered["telemetryEndpoint"]))


def _exposition(operated: Operated) -> Exposition:
    def text() -> bytes:
        # By its name: whoever is never scraped does not import it.
        content: bytes = importlib.import_module("tidegate.agent.exposition").text(operated)
        return content

    settings = operated.settings
    return Exposition(settings.data_dir, settings.metrics_listen, text, operated.waits_for)


async def _register(settings: AgentSettings, api: EcsApi, ledger: Ledger) -> str:
    document = {
        "accountId": settings.account,
        "availabilityZone": settings.availability_zone,
        "instanceId": settings.instance_id,
        "instanceType": settings.instance_type,
        "privateIp": settings.address,
        "region": settings.region,
    }
    request: dict[str, Any] = {
        "cluster": settings.cluster,
        "clientToken": str(uuid.uuid4()),
        "instanceIdentityDocument": json.dumps(document),
        "instanceIdentityDocumentSignature": "",
        "totalResources": [
            {"name": "CPU", "type": "INTEGER", "integerValue": settings.cpu},
            {"name": "MEMORY", "type": "INTEGER", "integerValue": settings.memory_mib},
            {
                "name": "PORTS",
                "type": "STRINGSET",
                "stringSetValue": ["22", "2375", "2376", "51678", "51679"],
            },
            {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
        ],
        "attributes": [
            *({"name": name} for name in CAPABILITIES),
            {"name": "ecs.os-type", "value": "linux"},
            {"name": "ecs.cpu-architecture", "value": _architecture()},
            {"name": "ecs.instance-type", "value": settings.instance_type},
            {"name": "tidegate.runtime", "value": settings.runtime},
        ],
    }
    if ledger.container_instance_arn:
        request["containerInstanceArn"] = ledger.container_instance_arn
    answer = await _persistently(api, "RegisterContainerInstance", request)
    arn = str(answer["containerInstance"]["containerInstanceArn"])
    _log.info("registered", arn=arn)
    return arn


def _architecture() -> str:
    """The CPU's, as ECS spells it."""
    machine = platform.machine().lower()
    return {"amd64": "x86_64", "aarch64": "arm64"}.get(machine, machine)


async def _persistently(api: EcsApi, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of a call, however long control is away; raises ApiError where repeating is no use."""
    delay = 0.1
    while True:
        try:
            return await api.call(operation, request)
        except UnreachableError as error:
            _log.info("control does not answer", operation=operation, error=str(error))
        except ApiError as error:
            # The cluster may be made later than its instances.
            if error.code != "ClusterNotFoundException":
                raise
            if request.get("cluster") == DEFAULT_CLUSTER:
                # As Amazon's agent does, for this one alone.
                await _persistently(api, "CreateCluster", {"clusterName": DEFAULT_CLUSTER})
                continue
        await asyncio.sleep(delay)
        delay = min(2.0, delay * 2)
