"""Control on a real port, with the real store: an agent's whole life over HTTP and websockets."""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.agents import AGENT_OPERATIONS
from tidegate.control.controllers.driver import Driver
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.nodes.context import NodeContext
from tidegate.control.serving import Serving
from tidegate.control.settings import ControlSettings, RegionSettings, SettingsError
from tidegate.control.status import StatusPage
from tidegate.control.store import Store, Transaction
from tidegate.control.store.logs import LogFile, LogStore
from tidegate.control.store.opening import open_database
from tidegate.control.store.series import SeriesFile, SeriesStore
from tidegate.control.store.tables import (
    ALL,
    CLUSTERS,
    CONTAINER_INSTANCES,
    INSTANCES,
    LISTENERS,
    TASK_DEFINITIONS,
    TASKS,
)
from tidegate.domain.ecs import ContainerInstance, Task
from tidegate.domain.ids import RandomIds
from tidegate.domain.time import SystemClock
from tidegate.fleet.exposition import Exposition
from tidegate.fleet.hosting import STATUS_PATH
from tidegate.fleet.loop_lag import LagMeter
from tidegate.testing.builders import CLUSTER, a_cluster, a_definition, a_task, an_instance, ec2_id
from tidegate.testing.load_balancers import a_listener
from tidegate.wire import AwsApplication, FrontEnd, among
from tidegate.wire.sigv4 import sign_headers

KEY, SECRET = "AKIATEST", "secret"


@dataclass
class Node:
    """A client that signs: the other end of everything here."""

    address: str
    http: aiohttp.ClientSession
    secret: str = SECRET

    def sign(self, method: str, path: str, service: str, **more: Any) -> dict[str, str]:
        return sign_headers(
            method=method,
            host=self.address,
            path=path,
            service=service,
            region="us-east-1",
            access_key_id=KEY,
            secret_key=self.secret,
            now=datetime.now(UTC),
            **more,
        )

    async def call(self, operation: str, request: Mapping[str, Any]) -> tuple[int, dict[str, Any]]:
        body = json.dumps(request).encode()
        headers = {
            "Content-Type": "application/x-amz-json-1.1",
            "X-Amz-Target": f"AmazonEC2ContainerServiceV20141113.{operation}",
        }
        headers |= self.sign("POST", "/", "ecs", headers=headers, body=body)
        async with self.http.post(f"http://{self.address}/", data=body, headers=headers) as answer:
            return answer.status, json.loads(await answer.read())

    async def connect(
        self, path: str, query: Mapping[str, str] | None = None, service: str = "ecs"
    ) -> aiohttp.ClientWebSocketResponse:
        headers = self.sign("GET", path, service, query=list((query or {}).items()))
        url = f"http://{self.address}{path}"
        return await self.http.ws_connect(url, params=dict(query or {}), headers=headers)


@dataclass
class Control:
    address: str
    store: Store
    serving: Serving
    job: asyncio.Task[int]


@pytest.fixture
async def control(tmp_path: Path) -> AsyncIterator[Control]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    address = f"127.0.0.1:{listener.getsockname()[1]}"
    region = RegionSettings(region="us-east-1", account="000000000000", network="127.80", endpoint=address)
    settings = ControlSettings(
        region=region, data_dir=tmp_path, access_key=KEY, secret_key=SECRET, listen_fd=listener.detach()
    )
    store = Store(open_database(settings.database), ALL)
    clock, ids, credentials = SystemClock(), RandomIds(), {KEY: SECRET}
    series = SeriesStore(SeriesFile(settings.series_path), clock)
    logs = LogStore(LogFile(settings.logs_path), clock)
    context = ApiContext(store=store, series=series, logs=logs, clock=clock, ids=ids, settings=region)
    aws = AwsApplication(
        among([FrontEnd("ecs", AGENT_OPERATIONS)]),
        credentials=credentials,
        context=context,
        account=region.account,
        clock=clock,
        ids=ids,
    )
    nodes = NodeApplication(NodeContext(store=store, clock=clock, ids=ids, settings=region), credentials)
    driver, lag = Driver(store, [], clock), LagMeter()
    status = StatusPage(
        store=store,
        driver=driver,
        nodes=nodes,
        lag=lag,
        clock=clock,
        credentials=credentials,
        started_at=clock.now(),
    )

    async def http(scope: Any, receive: Any, send: Any) -> None:
        await (status if scope["path"] == STATUS_PATH else aws)(scope, receive, send)

    async def nothing() -> None:
        pass

    serving = Serving(
        settings,
        store=store,
        series=series,
        logs=logs,
        driver=driver,
        nodes=nodes,
        http=http,
        lag=lag,
        exposition=Exposition(settings.folder, None, lambda: b"", tuple[str, ...]),
        before_driving=nothing,
        beside=nothing,
    )
    await store.transact(lambda tx: tx.put(CLUSTERS, a_cluster()))
    await store.transact(lambda tx: tx.put(TASK_DEFINITIONS, a_definition()))
    job = asyncio.create_task(serving.run())
    yield Control(address, store, serving, job)
    serving.stop()
    await job


@pytest.fixture
async def node(control: Control) -> AsyncIterator[Node]:
    async with aiohttp.ClientSession() as http:
        yield Node(control.address, http)


REGISTRATION = {
    "cluster": CLUSTER,
    "clientToken": "0f0f",
    "instanceIdentityDocument": json.dumps({"instanceId": "i-1", "privateIp": "127.80.1.1"}),
    "totalResources": [
        {"name": "CPU", "type": "INTEGER", "integerValue": 1024},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": 983},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22"]},
    ],
    "attributes": [{"name": "ecs.os-type", "value": "linux"}],
}


async def registered(node: Node) -> str:
    status, answer = await node.call("RegisterContainerInstance", REGISTRATION)
    assert status == 200, answer
    return str(answer["containerInstance"]["containerInstanceArn"])


def acs_query(arn: str) -> dict[str, str]:
    # A value with a space: signed as %20, sent as +.
    return {
        "agentHash": "abc",
        "agentVersion": "1.105.1",
        "clusterArn": CLUSTER,
        "containerInstanceArn": arn,
        "dockerVersion": "DockerVersion: 20.10.24",
        "protocolVersion": "2",
        "sendCredentials": "true",
        "seqNum": "1",
    }


def row_of(control: Control, arn: str) -> ContainerInstance:
    row = control.store.snapshot.get(CONTAINER_INSTANCES, arn)
    assert row is not None
    return row


async def next_of(socket: aiohttp.ClientWebSocketResponse, type_: str) -> dict[str, Any]:
    async with asyncio.timeout(5):
        while True:
            frame = await socket.receive_json()
            if frame["type"] == type_:
                return dict(frame["message"])


async def test_an_agents_life(control: Control, node: Node) -> None:
    arn = await registered(node)
    _, found = await node.call("DiscoverPollEndpoint", {"containerInstance": arn, "zoneId": ""})
    assert found["endpoint"] == f"http://{control.address}/acs/"

    socket = await node.connect("/acs/ws", acs_query(arn))
    manifest = await next_of(socket, "TaskManifestMessage")
    assert manifest["tasks"] == []
    assert row_of(control, arn).agent_connected
    assert row_of(control, arn).version_info.docker_version == "DockerVersion: 20.10.24"

    task = replace(a_task(last_status="PENDING"), container_instance_arn=arn)
    await control.store.transact(lambda tx: tx.put(TASKS, task))
    order = await next_of(socket, "PayloadMessage")
    assert order["tasks"][0]["arn"] == task.arn
    acknowledgement = {"messageId": order["messageId"], "cluster": CLUSTER, "containerInstance": arn}
    await socket.send_json({"type": "AckRequest", "message": acknowledgement})

    report = {"cluster": CLUSTER, "task": task.arn, "status": "RUNNING", "reason": "", "containers": []}
    for _ in range(2):
        status, _ = await node.call("SubmitTaskStateChange", report)
        assert status == 200
    running = control.store.snapshot.get(TASKS, task.arn)
    assert isinstance(running, Task)
    assert running.last_status == "RUNNING"

    stopping = replace(running, last_status="STOPPING", desired_status="STOPPED")
    await control.store.transact(lambda tx: tx.put(TASKS, stopping))
    assert (await next_of(socket, "PayloadMessage"))["tasks"][0]["desiredStatus"] == "STOPPED"
    gone = asyncio.Event()
    control.store.subscribe(lambda _: None if row_of(control, arn).agent_connected else gone.set())
    await socket.close()
    await asyncio.wait_for(gone.wait(), 5)


async def test_a_stranger_is_refused_on_every_socket(node: Node) -> None:
    arn = await registered(node)
    stranger = replace(node, secret="wrong")
    for path, query in (("/acs/ws", acs_query(arn)), ("/tcs/ws", None), ("/fleet/host/ws", None)):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
            await stranger.connect(path, query)
        assert refusal.value.status == 403


async def test_keys_of_the_agents_service_do_not_open_the_fleets_sockets(node: Node) -> None:
    with pytest.raises(aiohttp.WSServerHandshakeError) as refusal:
        await node.connect("/fleet/balancer/ws", service="ecs")
    assert refusal.value.status == 403


async def test_an_instance_that_is_not_registered_is_told_so_by_its_name_of_it(node: Node) -> None:
    headers = node.sign("GET", "/acs/ws", "ecs", query=[("containerInstanceArn", "arn:gone")])
    headers |= {"Connection": "Upgrade", "Upgrade": "websocket"}
    headers |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    url = f"http://{node.address}/acs/ws?containerInstanceArn=arn%3Agone"
    async with node.http.get(url, headers=headers) as answer:
        assert answer.status == 400
        assert "InactiveInstanceException" in json.loads(await answer.read())


async def test_telemetry_comes_with_and_without_signed_header_lines(node: Node) -> None:
    arn = await registered(node)
    query = {"cluster": CLUSTER, "containerInstance": arn}
    socket = await node.connect("/tcs/ws", query)
    for frame in (
        '{"type":"PublishMetricsRequest","message":{"metadata":{"idle":true}}}',
        'Authorization: AWS4-HMAC-SHA256 x\r\nHost: h\r\n\r\n{"type":"PublishMetricsRequest","message":{}}',
    ):
        await socket.send_str(frame)
        assert await next_of(socket, "AckPublishMetric") == {"message": "ok"}
    await socket.close()


async def test_a_host_and_a_balancer_get_their_documents(node: Node) -> None:
    host = await node.connect("/fleet/host/ws", service="tidegate")
    assert (await next_of(host, "HostDocument"))["instances"] == []
    balancer = await node.connect("/fleet/balancer/ws", service="tidegate")
    assert (await next_of(balancer, "EdgeDocument"))["load_balancers"] == []
    await host.close()
    await balancer.close()


async def test_the_status_page_tells_which_instances_wait_for_a_cluster_that_is_not_there(
    control: Control, node: Node
) -> None:
    def launch(tx: Transaction) -> None:
        for number, cluster in enumerate((CLUSTER, "shpo", "default", None, "gone")):
            state = "terminated" if cluster == "gone" else "running"
            tx.put(INSTANCES, an_instance(number, cluster_name=cluster, state=state))

    await control.store.transact(launch)
    headers = node.sign("GET", STATUS_PATH, "tidegate")
    async with node.http.get(f"http://{node.address}{STATUS_PATH}", headers=headers) as answer:
        assert (await answer.json())["misplacedInstances"] == {ec2_id(1): "shpo"}


async def test_the_status_page_tells_who_is_connected_and_what_is_bound_to_those_who_sign(
    control: Control, node: Node
) -> None:
    await registered(node)
    listener = replace(a_listener(), bound_address="127.80.2.1", bound_port=8080)
    await control.store.transact(lambda tx: tx.put(LISTENERS, listener))
    headers = node.sign("GET", STATUS_PATH, "tidegate")
    async with node.http.get(f"http://{node.address}{STATUS_PATH}", headers=headers) as answer:
        assert answer.status == 200
        document = await answer.json()
        assert document["agents"] == 0
        bound = {
            "address": "127.80.2.1",
            "port": 8080,
            "error": None,
            "namePort": None,
            "nameError": None,
        }
        assert document["listeners"] == {listener.arn: bound}
    async with node.http.get(f"http://{node.address}{STATUS_PATH}") as answer:
        assert answer.status == 403


async def test_a_graceful_stop_sends_every_node_away_to_come_back_at_once(
    control: Control, node: Node
) -> None:
    arn = await registered(node)
    acs = await node.connect("/acs/ws", acs_query(arn))
    await next_of(acs, "TaskManifestMessage")
    tcs = await node.connect("/tcs/ws", {"cluster": CLUSTER, "containerInstance": arn})
    host = await node.connect("/fleet/host/ws", service="tidegate")
    balancer = await node.connect("/fleet/balancer/ws", service="tidegate")
    control.serving.stop()
    for each in (acs, tcs, host, balancer):
        async with asyncio.timeout(5):
            while (await each.receive()).type is not aiohttp.WSMsgType.CLOSE:
                pass
        assert each.close_code == 1001
    assert await control.job == 0


async def test_a_graceful_stop_tells_callers_to_come_back_on_another_connection(control: Control) -> None:
    """They are answered until then: one that is cut off could not tell whether it was heard."""
    host, port = control.address.split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    answers: list[bytes] = []
    while not answers or b"connection: close" not in answers[-1]:
        writer.write(b"GET /health HTTP/1.1\r\nHost: h\r\n\r\n")
        answers.append(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5))
        length = re.search(rb"content-length: (\d+)", answers[-1])
        await reader.readexactly(int(length[1]) if length else 0)
        control.serving.stop()
    assert len(answers) > 1
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert await reader.read() == b""
    writer.close()


def test_settings_that_cannot_be_are_refused_by_name(tmp_path: Path) -> None:
    region = RegionSettings(region="us-east-1", account="0", network="127.80", endpoint="")
    good: dict[str, Any] = {"region": region, "data_dir": tmp_path, "access_key": KEY, "secret_key": SECRET}
    for wrong, name in (
        ({}, "--listen"),
        ({"listen": "127.0.0.1:0", "listen_fd": 3}, "--listen"),
        ({"listen": "127.0.0.1:0", "access_key": ""}, "AWS_ACCESS_KEY_ID"),
        ({"listen": "127.0.0.1:0", "host_lost_after_seconds": 0.0}, "--host-lost-after"),
        ({"listen": "127.0.0.1:0", "scaling_speed": 0.5}, "--scaling-speed"),
    ):
        with pytest.raises(SettingsError, match=name):
            ControlSettings(**{**good, **wrong})
