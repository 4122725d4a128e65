"""A listener that splits its requests between two target groups, and clients for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import elbv2, tidegate
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS, LOAD_BALANCERS, TARGET_GROUPS
from tidegate.testing.api import Api, api_context
from tidegate.testing.builders import a_group
from tidegate.testing.clock import FakeClock
from tidegate.testing.load_balancers import a_listener, a_load_balancer, forward_to
from tidegate.testing.shifts import NEW, OLD, samples, weights

Refused = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def api(clock: FakeClock) -> Api:
    return Api(api_context(clock), [tidegate.FRONT_END, elbv2.FRONT_END])


@pytest.fixture
def client(api: Api) -> Any:
    return api.client("tidegate")


@dataclass(frozen=True)
class Split:
    """Port 80 gives nine tenths to `old` and one to `new`."""

    api: Api
    listener: str = a_listener().arn
    balancer: str = a_load_balancer().arn
    old: str = OLD
    new: str = NEW

    @cached_property
    def elbv2(self) -> Any:
        return self.api.client("elbv2")

    @property
    def action(self) -> dict[str, Any]:
        """As the API describes it."""
        found = self.elbv2.describe_listeners(ListenerArns=[self.listener])["Listeners"][0]
        action: dict[str, Any] = found["DefaultActions"][0]
        return action

    @property
    def weights(self) -> list[int]:
        return [one["Weight"] for one in self.action["ForwardConfig"]["TargetGroups"]]

    def forward(self, old: int, new: int) -> dict[str, Any]:
        groups = [{"TargetGroupArn": self.old, "Weight": old}, {"TargetGroupArn": self.new, "Weight": new}]
        return {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}


@pytest.fixture
def split(api: Api) -> Split:
    action = forward_to(OLD, NEW)
    assert action.forward is not None
    action = replace(action, forward=replace(action.forward, target_groups=weights(9, 1)))

    def found(tx: Transaction) -> None:
        tx.put(LOAD_BALANCERS, a_load_balancer())
        for arn in (OLD, NEW):
            tx.put(TARGET_GROUPS, replace(a_group(), arn=arn, name=arn.split("/")[1]))
        tx.put(LISTENERS, a_listener(80, action))

    asyncio.run(api.context.store.transact(found))
    return Split(api)


@pytest.fixture
def traffic(api: Api, split: Split, clock: FakeClock) -> Callable[..., None]:
    """Five seconds of requests to a group, which are over and told."""

    def tell(group: str, requests: int, **how: Any) -> None:
        at = clock.now().timestamp() - 5
        asyncio.run(api.context.series.take(list(samples(at, split.balancer, group, requests, **how))))

    return tell


@pytest.fixture
def refused() -> Refused:
    """Expects an AWS error of this code, with this in its message."""
    return lambda code, text="": pytest.raises(ClientError, match=rf"\({code}\).*{text}")
