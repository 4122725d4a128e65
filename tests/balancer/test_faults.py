"""Faults of the balancer and of its machine: HAProxy goes on with what it has."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from tests.balancer.lab import PORT, Lab, fixed, listener, running

from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.fleet.balancing import EdgeDocument

pytestmark = pytest.mark.timeout(60)

ONE, TWO = (
    listener(default=fixed(body=body), port=port) for body, port in (("one", PORT), ("two", PORT + 1))
)


@asynccontextmanager
async def full_disk(lab: Lab) -> AsyncIterator[None]:
    """HAProxy's next file cannot be written."""
    blocker = lab.balancer.haproxy.configuration.with_name(".haproxy.new")
    blocker.mkdir()
    yield
    blocker.rmdir()


async def killed(lab: Lab) -> None:
    """HAProxy has died, and another one serves."""
    pid, worker = lab.balancer.haproxy.pid, await lab.worker()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    await lab.until(lambda: lab.balancer.haproxy.pid not in (pid, None))
    async with asyncio.timeout(10):
        # Whoever finds the port still taken by the one that is dying starts once more.
        while await _worker_of(lab) in (None, worker):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    async with lab.balancer._targets.lock:
        """The start ends before this."""


async def _worker_of(lab: Lab) -> int | None:
    try:
        return await lab.worker() or None
    except HaproxyGoneError:
        return None


async def test_a_file_that_cannot_be_written_leaves_the_old_one_in_force_and_is_tried_again(lab: Lab) -> None:
    await lab.edge(ONE)
    worker = await lab.worker()
    async with full_disk(lab):
        changing = asyncio.create_task(lab.edge(ONE, TWO))
        await lab.until(lambda: lab.balancer._edge.pause_seconds > 0)
        assert (await lab.ask()).text == "one"
        assert (await lab.worker(), lab.job.done()) == (worker, False)
    await changing
    assert (await lab.ask(port=PORT + 1)).text == "two"


async def test_an_haproxy_that_dies_on_a_full_disk_is_started_as_it_was(lab: Lab) -> None:
    await lab.edge(ONE)
    async with full_disk(lab):
        await killed(lab)
        assert (await lab.ask()).text == "one"
    await lab.edge(ONE, TWO)
    assert (await lab.ask(port=PORT + 1)).text == "two"


async def test_while_no_document_is_known_haproxy_serves_as_it_did(lab: Lab) -> None:
    await lab.edge(ONE)
    lab.balancer._documents.edge = EdgeDocument(generation=-1)
    await killed(lab)
    assert (await lab.ask()).text == "one"
    await lab.edge(TWO)
    assert (await lab.ask(port=PORT + 1)).text == "two"


async def test_a_balancer_that_fails_leaves_its_haproxy_to_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail() -> None:
        raise RuntimeError("a fault of ours")

    with pytest.raises(RuntimeError):  # noqa: PT012
        async with running(tmp_path) as first:
            await first.edge(ONE)
            monkeypatch.setattr(first.balancer._targets, "ramp", fail)
            await asyncio.wait([first.job])
            assert (await first.ask()).text == "one"
    assert (await first.ask()).text == "one"
    async with running(tmp_path) as second:
        assert (await second.ask(address=first.address)).text == "one"


@pytest.mark.parametrize(
    ("text", "expected"),
    [("  log fd@7 len 9\n  log fd@8\n", True), ("  log fd@9 len 9\n", False), (None, False)],
)
def test_a_file_that_names_other_descriptors_is_of_no_use(
    tmp_path: Path, text: str | None, expected: bool
) -> None:
    process = HaproxyProcess(Path("haproxy"), tmp_path, (7, 8))
    if text is not None:
        process.configuration.write_text(text)
    assert process.has_usable_file() is expected
