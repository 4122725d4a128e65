"""The API's socket outlives control: a restart refuses no connection, and what comes meanwhile waits."""

from __future__ import annotations

import http.client
import os
import signal
import threading
import time
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ConnectionClosedError
from tests.system.conftest import Product
from tests.system.shops import until

from tidegate.cli.processes import process_ids

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

CLIENTS = 3
RESTARTS = 3
# What a kill does to a request that control has read already; every other error is one of the socket.
_CUT_OFF = (ConnectionClosedError, http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError)


class Stream:
    """One caller that asks again and again, and never twice for the same."""

    def __init__(self, call: Callable[[], object]) -> None:
        self._call = call
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.answered = 0
        self.longest_seconds = 0.0
        self.cut_off = 0
        self.errors: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=60)

    def _run(self) -> None:
        while not self._stopping.is_set():
            began = time.monotonic()
            try:
                self._call()
                self.answered += 1
            except _CUT_OFF:
                self.cut_off += 1
            except Exception as error:
                self.errors.append(repr(error))
            self.longest_seconds = max(self.longest_seconds, time.monotonic() - began)


def client(product: Product) -> Any:
    return boto3.client(
        "ecs",
        endpoint_url=product.endpoint,
        region_name=product.settings["region"],
        aws_access_key_id=product.settings["access_key"],
        aws_secret_access_key=product.settings["secret_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


def newcomer(product: Product) -> None:
    """A call on a connection of its own: a refusal would show here first."""
    connection = http.client.HTTPConnection(str(product.settings["endpoint"]), timeout=60)
    try:
        connection.request("GET", "/health")
        assert connection.getresponse().status == 200
    finally:
        connection.close()


@pytest.mark.parametrize(("number", "cut_off"), [(signal.SIGKILL, RESTARTS), (signal.SIGTERM, 0)])
def test_a_restart_of_control_refuses_no_connection(
    product: Product, number: signal.Signals, cut_off: int
) -> None:
    """At most the request that a killed control was at work on is lost; none when it is told to end."""
    streams = [Stream(client(product).list_clusters) for _ in range(CLIENTS)]
    streams += [Stream(lambda: newcomer(product)) for _ in range(CLIENTS)]
    for stream in streams:
        stream.start()
    for _ in range(RESTARTS):
        _await_answers(streams)
        (pid,) = process_ids(product.data_dir, "control")
        os.kill(pid, number)
        until(lambda pid=pid: process_ids(product.data_dir, "control") not in ([], [pid]), "control is back")
    _await_answers(streams)
    for stream in streams:
        stream.stop()
    assert [error for stream in streams for error in stream.errors] == []
    assert max(stream.cut_off for stream in streams) <= cut_off
    assert max(stream.longest_seconds for stream in streams) > 0.1, "control was never away"


def _await_answers(streams: list[Stream]) -> None:
    """Every caller is answered again, and again."""
    enough = [stream.answered + 5 for stream in streams]
    until(
        lambda: all(stream.answered > count for stream, count in zip(streams, enough, strict=True)),
        "every caller is answered",
    )
