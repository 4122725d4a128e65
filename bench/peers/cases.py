"""What is asked of each load balancer: protocol, connections, size of the answers."""

from __future__ import annotations

from dataclasses import dataclass

# Larger than any buffer on the way.
LARGE_BYTES = 100_000
# What the targets know a request for a large answer by; `&` since every URL has a query.
LARGE_MARK = "&size=large"


@dataclass(frozen=True, slots=True)
class Case:
    """`protocol`: http, https or h2 (over TLS too). `is_fresh`: a connection for each request."""

    protocol: str
    is_fresh: bool = False
    is_large: bool = False

    @property
    def is_tls(self) -> bool:
        return self.protocol != "http"

    @property
    def is_handshake(self) -> bool:
        """Whether the most of a request is public-key arithmetic, which is everybody's."""
        return self.is_tls and self.is_fresh

    def __str__(self) -> str:
        name = {"http": "HTTP/1.1", "https": "HTTP/1.1 over TLS", "h2": "HTTP/2 over TLS"}[self.protocol]
        connections = "a connection each" if self.is_fresh else "kept alive"
        return f"{name}, {connections}, {'100 KB' if self.is_large else '35 bytes'}"


CASES = tuple(
    Case(protocol, is_fresh, is_large)
    for protocol in ("http", "https", "h2")
    for is_fresh in (False, True)
    for is_large in (False, True)
)
# One of each protocol, of both kinds of connection and of both sizes.
SHORT_CASES = (Case("http"), Case("http", is_fresh=True), Case("https", is_large=True), Case("h2"))
