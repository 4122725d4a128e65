"""Hosts that vanish: no refusal, no reset, nothing. And what the kernel says of connections to them."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tidegate.balancer.decisions.silence import Unacknowledged, hanging, may_vanish, settled, silent
from tidegate.balancer.sock_diag import unacknowledged
from tidegate.balancer.void import Void
from tidegate.cli.demo.load import Kind, LoadGenerator
from tidegate.fleet.balancing import GroupTarget
from tidegate.testing.balancing.running import HTTP_PORT, running_balancer
from tidegate.testing.balancing.targets import Target

pytestmark = pytest.mark.timeout(90)

FAR = ("10.0.0.1", 80)


# The decision


@pytest.mark.parametrize(("count", "expected"), [(1, set()), (2, {FAR}), (5, {FAR})])
def test_one_lost_packet_is_no_silence(count: int, expected: set[object]) -> None:
    assert silent([Unacknowledged(*FAR, count, is_connecting=False)]) == expected


def test_only_requests_on_open_connections_hang() -> None:
    assert hanging([Unacknowledged(*FAR, 3, is_connecting=True)]) == set()
    assert hanging([Unacknowledged(*FAR, 3, is_connecting=False)]) == {FAR}


def test_what_waits_is_cut_off_once_nobody_can_be_connecting_any_more() -> None:
    assert settled({FAR: 10.0}, 12.0, connect_seconds=2) == set()
    assert settled({FAR: 10.0}, 12.1, connect_seconds=2) == {FAR}


def test_loopback_addresses_do_not_vanish() -> None:
    assert [may_vanish(one) for one in ("127.80.1.1", "::1", "10.0.0.1", "fd00::1")] == [
        False,
        False,
        True,
        True,
    ]


# The kernel's word


def test_the_kernel_tells_of_a_connection_that_nobody_answers() -> None:
    void = Void()
    with socket.socket() as waiting:
        waiting.setblocking(False)
        waiting.connect_ex(void.place)
        deadline = time.monotonic() + 5
        while not (found := [one for one in unacknowledged() if (one.address, one.port) == void.place]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
    void.close()
    assert all(one.is_connecting and one.count >= 1 for one in found)


def test_of_connections_that_are_well_it_tells_nothing() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        client.send(b"unread, but acknowledged")
        assert server.getsockname() not in {(one.address, one.port) for one in unacknowledged()}


# A host that vanishes

SERVER = """
import asyncio
from tidegate.testing.balancing.targets import Target

async def main():
    await Target(name="far").start("{address}", 8080)
    print("up", flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
"""


class Host:
    """A network namespace with a target in it, behind a pair of virtual interfaces."""

    def __init__(self) -> None:
        number = os.getpid() % 250
        self.name, self.link = f"tidegate-{os.getpid()}", f"tg{os.getpid()}"[:14]
        self.here, self.there = f"10.213.{number}.1", f"10.213.{number}.2"

    def run(self, command: str) -> None:
        subprocess.run(command.split(), check=True, capture_output=True)

    def start(self) -> subprocess.Popen[bytes]:
        self.run(f"ip netns add {self.name}")
        self.run(f"ip link add {self.link} type veth peer name far netns {self.name}")
        self.run(f"ip address add {self.here}/30 dev {self.link}")
        self.run(f"ip link set {self.link} up")
        self.run(f"ip -n {self.name} address add {self.there}/30 dev far")
        self.run(f"ip -n {self.name} link set far up")
        code = SERVER.format(address=self.there)
        arguments = ["ip", "netns", "exec", self.name, sys.executable, "-c", code]
        return subprocess.Popen(arguments, stdout=subprocess.PIPE)

    def vanish(self) -> None:
        """From here on nothing comes back, not even a refusal."""
        self.run(f"ip -n {self.name} route add blackhole {self.here}/32")

    def come_back(self) -> None:
        self.run(f"ip -n {self.name} route del blackhole {self.here}/32")

    def stop(self) -> None:
        subprocess.run(["ip", "link", "del", self.link], capture_output=True, check=False)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True, check=False)


@contextmanager
def host() -> Iterator[Host]:
    found, process = Host(), None
    try:
        process = found.start()
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        yield found
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no network namespaces here: {error.stderr.decode().strip()}")
    finally:
        if process is not None:
            process.kill()
            process.wait()
        found.stop()


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("ip") is None, reason="a network namespace needs root")
async def test_a_host_that_vanishes_costs_no_get_and_is_ejected(tmp_path: Path) -> None:
    near = await Target(name="near").start()
    with host() as vanishing:
        far = GroupTarget(id="i-far", port=8080, address=vanishing.there)
        async with running_balancer(tmp_path) as running:
            running.group(far, near.registered())
            await running.serving(far, near.registered())
            kinds = [
                Kind(name="kept", timeout_seconds=30),
                Kind(name="new", keep_alive=False, timeout_seconds=30),
            ]
            load = LoadGenerator(running.address, HTTP_PORT, host="lb", rate=100, kinds=kinds)
            load.start()
            await asyncio.sleep(1)
            vanishing.vanish()
            began = time.monotonic()
            await running.serving(near.registered(), seconds=6)
            assert time.monotonic() - began < 5
            assert running.target_reports()["i-far"].state == "healthy", "ejected, and not yet unhealthy"
            await asyncio.sleep(4)
            tally = await asyncio.to_thread(load.stop)
            assert tally.failures == []
            slowest = max(latency for latencies in tally.latencies.values() for latency in latencies)
            assert slowest < 8, "long before the idle timeout"

            vanishing.come_back()
            await running.serving(far, near.registered(), seconds=20)
    await near.stop()
