"""A line of the connection log, field by field as Application Load Balancers write it.

What a connection is, the line of its first request tells, or the line on the TLS handshake that failed.
"""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.balancer.decisions.access_log.raw import ABSENT, FailedConnection, LoggedRequest
from tidegate.balancer.decisions.access_log.requests import trace_id
from tidegate.balancer.decisions.access_log.sources import Source
from tidegate.balancer.decisions.access_log.texts import moment, seconds

# By OpenSSL's numbers (X509_V_ERR_*) of what is wrong with a client's certificate, or one above it.
_REASONS: Mapping[str, str] = {
    number: reason
    for reason, numbers in {
        "ClientCertNotYetValid": (9,),
        "ClientCertExpired": (10,),
        "ClientCertCrlHit": (23,),
        "ClientCertCrlProcessingError": (3, 5, 8, 11, 12, 15, 16, 33, 35, 36),
        "ClientCertUntrusted": (2, 18, 19, 20, 21, 27, 29),
        "ClientCertMaxChainDepthExceeded": (22, 25),
        "ClientCertPurposeInvalid": (26, 32, 79),
        "ClientCertRejected": (28,),
        "ClientCertInvalid": (4, 6, 7, 13, 14, 24, 34, 41, 66, 67, 68),
    }.items()
    for number in map(str, numbers)
}


def begins_connection(said: LoggedRequest) -> bool:
    """Whether a request is the first on its connection; one that was not understood may be, too."""
    return said.is_first != ABSENT or said.understood in ("0", ABSENT)


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


def failed_connection_line(source: Source, said: FailedConnection) -> str:
    """The line of a connection on which no TLS was agreed on, without its end."""
    accepted, _, _ = said.connection.partition("-")
    address, _, port = said.client.rpartition(":")
    return (
        f"{moment(int(accepted))} {address} {port} {source.port} - - - "
        f'"{said.certificate_subject}" {_validity(said)} {said.certificate_serial} '
        f"Failed:{_reason(said)} {trace_id(said.connection)} {ABSENT}"
    )


def _reason(said: FailedConnection) -> str:
    number = said.certificate_error if said.certificate_error not in ("0", ABSENT) else said.issuer_error
    return _REASONS.get(number, "UnmappedConnectionError")


def _validity(said: LoggedRequest | FailedConnection) -> str:
    if said.certificate_since == said.certificate_until == ABSENT:
        return ABSENT
    return f"NotBefore={_moment(said.certificate_since)};NotAfter={_moment(said.certificate_until)}"


def _moment(utc: str) -> str:
    """Of a year of this century and the rest of ASN.1's time, as in `230921224321Z`. HAProxy says nothing of
    other centuries, of which certificates are that never end: 9999."""
    if utc == ABSENT:
        return ABSENT
    year, month, day, hour, minute, second = (utc[at : at + 2] for at in range(0, 12, 2))
    return f"20{year}-{month}-{day}T{hour}:{minute}:{second}Z"
