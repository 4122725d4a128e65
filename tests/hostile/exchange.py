"""A load balancer for each mode before one recording target, and a client that sends bytes."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.balancer.lab import PREFIX, Lab, forward, listener, running
from tests.hostile.cases import MODES, Case, Outcome
from tests.hostile.recording import RecordingTarget

from tidegate.fleet.balancing import EdgeCertificate, EdgeLoadBalancer, EdgeRule, EdgeTls
from tidegate.testing.balancing.http2_target import Http2Target
from tidegate.testing.certificates import a_certificate

# It ends the connection, so that nobody waits for more.
AFTER = b"GET /after HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
# Of their own in each run: at the address for names all load balancers of a machine meet.
_FIRST_PORT = random.randrange(20_000, 32_000)
PORTS = {mode: _FIRST_PORT + number for number, mode in enumerate(MODES)}
TLS_PORTS = {mode: _FIRST_PORT + 10 + number for number, mode in enumerate(MODES)}
# Before the target that speaks HTTP/2.
HTTP2_PORTS = {mode: _FIRST_PORT + 20 + number for number, mode in enumerate(MODES)}
CERTIFICATE = "arn:aws:acm:us-east-1:0:certificate/a"
IDLE_SECONDS = 2

_TLS = EdgeTls(
    certificates=(CERTIFICATE,),
    policy="p",
    protocols=("TLSv1.3", "TLSv1.2"),
    ciphers=("TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
)


@dataclass
class Range:
    """`worker`: the pid of HAProxy's worker as it was at first."""

    lab: Lab
    target: RecordingTarget
    http2: Http2Target
    worker: int

    async def say(self, raw: bytes, mode: str, address: str = "") -> bytes:
        """All that a client is answered on a connection of its own, until that ends. `address`: the load
        balancer's own, unless given."""
        reader, writer = await asyncio.open_connection(address or self.lab.address, PORTS[mode])
        writer.write(raw)
        answer = b""
        try:
            async with asyncio.timeout(10):
                while data := await reader.read(65536):
                    answer += data
        except ConnectionError:
            pass
        finally:
            writer.close()
        return answer

    async def play(self, case: Case, mode: str, address: str = "") -> Outcome:
        self.target.forget()
        statuses = statuses_of(await self.say(case.raw + AFTER, mode, address))
        return Outcome(statuses, tuple(one.target for one in self.target.reached))

    async def next_client(self, mode: str, address: str = "") -> tuple[tuple[int, ...], int]:
        """What the next client is answered, and by which worker: see `all_is_well`."""
        return statuses_of(await self.say(AFTER, mode, address)), await self.lab.worker()

    @property
    def all_is_well(self) -> tuple[tuple[int, ...], int]:
        return (200,), self.worker


def statuses_of(answer: bytes) -> tuple[int, ...]:
    """Those of answers one behind the other, each with its length."""
    statuses = []
    while answer:
        head, end, rest = answer.partition(b"\r\n\r\n")
        found = re.fullmatch(rb"HTTP/1\.[01] (\d{3}) [^\r\n]*(\r\n[^\r\n\0:]+: ?[^\r\n\0]*)*", head)
        assert end, answer
        assert found, head
        length = re.search(rb"\r\ncontent-length: (\d+)", head, re.IGNORECASE)
        assert length, head
        statuses.append(int(found[1]))
        answer = rest[int(length[1]) :]
    return tuple(statuses)


@asynccontextmanager
async def shooting_range(folder: Path, *rules: EdgeRule) -> AsyncIterator[Range]:
    """`rules`: of the listeners for HTTP/1, before the default one, which forwards."""
    async with running(folder) as lab:
        target = RecordingTarget()
        await target.start()
        http2 = await Http2Target().start()
        # The lab takes targets that it knows as they are.
        lab.targets |= {"raw": target, "h2": http2}  # type: ignore[dict-item]
        lab.group("raw")
        lab.group("h2", protocol_version="HTTP2")
        await lab.edges(*(_load_balancer(lab, mode, rules) for mode in MODES), certificates=(_certificate(),))
        yield Range(lab, target, http2, await lab.worker())
        target.stop()
        await http2.stop()


def _load_balancer(lab: Lab, mode: str, rules: Sequence[EdgeRule]) -> EdgeLoadBalancer:
    return EdgeLoadBalancer(
        arn=f"{PREFIX}:loadbalancer/app/{mode}/1",
        name=mode,
        dns_name=f"{mode}-1.us-east-1.elb.localhost",
        address=lab.address,
        idle_timeout_seconds=IDLE_SECONDS,
        desync_mitigation_mode=mode,
        listeners=(
            listener(*rules, default=forward("raw"), port=PORTS[mode]),
            listener(default=forward("raw"), port=TLS_PORTS[mode], protocol="HTTPS", tls=_TLS),
            listener(default=forward("h2"), port=HTTP2_PORTS[mode], protocol="HTTPS", tls=_TLS),
        ),
    )


def _certificate() -> EdgeCertificate:
    pair = a_certificate("a")
    return EdgeCertificate(arn=CERTIFICATE, pem=(pair.pem + pair.key_pem).decode(), names=("a",))
