"""How long workers of HAProxy's live that have been replaced."""

from __future__ import annotations

from collections.abc import Collection, Mapping

# Each costs memory, and changes may come every few seconds. Whatever rests now and then is done sooner.
KEPT_MAX = 5
SECONDS_MIN = 300.0


def over(since: Mapping[int, float], astray: Collection[int], now: float) -> list[int]:
    """Those whose time is over, by pid. `since`: when each was replaced (monotonic seconds); `astray`: those
    that cannot be told of targets any more. Of the others the last ones stay for as long as they like."""
    newest_first = sorted(since.keys() - set(astray), key=lambda pid: (since[pid], pid), reverse=True)
    return sorted(
        pid for pid in (*astray, *newest_first[KEPT_MAX:]) if now - since.get(pid, now) >= SECONDS_MIN
    )
