"""SIGKILL of control under writes: what was acknowledged is kept, and no container is touched.

Five times here; TIDEGATE_CRASHES=50 for the full drill, which takes a quarter of an hour: control's
supervisor waits longer for each start of a process that keeps dying.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from tests.system.conftest import Product
from tests.system.shops import Shop, until

from tidegate.cli.processes import process_ids

CRASHES = int(os.environ.get("TIDEGATE_CRASHES", "5"))
# The longest wait before a restart, and the start.
_RESTART_SECONDS_MAX = 40

pytestmark = [pytest.mark.system, pytest.mark.timeout(120 + _RESTART_SECONDS_MAX * CRASHES)]


class Writer:
    """Creates clusters one after the other and remembers which were acknowledged."""

    def __init__(self, ecs: Any) -> None:
        self._ecs = ecs
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.acknowledged: list[str] = []

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(timeout=_RESTART_SECONDS_MAX)

    def await_more(self) -> None:
        """Wait until it is in full swing."""
        enough = len(self.acknowledged) + 10
        until(lambda: len(self.acknowledged) > enough, "writes are acknowledged", _RESTART_SECONDS_MAX)

    def _run(self) -> None:
        number = 0
        while not self._stopping.is_set():
            number += 1
            try:
                answer = self._ecs.create_cluster(clusterName=f"crash-{number}")
            except (ClientError, BotoCoreError):
                continue
            self.acknowledged.append(answer["cluster"]["clusterArn"])


@pytest.mark.parametrize("runtime", ["process", pytest.param("docker", marks=pytest.mark.docker)])
def test_nothing_acknowledged_is_lost_and_no_container_is_touched(
    start_product: Callable[..., Product], runtime: str
) -> None:
    product = start_product(runtime=runtime)
    shop = Shop(product)
    shop.open(desired=2)
    before = shop.containers()
    assert len(before) >= 2
    writer = Writer(product.client("ecs"))
    writer.start()
    for _ in range(CRASHES):
        writer.await_more()
        (pid,) = process_ids(product.data_dir, "control")
        os.kill(pid, signal.SIGKILL)
        until(lambda pid=pid: _is_another(product, pid), "control is restarted", _RESTART_SECONDS_MAX)
    writer.await_more()
    writer.stop()
    pages = product.client("ecs").get_paginator("list_clusters").paginate()
    kept = {arn for page in pages for arn in page["clusterArns"]}
    assert set(writer.acknowledged) <= kept
    until(lambda: shop.connected == 2, "both agents are connected again")
    assert shop.containers() == before
    assert len([event for event in shop.events if "has started" in event]) == 1


def _is_another(product: Product, pid: int) -> bool:
    return process_ids(product.data_dir, "control") not in ([], [pid])
