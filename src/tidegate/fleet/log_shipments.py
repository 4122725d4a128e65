"""How an agent says which bytes of a container's log a batch of events is.

It says so in the sequence token of PutLogEvents, which Amazon's service ignores and other clients leave
out: `tidegate:BEGIN:END`, counted over the whole of the log. Control remembers how far a stream has come, so
that a batch whose answer was lost may be sent again.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(r"tidegate:(\d{1,18}):(\d{1,18})")


def shipment_token(begin: int, end: int) -> str:
    return f"tidegate:{begin}:{end}"


def shipment_of(token: str) -> tuple[int, int] | None:
    """(begin, end), or None where the token is another client's."""
    found = _TOKEN.fullmatch(token)
    return None if found is None else (int(found[1]), int(found[2]))
