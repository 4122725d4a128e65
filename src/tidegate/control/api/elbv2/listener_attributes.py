"""Attributes of listeners: names of request headers, values of response headers."""

from __future__ import annotations

import re
from collections.abc import Mapping

from tidegate.control.api.elbv2.attribute_changes import (
    Check,
    Given,
    boolean,
    changed,
    invalid_characters,
    is_within,
)
from tidegate.control.api.elbv2.faults import invalid
from tidegate.domain.elbv2 import Listener
from tidegate.domain.elbv2.attributes import REQUEST_HEADERS, RESPONSE_HEADERS
from tidegate.wire import Fault

_VALUE = re.compile(r"[A-Za-z0-9_ :;.,\\/'?!(){}\[\]@<>=\-+*#&`|~^%]{0,1024}")
_NAME = re.compile(r"[A-Za-z0-9_-]{0,1024}")
_OF_OTHER_TYPES = ("tcp.idle_timeout.seconds", "send_tcp_reset.on_idle_timeout.enabled")
_AGE_MAX = 2**31 - 1


def _header_name(key: str, value: str) -> None:
    if not _NAME.fullmatch(value):
        raise invalid_characters(key)


def _text(key: str, value: str) -> None:
    if not _VALUE.fullmatch(value):
        raise invalid_characters(key)


def _age(key: str, value: str) -> None:
    if value and not is_within(value, 0, _AGE_MAX):
        raise invalid_characters(key)


def _from(*choices: str) -> Check:
    def check(key: str, value: str) -> None:
        if value and value not in choices:
            listed = ", ".join(choices)
            raise invalid(f"The value of '{key}' must be from the following: [{listed}], but was '{value}'")

    return check


_PARTICULAR: Mapping[str, Check] = {
    "Access-Control-Allow-Credentials": _from("true"),
    "Access-Control-Max-Age": _age,
    "X-Content-Type-Options": _from("nosniff"),
    "X-Frame-Options": _from("DENY", "SAMEORIGIN"),
}
_CHECKS: Mapping[str, Check] = {
    "routing.http.response.server.enabled": boolean,
    **{key: _PARTICULAR.get(name, _text) for key, name in RESPONSE_HEADERS.items()},
    **dict.fromkeys(REQUEST_HEADERS, _header_name),
}


def changed_attributes(row: Listener, given: Given) -> dict[str, str]:
    """A listener's attributes after a change; raises the fault of what is wrong. An empty value is the
    default again."""
    checks = {key: _CHECKS[key] for key in row.attribute_defaults}
    repeated = "Attribute key '{key}' has been specified more than once"
    result = changed(row.attributes, given, checks, repeated=repeated, unknown=_unknown)
    return {key: value for key, value in result.items() if value}


def _unknown(key: str) -> Fault:
    # A key that HTTPS listeners have on an HTTP listener; or one of another type of load balancer.
    if key in _CHECKS or key in _OF_OTHER_TYPES:
        return invalid("The provided listener attribute is not supported")
    return invalid(f"Listener attribute key '{key}' is not recognized")
