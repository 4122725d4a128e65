"""Hosts that have vanished, by connections on which nothing is acknowledged any more.

A host that loses power, or its network, answers nothing: neither refusals nor resets. A new connection to it
runs into the connect timeout and goes elsewhere, but a request on a connection that is open already would
wait for the whole idle timeout, and a health check may not be due for a while. The kernel knows within a
second: it sends again what nobody acknowledges. However busy a process is, its host acknowledges.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address

Place = tuple[str, int]

# The second time is 0.6 s after the bytes were sent, or 3 s after a connection was asked for. The first time
# may be one lost packet.
_COUNT_MIN = 2


@dataclass(frozen=True, slots=True)
class Unacknowledged:
    """A connection to `address` and `port`. `count`: how often was sent again what should have been
    acknowledged."""

    address: str
    port: int
    count: int
    is_connecting: bool


def silent(found: Iterable[Unacknowledged]) -> frozenset[Place]:
    """Places from which nothing comes."""
    return frozenset((one.address, one.port) for one in found if one.count >= _COUNT_MIN)


def hanging(found: Iterable[Unacknowledged]) -> frozenset[Place]:
    """Places with open connections on which requests wait in vain."""
    return silent(one for one in found if not one.is_connecting)


def may_vanish(address: str) -> bool:
    """Whether another host may be behind an address."""
    return not ip_address(address).is_loopback


def settled(closed_since: Mapping[Place, float], now: float, connect_seconds: float) -> frozenset[Place]:
    """Places to which no attempt to connect can be under way any more. Cutting off what waits there fails
    such attempts, while those who have been waiting for an answer are given to another target."""
    return frozenset(place for place, since in closed_since.items() if now - since > connect_seconds)
