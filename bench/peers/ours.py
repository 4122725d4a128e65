"""The product with all that it does for a request, and a bare HAProxy, as peers among the others."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

from bench.load_balancer import documents
from bench.load_balancer.documents import Target
from bench.load_balancer.proxies import Product, bare_haproxy
from bench.load_balancer.rules import RULES, rule
from bench.measuring.http import LoadFailedError
from bench.peers.peer import CERTIFICATE_NAME, Peer, Place

_PORTS = (20_000, 20_001)
_CERTIFICATE = "arn:aws:acm:us-east-1:000000000000:certificate/bench"


class FullProduct(Product):
    """An HTTP and an HTTPS listener with 100 rules each; access and connection logs are kept."""

    async def _furnish(self, groups: list[list[Target]], *_: Any) -> None:
        self.groups, self._generations = [[] for _ in groups], [0] * len(groups)
        for number, group in enumerate(groups):
            await self.change(number, group)
        await self.control.tell("EdgeDocument", edge(self.address, (self._folder / "bench.pem").read_text()))
        wanted = sum(map(len, groups))
        await self.control.until(
            f"{wanted} healthy targets", lambda: sum(self.control.healthy.values()) == wanted
        )
        await self.control.until("the listeners", lambda: len(self.control.edge.get("listeners", ())) == 2)
        await self.control.until("the maker of logs", lambda: bool(self.log_maker))


@contextlib.asynccontextmanager
async def product(folder: Path, targets: Sequence[Target]) -> AsyncIterator[Peer]:
    """`folder` holds the certificate. Raises LoadFailedError."""
    async with FullProduct(folder).running([list(targets)] * len(_PORTS)) as running:
        yield Peer(
            "Tidegate",
            {"http": f"{running.address}:{_PORTS[0]}", "https": f"{running.address}:{_PORTS[1]}"},
            lambda: running.haproxy,
            # The context of `running` ends it.
            lambda: None,
            lambda: [running.python, *running.log_maker],
        )
        if not running.log_bytes():
            raise LoadFailedError("the product wrote no access log: the figures would be of another product")


def bare(place: Place) -> Peer:
    """Raises LoadFailedError."""
    haproxy = bare_haproxy(place.folder, list(place.targets), (place.https_port, place.certificate))
    addresses = {**place.addresses, "http": f"127.0.0.1:{haproxy.port}"}
    return Peer("bare HAProxy", addresses, lambda: haproxy.pids, haproxy.stop)


def edge(address: str, pem: str) -> dict[str, Any]:
    """What the product's balancer is told. `pem`: the certificate and its key."""
    rules = [rule(number) for number in range(RULES)]
    told = documents.edge(address, _PORTS, [rules] * len(_PORTS))
    [balancer] = told["load_balancers"]
    balancer["logs"] = [{"kind": kind, "bucket": "bench"} for kind in ("access", "connection")]
    secure = balancer["listeners"][1]
    secure["protocol"] = "HTTPS"
    secure["tls"] = {
        "certificates": [_CERTIFICATE],
        "policy": "bench",
        "protocols": ["TLSv1.3", "TLSv1.2"],
        "ciphers": ["TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"],
    }
    told["certificates"] = [{"arn": _CERTIFICATE, "pem": pem, "names": [CERTIFICATE_NAME]}]
    return told
