"""HAProxy's line for a request: what is in it, in which order, and how it is read again.

There are two. The short one, `A`, is written for requests of most listeners; it is what balancing itself
needs. The long one, `B`, begins with the same fields, and is written instead where the load balancer keeps
access or connection logs; there a handshake that fails has a line too, `E`. What is counted for metrics
stands first, in one word: equal requests have equal words, so that they are counted by the thousand with no
Python for each. What else the proxy says follows, between `|` as well. What a client can choose stands
behind, so that no separator of a client's shifts fields; in the long line it stands between `|]`, and HAProxy
writes a backslash before each `]` of a client's.

Lines are read as latin-1: each byte is a character.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

SHORT, LONG, FAILURE = "A ", "B ", "E "
_BETWEEN, _CHOSEN_BETWEEN = "|", "|]"
ABSENT = "-"
NO_SERVER = "<NOSRV>"
MALFORMED = "<BADREQ>"


class Request(NamedTuple):
    """What every line says, as text; from `client` on it is not counted. `client`, `target`: address and
    port. `accepted`: Unix seconds with three decimals, when the request began. `*_ms`: how long the request's
    headers took to come, how long it waited for a target, for the connection to it, for its answer's headers;
    -1 where that was not reached. `total_ms`: from the request's first byte to the answer's last. `status`:
    as HAProxy sent it. `target_status`: the target's, or `-`. `backend`: `tg_ID`, with `.N` in one of several
    zones; one that answers by itself; or the frontend, when it refused the request. `rule`: the matched one's
    number; `-` where none was looked for. `termination`: HAProxy's two letters. `kept`: 1 where a client came
    back to its target, 0 where it could not, `-` where it need not. `invalid`: 1 with such header names."""

    frontend: str
    backend: str
    status: str
    target_status: str
    termination: str
    retries: str
    rule: str
    is_grpc: str
    ambiguous: str
    kept: str
    invalid: str
    answer_ms: str
    client: str
    accepted: str
    target: str
    read_ms: str
    queue_ms: str
    connect_ms: str
    total_ms: str
    received_bytes: str
    sent_bytes: str
    server: str

    @property
    def target_group(self) -> str | None:
        """The name that all backends of its target group share."""
        return self.backend.partition(".")[0] if self.backend.startswith("tg_") else None

    @property
    def elb_status(self) -> str:
        """The status in AWS's terms."""
        return elb_status(self.status, self.target_status, self.termination)

    @property
    def target_seconds(self) -> float | None:
        """From the request's end at the balancer to the target's headers; None when none came."""
        return None if self.target_status == ABSENT else int(self.answer_ms) / 1000

    @property
    def total_seconds(self) -> float:
        return int(self.total_ms) / 1000


class LoggedRequest(NamedTuple):
    """A long line: the fields of `Request`, then what only logs need. `connection`: when it was accepted
    (Unix microseconds), `-`, and a UUID; `is_first`: whether this is its first request; `understood`: how
    many it has had that were. `certificate`: the SHA-1 of the one that was shown. From `method` on a client
    has chosen the text: see `printable`. What may be long stands last: a line is cut at 4,096 bytes."""

    frontend: str
    backend: str
    status: str
    target_status: str
    termination: str
    retries: str
    rule: str
    is_grpc: str
    ambiguous: str
    kept: str
    invalid: str
    answer_ms: str
    client: str
    accepted: str
    target: str
    read_ms: str
    queue_ms: str
    connect_ms: str
    total_ms: str
    received_bytes: str
    sent_bytes: str
    server: str
    ended_us: str
    major: str
    acceptable: str
    error_reason: str
    connection: str
    is_first: str
    understood: str
    handshake_ms: str
    tls_protocol: str
    tls_cipher: str
    is_resumed: str
    certificate: str
    certificate_since: str
    certificate_until: str
    certificate_serial: str
    method: str
    version: str
    host: str
    server_name: str
    uri: str
    user_agent: str
    trace: str
    certificate_subject: str
    new_host: str
    new_uri: str
    location: str


class FailedConnection(NamedTuple):
    """A line on a handshake that failed. `error`: HAProxy's number; `certificate_error`, `issuer_error`:
    OpenSSL's, of the client's certificate and of those above it."""

    client: str
    frontend: str
    connection: str
    error: str
    certificate_error: str
    issuer_error: str
    certificate_since: str
    certificate_until: str
    certificate_serial: str
    certificate_subject: str


_COUNTED_FIELDS = Request._fields.index("client")
_SHORT_FIELDS = len(Request._fields)
_CHOSEN_FROM = LoggedRequest._fields.index("method")
_CHOSEN_FIELDS = len(LoggedRequest._fields) - _CHOSEN_FROM
_URI = LoggedRequest._fields.index("uri") - _CHOSEN_FROM

# HAProxy's names of our fields.
_SAID: Mapping[str, str] = {
    "client": "%[var(sess.client)]",
    "accepted": "%Ts.%ms",
    "target": "%si:%sp",
    "read_ms": "%TR",
    "queue_ms": "%Tw",
    "connect_ms": "%Tc",
    "answer_ms": "%Tr",
    "total_ms": "%Ta",
    "status": "%ST",
    "target_status": "%[var(txn.target_status)]",
    "received_bytes": "%U",
    "sent_bytes": "%B",
    "backend": "%b",
    "server": "%s",
    "termination": "%ts",
    "retries": "%rc",
    "frontend": "%f",
    "ended_us": "%[date(0,us)]",
    "rule": "%[var(txn.rule)]",
    "major": "%[fc_http_major]",
    "is_grpc": "%[var(txn.is_grpc)]",
    "ambiguous": "%[var(txn.ambiguous)]",
    "kept": "%[var(txn.kept)]",
    "invalid": "%[var(txn.invalid)]",
    "acceptable": "%[var(txn.acceptable)]",
    "error_reason": "%[var(txn.error_reason)]",
    "connection": "%[var(sess.connection)]",
    "is_first": "%[var(txn.is_first)]",
    "understood": "%[var(sess.turn)]",
    "trace": "%{+E}[var(txn.trace)]",
    "method": "%{+E}HM",
    "version": "%[capture.req.ver]",
    "host": "%{+E}[capture.req.hdr(0)]",
    "new_host": "%{+E}[var(txn.new_host)]",
    "new_uri": "%{+E}[var(txn.new_uri)]",
    "location": "%{+E}[var(txn.location)]",
    "uri": "%{+E}HU",
    "user_agent": "%{+E}[capture.req.hdr(1)]",
}
_SAID_OF_TLS: Mapping[str, str] = {
    "handshake_ms": "%Th",
    "tls_protocol": "%sslv",
    "tls_cipher": "%sslc",
    "is_resumed": "%[ssl_fc_is_resumed]",
    "certificate": "%[ssl_f_sha1,hex]",
}
_CHOSEN_OF_TLS: Mapping[str, str] = {"server_name": "%{+E}[ssl_fc_sni]"}
_SAID_OF_CLIENT_CERTIFICATES: Mapping[str, str] = {
    "certificate_since": "%[ssl_c_notbefore]",
    "certificate_until": "%[ssl_c_notafter]",
    "certificate_serial": "%[ssl_c_serial,hex]",
    "certificate_subject": "%{+E}[ssl_c_s_dn(,0,rfc2253)]",
}


def _proxys(said: Mapping[str, str], fields: Sequence[str]) -> str:
    """What the proxy says: what is counted, and the rest."""
    texts = [said.get(name, ABSENT) for name in fields]
    return f"{_BETWEEN.join(texts[:_COUNTED_FIELDS])} {_BETWEEN.join(texts[_COUNTED_FIELDS:])}"


# What the proxy says of a connection with TLS. It is put together once: the certificate's sum is not cheap.
TLS_FORMAT = _BETWEEN.join(_SAID_OF_TLS.values())
SHORT_FORMAT = f"{SHORT}{_proxys(_SAID, Request._fields)}|%[var(txn.trace)]|%HM|%HV|%HU"

_OF_FAILURE: Mapping[str, str] = {
    "client": "%ci:%cp",
    "error": "%[fc_err]",
    "certificate_error": "%[ssl_c_err]",
    "issuer_error": "%[ssl_c_ca_err]",
}

_HOST_BYTES_MAX, USER_AGENT_BYTES_MAX = 256, 512
# The headers of which the long format writes what came, the first and the second of those captured.
CAPTURES = (("Host", _HOST_BYTES_MAX), ("User-Agent", USER_AGENT_BYTES_MAX))

_ENCODED = re.compile("#([0-9A-F]{2})")
_ESCAPED = re.compile(r"\\(.?)")
_UNPRINTABLE = re.compile(r"[^ !#-\[\]-~]")


def long_format(*, is_tls: bool, asks_clients: bool) -> str:
    """HAProxy's log-format for a listener whose requests, or connections, are logged; with TLS it finds what
    `TLS_FORMAT` says in a variable of the connection. `asks_clients`: for their certificates."""
    said = dict(_SAID)
    said |= _CHOSEN_OF_TLS if is_tls else {}
    said |= _SAID_OF_CLIENT_CERTIFICATES if asks_clients else {}
    fields, chosen_fields = LoggedRequest._fields[:_CHOSEN_FROM], LoggedRequest._fields[_CHOSEN_FROM:]
    if is_tls:
        first, *others = _SAID_OF_TLS
        fields = tuple(name for name in fields if name not in others)
        said |= {first: "%[var(sess.tls)]"}
    chosen = [said.get(name, ABSENT) for name in chosen_fields]
    return LONG + _CHOSEN_BETWEEN.join((_proxys(said, fields), *chosen))


def failure_format(*, asks_clients: bool) -> str:
    """HAProxy's error-log-format for a TLS listener whose connections are logged."""
    said = {**_SAID, **_OF_FAILURE, **(_SAID_OF_CLIENT_CERTIFICATES if asks_clients else {})}
    *texts, subject = [said.get(name, ABSENT) for name in FailedConnection._fields]
    return FAILURE + _CHOSEN_BETWEEN.join([_BETWEEN.join(texts), subject])


def read(line: str) -> Request | None:
    """What a line of either kind says; None for what is no line of a request."""
    counted, _, rest = line[2:].partition(" ")
    fields = [*counted.split(_BETWEEN), *rest.split(_BETWEEN, _SHORT_FIELDS - _COUNTED_FIELDS)]
    if len(fields) <= _SHORT_FIELDS or not line.startswith((SHORT, LONG)):
        return None
    return Request._make(fields[:_SHORT_FIELDS])


def read_counted(word: str) -> Sequence[str] | None:
    """The counted fields of `Request`, in their order, from the word that they are in."""
    fields = word.split(_BETWEEN)
    return fields if len(fields) == _COUNTED_FIELDS else None


def read_long(line: str) -> LoggedRequest | None:
    """What a long line says; None for what is none. What was cut off its end is absent."""
    head, *chosen = line.split(_CHOSEN_BETWEEN)
    fields = head[2:].replace(" ", _BETWEEN, 1).split(_BETWEEN)
    if len(fields) != _CHOSEN_FROM or not line.startswith(LONG):
        return None
    missing = _CHOSEN_FIELDS - len(chosen)
    if missing:
        chosen += [ABSENT] * missing
    if "#" in chosen[_URI]:
        chosen[_URI] = _ENCODED.sub(_decoded, chosen[_URI])
    if "\\" in line or not (line.isascii() and line.isprintable()):
        chosen = [printable(text) for text in chosen]
    return LoggedRequest._make(fields + chosen[:_CHOSEN_FIELDS])


def read_failure(line: str) -> FailedConnection | None:
    """What a line on a failed handshake says; None for what is none."""
    head, _, subject = line.partition(_CHOSEN_BETWEEN)
    fields = [*head[2:].split(_BETWEEN), printable(subject)]
    if len(fields) != len(FailedConnection._fields) or not line.startswith(FAILURE):
        return None
    return FailedConnection._make(fields)


def printable(text: str) -> str:
    """A client's text as logs have it: what is not printable, quotes and backslashes as `\\x22`."""
    return _UNPRINTABLE.sub(lambda found: f"\\x{ord(found[0]):02X}", _ESCAPED.sub(r"\1", text))


def elb_status(status: str, target_status: str, termination: str) -> str:
    """460 where the client left a request that a target had, or was to have, before it was answered."""
    left = termination[0] == "C" and termination[1] in "QCH"
    return "460" if left and target_status == ABSENT else status


def _decoded(found: re.Match[str]) -> str:
    """A byte of a URI that HAProxy has written as a number, with the backslash that it would have else."""
    return f"\\{chr(int(found[1], 16))}"
