"""A CloudWatch client for an empty region whose clock stands still."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import cloudwatch
from tidegate.control.api.context import ApiContext
from tidegate.testing.api import Api, api_context
from tidegate.testing.clock import EPOCH, FakeClock

Refused = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(EPOCH + timedelta(hours=1))


@pytest.fixture
def context(clock: FakeClock) -> ApiContext:
    return api_context(clock)


@pytest.fixture
def client(context: ApiContext) -> Any:
    return Api(context, [cloudwatch.FRONT_END]).client("cloudwatch")


@pytest.fixture
def refused() -> Refused:
    """Expects an AWS error of this code, with this in its message."""
    return lambda code, text="": pytest.raises(ClientError, match=rf"\({code}\).*{text}")


@pytest.fixture
def minute() -> Callable[[float], datetime]:
    """The moment so many minutes after the region's beginning; now is minute 60."""
    return lambda number: EPOCH + timedelta(minutes=number)
