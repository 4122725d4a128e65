"""The ECS front end over a region of a test's own, as boto3 sees it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, TypeVar

from botocore.exceptions import ClientError

from tidegate.control.api import ecs
from tidegate.control.store import Store, Table, Transaction
from tidegate.control.store.tables import ALL
from tidegate.domain.ecs import Attribute, ContainerInstance
from tidegate.domain.elbv2 import Action, ForwardConfig, Listener, WeightedTargetGroup
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import ARNS, BEFORE, CLUSTER, GROUP_ARN, a_container_instance
from tidegate.testing.clock import FakeClock

T = TypeVar("T")

_CAPABILITIES = (
    "com.amazonaws.ecs.capability.docker-remote-api.1.17",
    "com.amazonaws.ecs.capability.docker-remote-api.1.19",
    "com.amazonaws.ecs.capability.docker-remote-api.1.21",
    "com.amazonaws.ecs.capability.logging-driver.awslogs",
)
# One container with a dynamic port: what most tests run.
WEB: Mapping[str, Any] = {
    "name": "app",
    "image": "web:1",
    "cpu": 128,
    "memory": 128,
    "portMappings": [{"containerPort": 5000}],
}


class EcsRegion:
    """Calls go through a real client; rows that other front ends would write are put directly."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.context = api_context(self.clock)
        self.client = Api(self.context, [ecs.FRONT_END]).client("ecs")
        self._tables: dict[type, Table[Any]] = {table.row_type: table for table in ALL}

    @property
    def store(self) -> Store:
        return self.context.store

    def put(self, *rows: object) -> None:
        def write(tx: Transaction) -> None:
            for row in rows:
                tx.put(self._tables[type(row)], row)

        asyncio.run(self.store.transact(write))

    def row(self, table: Table[T], key: str) -> T:
        found = self.store.snapshot.get(table, key)
        assert found is not None, f"{table.name} has no {key}"
        return found

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        """An operation by its name in Python's form, such as `create_service`."""
        answer: dict[str, Any] = getattr(self.client, operation)(**parameters)
        answer.pop("ResponseMetadata")
        return answer

    def refusal(self, operation: str, **parameters: Any) -> tuple[str, str]:
        """The code and the message with which an operation is refused."""
        try:
            answer = self.call(operation, **parameters)
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        raise AssertionError(f"{operation} was not refused: {answer}")

    def registered(self, *containers: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """A revision of the family `web`, of one container unless others are given."""
        definitions = [dict(container) for container in containers or (WEB,)]
        parameters = {"family": "web", "containerDefinitions": definitions, **more}
        found: dict[str, Any] = self.call("register_task_definition", **parameters)["taskDefinition"]
        return found


def an_able_instance(number: int = 1, **more: Any) -> ContainerInstance:
    """A container instance whose agent is capable of what most definitions need."""
    attributes = tuple(Attribute(name=name) for name in _CAPABILITIES)
    return a_container_instance(number, attributes=attributes, **more)


def a_listener(group_arn: str = GROUP_ARN) -> Listener:
    """A listener that forwards to the group: without one a service cannot use it."""
    return Listener(
        arn=ARNS.listener(CLUSTER, "0123456789abcdef", "0123456789abcdef"),
        load_balancer_arn=ARNS.load_balancer(CLUSTER, "0123456789abcdef"),
        port=80,
        protocol="HTTP",
        default_actions=(
            Action(
                type="forward",
                forward=ForwardConfig(target_groups=(WeightedTargetGroup(target_group_arn=group_arn),)),
            ),
        ),
        created_at=BEFORE,
    )
