"""What hints at a dead target: lines of the error log, then its backend's counters.

HAProxy writes a line to the error log for each request that was retried, sent elsewhere, or answered with
5xx. The server in the line is the one that answered in the end, not the one that failed, so a line names a
backend only; its servers' counters tell the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

# Fields of the log format (templates/haproxy.cfg.j2) that are read here. What a client can choose stands
# after them, so that no separator of a client's shifts them.
_BACKEND, _TERMINATION, _RETRIES = 12, 14, 15
_SERVER_FAILED = ("S", "s")
# Connects that failed, answers that did not come, and both where a retry mended them.
_ERRORS = ("econ", "eresp", "wretr", "wredis")


def suspected_backends(lines: Iterable[str]) -> frozenset[str]:
    """The backends, without their zones, in which a target failed a request. Left out: a 5xx that a target
    itself gave, a client that went away, messages of HAProxy's own."""
    return frozenset(backend for line in lines if (backend := _suspected_backend(line)) is not None)


def error_count(row: Mapping[str, str]) -> int:
    """Of a server's row of `show stat`."""
    return sum(int(row.get(name) or 0) for name in _ERRORS)


def suspected_servers(before: Mapping[str, int], now: Mapping[str, int]) -> frozenset[str]:
    """Servers whose count of errors has grown; a count that shrank began anew with a new worker."""
    return frozenset(name for name, count in now.items() if count and count != before.get(name, 0))


def _suspected_backend(line: str) -> str | None:
    fields = line.split("|", _RETRIES + 1)
    if not line.startswith("A ") or len(fields) <= _RETRIES:
        return None
    is_retried = fields[_RETRIES] not in ("0", "+0")
    if not is_retried and not fields[_TERMINATION].startswith(_SERVER_FAILED):
        return None
    return fields[_BACKEND].partition(".")[0]
