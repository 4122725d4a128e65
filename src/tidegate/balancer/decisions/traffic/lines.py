"""How requests ended, counted by the words that lines of the access log begin with."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tidegate.balancer.decisions.access_log.raw import elb_status, read_counted

_WORD = re.compile(rb"\n[AB] (\S+)")
# What HAProxy writes of a sticky client (`templates/stickiness.cfg.j2`).
_KEPT, _BY_APPLICATION = ("1", "3"), ("2", "3")
_UNREACHED = ("SC", "sC")
# Retries of these were of requests that a target had taken.
_UNANSWERED = ("SH", "sH", "PH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`backend` without its zone's number, which is `zone`. `status`: what the client got, or 460;
    `target_status` None: the load balancer answered itself. `rule`: the number of the one that matched; None
    where none was looked for. `is_kept`: whether the client came back to its target; None where it need not;
    `is_kept_by_application`: whether the application's cookie decides that. `milliseconds`: until the target
    began to answer; None if it did not."""

    frontend: str
    backend: str
    zone: int | None
    status: int
    target_status: int | None
    termination: str
    retries: int
    rule: int | None
    is_grpc: bool
    is_ambiguous: bool
    is_kept: bool | None
    is_kept_by_application: bool
    has_invalid_headers: bool
    milliseconds: int | None

    @property
    def has_target(self) -> bool:
        """Whether a target was chosen, if the backend has any."""
        return self.termination[1:] not in ("R", "Q")

    @property
    def found_no_target(self) -> bool:
        """Whether the backend had none to choose."""
        return not self.has_target and self.status == 503

    @property
    def failed_connections(self) -> int:
        """Attempts to reach a target that came to nothing."""
        if self.termination in _UNANSWERED:
            return 0
        return self.retries + (self.termination in _UNREACHED)

    @property
    def is_noncompliant(self) -> bool:
        """Whether two servers may understand it differently, or it was refused as no good request."""
        return self.is_ambiguous or (self.status == 400 and self.termination == "PR")


def words(lines: bytes) -> Counter[bytes]:
    """How often each word is in whole lines."""
    return Counter(_WORD.findall(b"\n" + lines))


def outcomes(counted: Mapping[bytes, int]) -> Iterator[tuple[Outcome, int]]:
    """What the words mean, and how often each was counted. Words that no listener writes mean nothing."""
    for word, count in sorted(counted.items()):
        outcome = _outcome(word.decode(errors="replace"))
        if outcome is not None:
            yield outcome, count


def _outcome(word: str) -> Outcome | None:
    fields = read_counted(word)
    if fields is None:
        return None
    (frontend, place, status, target, termination, retries, rule, is_grpc, ambiguous, kept, invalid, time) = (
        fields
    )
    backend, _, zone = place.partition(".")
    return Outcome(
        frontend=frontend.removesuffix("~"),
        backend=backend,
        zone=_number(zone),
        status=_number(elb_status(status, target, termination)) or 0,
        target_status=_number(target),
        termination=termination,
        retries=_number(retries.removeprefix("+")) or 0,
        rule=_number(rule),
        is_grpc=_number(is_grpc) is not None,
        is_ambiguous=ambiguous != "-",
        is_kept=None if kept == "-" else kept in _KEPT,
        is_kept_by_application=kept in _BY_APPLICATION,
        has_invalid_headers=invalid == "1",
        milliseconds=_number(time),
    )


def _number(text: str) -> int | None:
    """None for what is not there: `-`, and -1."""
    return int(text) if text.isascii() and text.isdigit() else None
