"""Connections that the system turned away at listeners, since it was last asked."""

from __future__ import annotations

from collections.abc import Iterable

import structlog

from tidegate.balancer.sock_diag import refusals
from tidegate.fleet.balancing import ListenerBinding

_log = structlog.get_logger(__name__)


class Rejections:
    """HAProxy takes connections up to its limit. More wait in the listener's queue, and beyond that the
    system drops what asks for one."""

    def __init__(self) -> None:
        # None: not asked yet. A listener may have been taken over with what it had turned away before.
        self._before: dict[tuple[str, int], int] | None = None
        self._is_told = False

    def grown(self, bindings: Iterable[ListenerBinding]) -> dict[str, int]:
        """By the listener's ARN."""
        try:
            now = refusals()
        except OSError as error:
            if not self._is_told:
                _log.warning("rejected connections cannot be counted", error=str(error))
            self._is_told = True
            return {}
        before, self._before = now if self._before is None else self._before, now
        grown = {}
        for one in bindings:
            place = (one.address, one.port)
            count = now.get(place, 0)
            known = before.get(place, 0)
            if one.error is None and count:
                grown[one.listener_arn] = count - known if count >= known else count
        return grown
