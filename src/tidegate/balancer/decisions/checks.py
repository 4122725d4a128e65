"""What a health check asks of a target, to the letter of what Application Load Balancers send."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.fleet.balancing import GroupDocument, GroupTarget

USER_AGENT = "ELB-HealthChecker/2.0"
_DEFAULT_PORTS = {"HTTP": 80, "HTTPS": 443}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`version`: HTTP1, HTTP2 or GRPC, as the group's. `is_admitted`: whether the target's security groups
    let the check through."""

    address: str
    port: int
    path: str
    is_tls: bool = False
    version: str = "HTTP1"
    is_admitted: bool = True

    @property
    def host(self) -> str:
        """The address, with the port where it is not the protocol's own."""
        address = f"[{self.address}]" if ":" in self.address else self.address
        own = _DEFAULT_PORTS["HTTPS" if self.is_tls else "HTTP"]
        return address if self.port == own else f"{address}:{self.port}"


def question(group: GroupDocument, target: GroupTarget) -> Question:
    """What to ask one target of a group."""
    check = group.health_check
    return Question(
        address=target.address,
        port=target.port if check.port == "traffic-port" else int(check.port),
        path=check.path,
        is_tls=check.protocol == "HTTPS",
        version=group.protocol_version,
        is_admitted=target.is_check_admitted,
    )


def http1_request(asked: Question) -> bytes:
    """The whole request: there is no Accept, and the connection is of no use afterwards."""
    return (
        f"GET {asked.path} HTTP/1.1\r\nHost: {asked.host}\r\nConnection: close\r\n"
        f"User-Agent: {USER_AGENT}\r\nAccept-Encoding: gzip, compressed\r\n\r\n"
    ).encode()


def http2_headers(asked: Question) -> list[tuple[str, str]]:
    """The request's header block; a gRPC check is a unary call of the path as a method."""
    is_grpc = asked.version == "GRPC"
    pseudo = [
        (":method", "POST" if is_grpc else "GET"),
        (":scheme", "https" if asked.is_tls else "http"),
        (":authority", asked.host),
        (":path", asked.path),
        ("user-agent", USER_AGENT),
    ]
    if is_grpc:
        return [*pseudo, ("content-type", "application/grpc"), ("te", "trailers")]
    return [*pseudo, ("accept-encoding", "gzip, compressed")]


# An uncompressed gRPC message of no bytes: every method can decode it.
GRPC_EMPTY_MESSAGE = bytes(5)
