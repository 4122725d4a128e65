"""Requests over HTTP/1 that are malformed, or that two parsers may read differently.

AWS's tier (Acceptable, Ambiguous, Severe) says what each mode makes of a request; where the product does
otherwise, the case says what instead, and docs/differences.md why. `/a` is what a case asks for, `/smuggled`
is what others hide in it, and after each case the same connection asks for `/after`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SMUGGLED = b"GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The statuses that the client gets, before its connection ends; the paths that the target gets."""

    statuses: tuple[int, ...]
    paths: tuple[str, ...] = ()


# The request is answered, and so is the next one on its connection.
PASSED = Outcome((200, 200), ("/a", "/after"))
# The request is answered, and its connection ends.
ENDED = Outcome((200,), ("/a",))
REFUSED = Outcome((400,))
# HAProxy's word for a coding that it does not know.
UNPROCESSABLE = Outcome((422,))
OTHER_VERSION = Outcome((505,))

MODES = ("monitor", "defensive", "strictest")
_TIERS = {
    "Compliant": (PASSED, PASSED, PASSED),
    "Acceptable": (PASSED, PASSED, REFUSED),
    "Ambiguous": (PASSED, ENDED, REFUSED),
    # AWS's monitor mode forwards them; ours never does.
    "Severe": (REFUSED, REFUSED, REFUSED),
}


@dataclass(frozen=True, slots=True)
class Case:
    """`instead`: by mode, where it is not what the tier says. `body`: what the target gets with `/a`.
    `odd`: whether what is passed on may have bytes that HTTP's grammar has not."""

    name: str
    raw: bytes
    tier: str = "Compliant"
    instead: Mapping[str, Outcome] = field(default_factory=dict)
    body: bytes | None = None
    odd: bool = False

    def outcome(self, mode: str) -> Outcome:
        return self.instead.get(mode, _TIERS[self.tier][MODES.index(mode)])


def everywhere(outcome: Outcome) -> dict[str, Outcome]:
    return dict.fromkeys(MODES, outcome)


def passed(path: str) -> Outcome:
    """PASSED, by another path than `/a`."""
    return Outcome((200, 200), (path, "/after"))


# HAProxy's parser refuses what AWS's defensive mode forwards.
NOT_FORWARDED = {"defensive": REFUSED}
# It refuses the same in every mode.
NEVER = everywhere(REFUSED)
# It writes the request anew, so that the strictest mode has nothing to block.
REWRITTEN = everywhere(PASSED)
REWRITTEN_AND_ENDED = everywhere(ENDED)
# What is hidden is a request of its own to everybody.
TWO_REQUESTS = everywhere(Outcome((200, 200, 200), ("/a", "/smuggled", "/after")))


def request(*fields: bytes, line: bytes = b"GET /a HTTP/1.1", host: bytes | None = b"a") -> bytes:
    hosts = [] if host is None else [b"Host: " + host]
    return b"\r\n".join([line, *hosts, *fields]) + b"\r\n\r\n"


def post(*fields: bytes, body: bytes = b"") -> bytes:
    return request(*fields, line=b"POST /a HTTP/1.1") + body


def chunked(body: bytes, *fields: bytes) -> bytes:
    return post(b"Transfer-Encoding: chunked", *fields, body=body)
