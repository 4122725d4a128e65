"""A line of the access log, field by field as Application Load Balancers write it."""

from __future__ import annotations

import re

from tidegate.balancer.decisions.access_log.raw import (
    ABSENT,
    MALFORMED,
    NO_SERVER,
    LoggedRequest,
    elb_status,
)
from tidegate.balancer.decisions.access_log.sources import Source
from tidegate.balancer.decisions.access_log.texts import moment, seconds
from tidegate.balancer.decisions.configuration.forwards import NOWHERE
from tidegate.balancer.decisions.configuration.rules import DEFAULT_NUMBER

_DEFAULT = str(DEFAULT_NUMBER)
_NO_TIMES = "-1 -1 -1"
_ORIGIN = re.compile("[a-zA-Z][a-zA-Z0-9+.-]*://[^/?]*")
_URI_OF_TARGETS = re.compile("/[!-~]*")


def access_line(source: Source, said: LoggedRequest) -> str:
    """One line, without its end."""
    ended = int(said.ended_us)
    status = elb_status(said.status, said.target_status, said.termination)
    sent_bytes = "0" if status == "460" else said.sent_bytes
    # The balancer itself is no target: it answers those who log in.
    has_target = said.backend.startswith("tg_") and said.server != NO_SERVER
    target = said.target if has_target else ABSENT
    classification, reason = _classification(said)
    failure = _transform_failure(said)
    group, _, _ = said.backend.partition(".")
    return (
        f"{_type(source, said)} {moment(ended)} {source.elb} {said.client} {target} {_times(said)} {status} "
        f"{said.target_status} {said.received_bytes} {sent_bytes} "
        f'"{_request(source, said)}" "{said.user_agent}" {said.tls_cipher} {said.tls_protocol} '
        f'{source.target_groups.get(group, ABSENT)} "{said.trace}" "{_domain(source, said)}" '
        f'"{_certificate(source, said)}" {_priority(said, failure)} '
        f'{moment(ended - 1000 * int(said.total_ms))} "{_actions(source, said)}" '
        f'"{said.location}" "{said.error_reason}" "{target}" "{said.target_status}" '
        f'"{classification}" "{reason}" {trace_id(said.connection)} '
        f'"{said.new_host}" "{said.new_uri}" "{failure}" {source.balancer.address}'
    )


def trace_id(connection: str) -> str:
    """A connection's id, which joins its requests to its line in the connection log."""
    return "TID_" + connection.partition("-")[2].replace("-", "")


def _type(source: Source, said: LoggedRequest) -> str:
    is_tls = source.protocol == "https"
    if said.target_status == "101":
        return "wss" if is_tls else "ws"
    if said.major == "2":
        return "h2" if said.is_grpc == ABSENT else "grpcs"
    return source.protocol


def _times(said: LoggedRequest) -> str:
    """Until the target had the request, until its headers came, until the client had the rest. A request
    that no target answered has none of them."""
    if said.target_status == ABSENT:
        return _NO_TIMES
    before = int(said.read_ms) + int(said.queue_ms) + int(said.connect_ms)
    answering = int(said.answer_ms)
    rest = max(0, int(said.total_ms) - before - answering)
    return f"{seconds(before)} {seconds(answering)} {seconds(rest)}"


def _request(source: Source, said: LoggedRequest) -> str:
    """The request's first line, with the whole URL in it."""
    if said.method == MALFORMED:
        return f"- {source.protocol}://{source.balancer.dns_name}:{source.port}- -"
    host = source.balancer.dns_name if said.host == ABSENT else said.host
    if ":" not in host.rpartition("]")[2]:
        host = f"{host}:{source.port}"
    version = "HTTP/2.0" if said.major == "2" else said.version
    return f"{said.method} {source.protocol}://{host}{_path(said.uri)} {version}"


def _path(uri: str) -> str:
    """Without what an absolute URI has before it, as those of HTTP/2 are written."""
    return uri if uri.startswith("/") else _ORIGIN.sub("", uri, count=1)


def _domain(source: Source, said: LoggedRequest) -> str:
    """The name that a TLS client asked for, unless the default certificate is shown and not good for it."""
    shown = source.certificates.get(said.certificate)
    if shown is None or shown.arn != source.default_certificate:
        return said.server_name
    return said.server_name if _covers(shown.names, said.server_name.lower()) else ABSENT


def _covers(names: tuple[str, ...], name: str) -> bool:
    wildcard = f"*.{name.partition('.')[2]}"
    return any(one.lower() in (name, wildcard) for one in names)


def _certificate(source: Source, said: LoggedRequest) -> str:
    if said.is_resumed == "1":
        return "session-reused"
    shown = source.certificates.get(said.certificate)
    return ABSENT if shown is None else shown.arn


def _priority(said: LoggedRequest, failure: str) -> str:
    """Of the rule that matched; a request that was refused before has met none."""
    is_refused = said.backend == said.frontend
    if is_refused and failure == said.error_reason == ABSENT:
        return ABSENT
    return "0" if said.rule in (_DEFAULT, ABSENT) else said.rule


def _actions(source: Source, said: LoggedRequest) -> str:
    """What the rule has asked of the client, then what was done with the request, if it came to that."""
    if said.backend == said.frontend and said.error_reason == ABSENT:
        return ABSENT
    check = source.checks.get(_DEFAULT if said.rule == ABSENT else said.rule, "")
    action = source.answers.get(said.backend, "")
    if said.backend == NOWHERE or said.backend.startswith("tg_"):
        action = "forward"
    return ",".join(one for one in (check, action) if one) or ABSENT


def _classification(said: LoggedRequest) -> tuple[str, str]:
    if said.ambiguous != ABSENT:
        return "Ambiguous", said.ambiguous
    if said.acceptable != ABSENT:
        return "Acceptable", said.acceptable
    return ABSENT, ABSENT


def _transform_failure(said: LoggedRequest) -> str:
    """Why a rule's transforms have left a request that no target may get."""
    if said.backend != said.frontend or said.new_uri == said.new_host == ABSENT:
        return ABSENT
    is_bad_path = said.new_uri != ABSENT and _URI_OF_TARGETS.fullmatch(said.new_uri) is None
    return "TransformInvalidPath" if is_bad_path else "TransformInvalidHost"
