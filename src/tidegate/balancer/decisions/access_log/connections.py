"""A line of the connection log, field by field as Application Load Balancers write it.

What a connection is, the line of its first request tells.
"""

from __future__ import annotations

from tidegate.balancer.decisions.access_log.raw import ABSENT, LoggedRequest
from tidegate.balancer.decisions.access_log.requests import trace_id
from tidegate.balancer.decisions.access_log.sources import Source
from tidegate.balancer.decisions.access_log.texts import moment, seconds


def begins_connection(said: LoggedRequest) -> bool:
    """Whether a request is the first on its connection; one that was not understood may be, too."""
    return said.is_first != ABSENT or said.is_known == ABSENT


def connection_line(source: Source, said: LoggedRequest) -> str:
    """The line of the connection on which a request came first, without its end."""
    accepted, _, _ = said.connection.partition("-")
    address, _, port = said.client.rpartition(":")
    is_tls = source.protocol == "https"
    latency = seconds(int(said.handshake_ms)) if is_tls else ABSENT
    return (
        f"{moment(int(accepted))} {address} {port} {source.port} {said.tls_protocol} {said.tls_cipher} "
        f'{latency} "{said.certificate_subject}" {_validity(said)} {said.certificate_serial} '
        f"{'Success' if is_tls else ABSENT} {trace_id(said.connection)} {ABSENT}"
    )


def _validity(said: LoggedRequest) -> str:
    if said.certificate_since == ABSENT:
        return ABSENT
    return f"NotBefore={_moment(said.certificate_since)};NotAfter={_moment(said.certificate_until)}"


def _moment(utc: str) -> str:
    """Of ASN.1's UTCTime, as in `230921224321Z`."""
    year, month, day, hour, minute, second = (utc[at : at + 2] for at in range(0, 12, 2))
    return f"20{year}-{month}-{day}T{hour}:{minute}:{second}Z"
