"""HAProxy's process over the lives of balancers."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.process import HaproxyProcess
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.testing.balancing.running import eventually

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
def port(tmp_path: Path) -> int:
    """Where HAProxy is configured to listen."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    (tmp_path / "haproxy.cfg").write_text(
        f"global\n  stats socket {tmp_path}/haproxy.sock level admin expose-fd listeners\n"
        "defaults\n  mode http\n  timeout client 5s\n  timeout connect 5s\n  timeout server 5s\n"
        f"frontend f\n  bind 127.0.0.1:{number}\n  http-request return status 200\n"
    )
    return number


async def test_a_new_balancer_takes_over_from_the_haproxy_of_one_that_died(port: int, tmp_path: Path) -> None:
    old, new = (HaproxyProcess(binary.find(), tmp_path, ()) for _ in range(2))
    await old.start()
    failures = 0

    async def ask() -> None:
        nonlocal failures
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET / HTTP/1.0\r\n\r\n")
                failures += not (await reader.read()).startswith(b"HTTP/1.1 200")
                writer.close()
            except OSError:
                failures += 1

    asking = asyncio.create_task(ask())
    # The balancer is gone, its HAProxy serves on; the next balancer knows it by its socket alone.
    await new.start()
    await eventually(lambda: not old.is_running)
    asking.cancel()
    assert failures == 0
    assert new.is_running
    await new.stop()


@pytest.mark.usefixtures("port")
async def test_reloads_may_follow_one_another_at_once(tmp_path: Path) -> None:
    process = HaproxyProcess(binary.find(), tmp_path, ())
    await process.start()
    for _ in range(5):
        await process.reload()
    assert process.is_running
    await process.stop()


async def test_only_this_user_reads_the_file(port: int, tmp_path: Path) -> None:
    """It holds the keys that sign cookies."""
    process = HaproxyProcess(binary.find(), tmp_path, ())
    text = process.configuration.read_text()
    for put in (process.check(text), asyncio.to_thread(process.put, text)):
        process.configuration.chmod(0o644)
        await put
        assert process.configuration.stat().st_mode & 0o077 == 0
    assert f"127.0.0.1:{port}" in process.configuration.read_text()


@pytest.mark.usefixtures("port")
async def test_an_haproxy_that_does_not_answer_in_time_is_ended(tmp_path: Path) -> None:
    dumb = tmp_path / "haproxy"
    dumb.write_text("#!/bin/sh\nexec sleep 60\n")
    dumb.chmod(0o700)
    process = HaproxyProcess(dumb, tmp_path, (), start_seconds=0.2)
    with pytest.raises(HaproxyGoneError):
        await process.start()
    assert not process.is_running


@pytest.mark.parametrize(
    ("said", "is_found"),
    [
        ("HAProxy version 2.8.3\nBuilt with Lua version : Lua 5.4.7", True),
        ("HAProxy version 2.8.3\nBuilt without Lua support", False),
        ("HA-Proxy version 2.6.12\nBuilt with Lua version : Lua 5.4.7", False),
    ],
)
def test_a_binary_that_cannot_do_what_configurations_need_is_not_taken(
    said: str, is_found: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    candidate = tmp_path / "haproxy"
    candidate.write_text(f"#!/bin/sh\necho '{said}'\n")
    candidate.chmod(0o755)
    monkeypatch.setenv("TIDEGATE_HAPROXY", str(candidate))
    if is_found:
        assert binary.find() == candidate
    else:
        with pytest.raises(binary.HaproxyMissingError, match="or newer, built with Lua"):
            binary.find()
