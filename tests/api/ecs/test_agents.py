"""What agents call: idempotent, on disk before it is answered, final errors for what is final."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.agents import AGENT_OPERATIONS
from tidegate.control.settings import RegionSettings
from tidegate.control.store import MemoryDatabase, Store, Table, Transaction
from tidegate.control.store.tables import ALL, CONTAINER_INSTANCES, TASKS
from tidegate.domain.ecs import Container, ContainerInstance, Task
from tidegate.testing.api import logs_in_memory, series_in_memory
from tidegate.testing.builders import CLUSTER, CLUSTER_ARN, a_cluster, a_task, an_instance
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds
from tidegate.wire import Call, Fault

INSTANCE = an_instance(1)
DOCUMENT = json.dumps(
    {
        "instanceId": INSTANCE.id,
        "privateIp": "127.80.1.1",
        "availabilityZone": "us-east-1a",
        "instanceType": "t2.micro",
    }
)


def resources(cpu: int = 1024, memory: int = 983) -> list[dict[str, Any]]:
    return [
        {"name": "CPU", "type": "INTEGER", "integerValue": cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": memory},
        {"name": "PORTS", "type": "STRINGSET", "stringSetValue": ["22", "51678"]},
        {"name": "PORTS_UDP", "type": "STRINGSET", "stringSetValue": []},
    ]


REGISTRATION: dict[str, Any] = {
    "cluster": CLUSTER,
    "instanceIdentityDocument": DOCUMENT,
    "instanceIdentityDocumentSignature": "",
    "totalResources": resources(),
    "attributes": [
        {"name": "com.amazonaws.ecs.capability.docker-remote-api.1.17"},
        {"name": "ecs.os-type", "value": "linux"},
        {"name": "rack", "value": "r1"},
    ],
}


class Agent:
    """Calls the operations as the wire does, over a store of its own."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = Store(MemoryDatabase(), ALL)
        settings = RegionSettings(
            region="us-east-1", account="000000000000", network="127.80", endpoint="127.0.0.1:7400"
        )
        self._context = ApiContext(
            store=self.store,
            series=series_in_memory(self.clock),
            logs=logs_in_memory(self.clock),
            clock=self.clock,
            ids=SeededIds(),
            settings=settings,
        )
        self._tables: dict[type, Table[Any]] = {table.row_type: table for table in ALL}

    async def call(self, operation: str, **parameters: Any) -> Mapping[str, Any]:
        call = Call(
            service="ecs",
            operation=operation,
            parameters=parameters,
            region="us-east-1",
            account="000000000000",
            access_key_id="A",
            host="127.0.0.1:7400",
        )
        return await AGENT_OPERATIONS[operation].handler(self._context, call)

    async def register(self, **changes: Any) -> Mapping[str, Any]:
        answer = await self.call("RegisterContainerInstance", **{**REGISTRATION, **changes})
        found: Mapping[str, Any] = answer["containerInstance"]
        return found

    async def put(self, *rows: object) -> None:
        def write(tx: Transaction) -> None:
            for row in rows:
                tx.put(self._tables[type(row)], row)

        await self.store.transact(write)

    def row(self, arn: str) -> ContainerInstance:
        row = self.store.snapshot.get(CONTAINER_INSTANCES, arn)
        assert row is not None
        return row

    def task(self, task: Task) -> Task:
        row = self.store.snapshot.get(TASKS, task.arn)
        assert row is not None
        return row


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    agent = Agent()
    await agent.put(a_cluster(), INSTANCE)
    yield agent
    await agent.store.close()


async def test_a_registration_links_the_agent_to_its_ec2_instance(agent: Agent) -> None:
    answer = await agent.register()
    row = agent.row(answer["containerInstanceArn"])
    assert row.cluster_arn == CLUSTER_ARN
    assert (row.ec2_instance_id, row.address) == (INSTANCE.id, INSTANCE.private_ip_address)
    assert (row.resources.cpu, row.resources.memory_mib) == (1024, 983)
    assert row.resources.reserved_tcp_ports == (22, 51678)
    assert answer["ec2InstanceId"] == INSTANCE.id
    assert answer["status"] == "ACTIVE"


async def test_every_attribute_comes_back_as_it_was_sent_and_the_zone_with_them(agent: Agent) -> None:
    answer = await agent.register()
    assert all(attribute in answer["attributes"] for attribute in REGISTRATION["attributes"])
    assert {"name": "ecs.availability-zone", "value": "us-east-1a"} in answer["attributes"]
    assert {"name": "ecs.vpc-id", "value": INSTANCE.vpc_id} in answer["attributes"]


@pytest.mark.parametrize("document", ["{", "[1]", "1.5", "null", "[" * 5000])
async def test_an_identity_document_that_is_no_json_object_is_refused(agent: Agent, document: str) -> None:
    with pytest.raises(Fault, match="The instance identity document is not"):
        await agent.register(instanceIdentityDocument=document)


async def test_tags_of_a_registration_follow_the_rules_of_tags(agent: Agent) -> None:
    answer = await agent.register(tags=[{"key": "rack", "value": "r1"}, {"key": "empty"}])
    assert agent.row(answer["containerInstanceArn"]).tags == {"rack": "r1", "empty": ""}
    with pytest.raises(Fault, match="Invalid tag key"):
        await agent.register(tags=[{"value": "r1"}])


async def test_a_registration_that_is_repeated_gives_the_same_instance_and_changes_nothing(
    agent: Agent,
) -> None:
    first = await agent.register()
    revision = agent.store.snapshot.revision
    assert await agent.register() == first
    assert agent.store.snapshot.revision == revision


async def test_a_restarted_agent_keeps_its_arn_and_its_tasks_and_renews_its_resources(agent: Agent) -> None:
    arn = (await agent.register())["containerInstanceArn"]
    await agent.put(replace(agent.row(arn), connected_at=agent.clock.now()))
    task = replace(a_task(), container_instance_arn=arn)
    await agent.put(task)
    again = await agent.register(containerInstanceArn=arn, totalResources=resources(cpu=2048))
    assert again["containerInstanceArn"] == arn
    assert agent.row(arn).resources.cpu == 2048
    assert agent.task(task) == task


async def test_attributes_put_through_the_api_survive_a_new_registration(agent: Agent) -> None:
    arn = (await agent.register())["containerInstanceArn"]
    renewed = [attribute for attribute in REGISTRATION["attributes"] if attribute["name"] != "rack"]
    answer = await agent.register(containerInstanceArn=arn, attributes=renewed)
    assert {"name": "rack", "value": "r1"} in answer["attributes"]


async def test_an_agent_that_has_lost_its_data_has_lost_its_tasks(agent: Agent) -> None:
    arn = (await agent.register())["containerInstanceArn"]
    await agent.put(replace(agent.row(arn), connected_at=agent.clock.now()))
    task = replace(a_task(), container_instance_arn=arn)
    await agent.put(task)
    assert (await agent.register())["containerInstanceArn"] == arn
    assert agent.task(task).last_status == "STOPPED"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"cluster": "unknown"}, "ClusterNotFoundException"),
        ({"containerInstanceArn": "arn:gone"}, "ClientException"),
        ({"instanceIdentityDocument": "{"}, "InvalidParameterException"),
        ({"totalResources": []}, "InvalidParameterException"),
    ],
)
async def test_what_cannot_be_registered_is_refused_by_name(
    agent: Agent, change: dict[str, Any], code: str
) -> None:
    with pytest.raises(Fault) as fault:
        await agent.register(**change)
    assert fault.value.code == code


async def test_a_deleted_cluster_takes_no_agents(agent: Agent) -> None:
    await agent.put(replace(a_cluster(), status="INACTIVE"))
    with pytest.raises(Fault, match="Cluster not found"):
        await agent.register()


async def test_a_terminated_instance_does_not_come_back(agent: Agent) -> None:
    await agent.put(replace(INSTANCE, state="terminated"))
    with pytest.raises(Fault, match="terminated"):
        await agent.register()


async def test_resources_never_shrink_below_what_tasks_reserve(agent: Agent) -> None:
    arn = (await agent.register())["containerInstanceArn"]
    await agent.put(replace(a_task(), container_instance_arn=arn, cpu=512))
    with pytest.raises(Fault) as fault:
        await agent.register(containerInstanceArn=arn, totalResources=resources(cpu=256))
    assert fault.value.code == "ClientException"


async def test_an_agent_in_external_mode_sends_no_identity_and_is_registered(agent: Agent) -> None:
    answer = await agent.register(instanceIdentityDocument="", cluster=CLUSTER_ARN)
    assert "ec2InstanceId" not in answer
    assert agent.row(answer["containerInstanceArn"]).availability_zone == "us-east-1a"


async def test_the_sockets_are_on_the_host_that_the_agent_called(agent: Agent) -> None:
    assert await agent.call("DiscoverPollEndpoint", containerInstance="a") == {
        "endpoint": "http://127.0.0.1:7400/acs/",
        "telemetryEndpoint": "http://127.0.0.1:7400/tcs/",
    }


TASK = replace(a_task(last_status="PENDING"), containers=(Container(arn="a", name="app", image="web:1"),))


async def test_a_report_is_merged_before_it_is_acknowledged(agent: Agent) -> None:
    await agent.put(TASK)
    binding = {"bindIP": "127.80.1.1", "containerPort": 5000, "hostPort": 32769, "protocol": "tcp"}
    ranged = {"bindIP": "127.80.1.1", "containerPortRange": "1-2", "hostPortRange": "3-4"}
    answer = await agent.call(
        "SubmitTaskStateChange",
        cluster=CLUSTER,
        task=TASK.arn,
        status="RUNNING",
        reason="",
        containers=[
            {"containerName": "app", "status": "RUNNING", "networkBindings": [binding, ranged]},
        ],
        pullStartedAt=datetime(2026, 1, 1, tzinfo=UTC),
    )
    assert answer["acknowledgment"]
    task = agent.task(TASK)
    assert task.last_status == "RUNNING"
    assert [one.host_port for one in task.containers[0].network_bindings] == [32769]
    assert task.pull_started_at == datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_containers_report_moves_the_container_alone(agent: Agent) -> None:
    await agent.put(TASK)
    await agent.call(
        "SubmitContainerStateChange", task=TASK.arn, containerName="app", status="STOPPED", exitCode=3
    )
    task = agent.task(TASK)
    assert (task.last_status, task.containers[0].exit_code) == ("PENDING", 3)


@pytest.mark.parametrize("operation", ["SubmitTaskStateChange", "SubmitContainerStateChange"])
async def test_a_report_of_an_unknown_task_is_refused_so_that_the_agent_drops_it(
    agent: Agent, operation: str
) -> None:
    with pytest.raises(Fault) as fault:
        await agent.call(operation, task="arn:unknown", status="RUNNING", containerName="app")
    assert fault.value.code == "InvalidParameterException"


async def test_a_status_that_agents_do_not_have_is_refused(agent: Agent) -> None:
    await agent.put(TASK)
    with pytest.raises(Fault) as fault:
        await agent.call("SubmitTaskStateChange", task=TASK.arn, status="DEACTIVATING")
    assert fault.value.code == "InvalidParameterException"


async def test_attachment_reports_are_acknowledged(agent: Agent) -> None:
    assert await agent.call("SubmitAttachmentStateChanges", attachments=[]) == {"acknowledgment": "ACK"}
