"""A CloudWatch Logs client for an empty region whose clock stands still."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tidegate.control.api import logs
from tidegate.control.api.context import ApiContext
from tidegate.testing.api import Api, api_context
from tidegate.testing.clock import EPOCH, FakeClock

Refused = Callable[..., AbstractContextManager[Any]]
Put = Callable[..., Any]


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(EPOCH + timedelta(days=30))


@pytest.fixture
def now(clock: FakeClock) -> int:
    """Unix milliseconds."""
    return int(clock.now().timestamp() * 1000)


@pytest.fixture
def context(clock: FakeClock) -> ApiContext:
    return api_context(clock)


@pytest.fixture
def client(context: ApiContext) -> Any:
    return Api(context, [logs.FRONT_END]).client("logs")


@pytest.fixture
def put(client: Any, now: int) -> Put:
    """Puts messages a millisecond apart, `at` milliseconds from now, into a stream that is made for it."""
    client.create_log_group(logGroupName="shop")
    made = set()

    def put(*messages: str, at: int = -1000, stream: str = "web/1", **more: Any) -> Any:
        if stream not in made:
            client.create_log_stream(logGroupName="shop", logStreamName=stream)
            made.add(stream)
        events = [{"timestamp": now + at + n, "message": message} for n, message in enumerate(messages)]
        return client.put_log_events(logGroupName="shop", logStreamName=stream, logEvents=events, **more)

    return put


@pytest.fixture
def refused() -> Refused:
    """Expects an AWS error of this code, with this in its message."""
    return lambda code, text="": pytest.raises(ClientError, match=rf"\({code}\).*{text}")
