"""Follows up targets whose hosts have vanished: see `decisions/silence.py`.

Such a target is looked at. If it takes no connection it is ejected, and once no attempt to connect to it can
be under way, what still waits there is cut off: HAProxy gives requests that may be repeated to another
target. Where all targets have loopback addresses, which do not vanish, nobody asks the kernel.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence

import structlog

from tidegate.balancer.decisions.configuration import CONNECT_SECONDS
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.silence import (
    Place,
    Unacknowledged,
    hanging,
    may_vanish,
    settled,
    silent,
)
from tidegate.balancer.sock_diag import unacknowledged
from tidegate.balancer.targets import Targets
from tidegate.fleet.balancing import GroupDocument

_EVERY_SECONDS = 0.4
# The kernel looks through all connections: the part of a core that this may take.
_SHARE_MAX = 1 / 30
# Where the kernel does not tell, it may be asked again some time.
_GIVEN_UP_SECONDS = 60.0
# A group's ARN and a target in it.
Who = tuple[str, Key]

_log = structlog.get_logger(__name__)


class Silence:
    """`groups` gives those in use; `look` is called with a target that may be gone."""

    def __init__(
        self,
        targets: Targets,
        groups: Callable[[], Sequence[GroupDocument]],
        look: Callable[[str, Key], None],
    ) -> None:
        self._targets = targets
        self._groups = groups
        self._look = look
        self._closed: dict[Place, float] = {}

    async def watch(self) -> None:
        """Watch for as long as there are targets elsewhere."""
        groups: Sequence[GroupDocument] = ()
        places: Mapping[Place, Sequence[Who]] = {}
        while True:
            if groups != (present := self._groups()):
                groups, places = present, _places(present)
            used = 0.0
            if places:
                try:
                    found, used = await asyncio.to_thread(_measured)
                    await self._follow_up(places, found)
                except OSError as error:
                    _log.warning("connections cannot be watched", error=str(error))
                    used = _GIVEN_UP_SECONDS * _SHARE_MAX
            await asyncio.sleep(max(_EVERY_SECONDS, used / _SHARE_MAX))

    async def _follow_up(
        self, places: Mapping[Place, Sequence[Who]], found: Sequence[Unacknowledged]
    ) -> None:
        now, suspected = time.monotonic(), silent(found) & places.keys()
        self._closed = {
            place: self._closed.get(place, now)
            for place in suspected
            if not any(self._targets.is_open(arn, key) for arn, key in places[place])
        }
        for place in suspected - self._closed.keys():
            for arn, key in places[place]:
                self._look(arn, key)
        for place in settled(self._closed, now, CONNECT_SECONDS) & hanging(found):
            for arn, key in places[place]:
                await self._targets.cut_off(arn, [key])


def _places(groups: Sequence[GroupDocument]) -> dict[Place, list[Who]]:
    """Who is behind each place: a target may be in several groups."""
    places: dict[Place, list[Who]] = {}
    for group in groups:
        for target in group.targets:
            if may_vanish(target.address):
                who = (group.target_group_arn, (target.id, target.port))
                places.setdefault((target.address, target.port), []).append(who)
    return places


def _measured() -> tuple[list[Unacknowledged], float]:
    """With the processor time that it took."""
    began = time.thread_time()
    return unacknowledged(), time.thread_time() - began
