"""A region with one service, and a client for its scaling."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import application_autoscaling
from tidegate.control.store import Table, Transaction
from tidegate.control.store.tables import ALL
from tidegate.domain.elbv2 import LoadBalancer
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import ARNS, BEFORE, VPC, a_group, a_service
from tidegate.testing.clock import FakeClock
from tidegate.testing.scaling import SCALED

Put = Callable[..., None]
Call = Callable[..., dict[str, Any]]
_TABLES: dict[type, Table[Any]] = {table.row_type: table for table in ALL}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(api_context(clock), [application_autoscaling.FRONT_END])


@pytest.fixture
def put(api: Api) -> Put:
    """Writes rows that other front ends would write."""

    def write(*rows: object) -> None:
        def action(tx: Transaction) -> None:
            for row in rows:
                tx.put(_TABLES[type(row)], row)

        asyncio.run(api.context.store.transact(action))

    return write


@pytest.fixture
def client(api: Api, put: Put) -> Any:
    put(a_service(), a_group())
    return api.client("application-autoscaling")


@pytest.fixture
def call(client: Any) -> Call:
    """An operation about the service `web`, by its name in Python's form."""

    def ask(operation: str, **parameters: Any) -> dict[str, Any]:
        answer: dict[str, Any] = getattr(client, operation)(**{**SCALED, **parameters})
        answer.pop("ResponseMetadata")
        return answer

    return ask


@pytest.fixture
def register(call: Call) -> Call:
    def ask(**parameters: Any) -> dict[str, Any]:
        return call("register_scalable_target", **{"MinCapacity": 1, "MaxCapacity": 3, **parameters})

    return ask


@pytest.fixture
def balancer(put: Put) -> LoadBalancer:
    row = LoadBalancer(
        arn=ARNS.load_balancer("lb", "0123456789abcdef"),
        name="lb",
        dns_name="lb.localhost",
        canonical_hosted_zone_id="Z1",
        vpc_id=VPC,
        zones=(),
        created_at=BEFORE,
        address="127.80.2.1",
    )
    put(row)
    return row


@pytest.fixture
def refused(api: Api) -> Callable[..., AbstractContextManager[Any]]:
    """Expects an AWS error with this code and text, and that nothing has changed."""

    class Refused:
        def __init__(self, code: str, text: str = "") -> None:
            self._raises = pytest.raises(ClientError)
            self._code, self._text = code, text

        def __enter__(self) -> None:
            self._before = api.context.store.snapshot
            self._info = self._raises.__enter__()

        def __exit__(self, *error: Any) -> bool | None:
            result = self._raises.__exit__(*error)
            told = self._info.value.response["Error"]
            assert told["Code"] == self._code
            assert self._text in told["Message"]
            assert api.context.store.snapshot is self._before
            return result

    return Refused
