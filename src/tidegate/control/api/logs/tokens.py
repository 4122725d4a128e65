"""Tokens of pages, and ids of events: both say where an event stands."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from tidegate.control.api.logs import faults
from tidegate.domain.logs import Place

# As long as CloudWatch's, and like those in the order of time.
_EVENT_ID = re.compile(r"3(\d{15})(\d{18})(\d{22})")
_STREAM_TOKEN = re.compile(r"([fb])/(\d{56})/s")


def token_of(content: str, scope: str) -> str:
    """A token that is good for requests of the same scope."""
    return base64.urlsafe_b64encode(f"{zlib.crc32(scope.encode()):08x}:{content}".encode()).decode()


def opened_token(token: str, scope: str) -> str:
    """What a token says; raises Fault."""
    try:
        found, _, content = base64.b64decode(token.encode(), b"-_", validate=True).decode().partition(":")
    except (binascii.Error, UnicodeError, ValueError) as error:
        raise faults.invalid_token() from error
    if found != f"{zlib.crc32(scope.encode()):08x}":
        raise faults.invalid_token()
    return content


def event_id(place: Place) -> str:
    """56 digits."""
    return f"3{place.at:015d}{place.stream:018d}{place.number:022d}"


def place_of(text: str) -> Place:
    """The place that an event's id says; raises Fault."""
    found = _EVENT_ID.fullmatch(text)
    if found is None:
        raise faults.invalid_token()
    return Place(*map(int, found.groups()))


def stream_token(direction: str, place: Place) -> str:
    """`f`: what comes after the place; `b`: what comes before it."""
    return f"{direction}/{event_id(place)}/s"


def opened_stream_token(token: str) -> tuple[str, Place]:
    """The direction and the place; raises Fault."""
    found = _STREAM_TOKEN.fullmatch(token)
    if found is None:
        raise faults.invalid_token()
    return found[1], place_of(found[2])
