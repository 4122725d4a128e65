"""Follows up what HAProxy says of requests that went wrong: looks at dead targets, judges failing ones.

Counters are read only of groups of which the error log speaks, and of those with a target that is not what it
should be: reading all of them holds up traffic.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence

from tidegate.balancer.decisions.anomalies import EVERY_SECONDS, Anomalies, Counts, judge
from tidegate.balancer.decisions.eligibility import Key
from tidegate.balancer.decisions.evidence import counts, error_count, evidence, suspected_servers
from tidegate.balancer.decisions.health import HEALTHY
from tidegate.balancer.decisions.servers import backend_name, server_name
from tidegate.balancer.haproxy.socket import HaproxyGoneError
from tidegate.balancer.targets import Targets
from tidegate.fleet.balancing import GroupDocument

# One group's counters hold up traffic for a millisecond. More failing groups than this take turns.
_JUDGED_AT_ONCE_MAX = 100


class Suspicion:
    """`groups` gives those in use; `look` is called with a target that may be dead, `tell` with a group of
    which a target is now judged otherwise."""

    def __init__(
        self,
        targets: Targets,
        groups: Callable[[], Sequence[GroupDocument]],
        look: Callable[[str, Key], None],
        tell: Callable[[str], None],
    ) -> None:
        self._targets = targets
        self._groups = groups
        self._look = look
        self._tell = tell
        self._suspected: set[str] = set()
        # In the order in which they are judged.
        self._failing: dict[str, None] = {}
        self._errors: dict[str, Mapping[str, int]] = {}
        self._alarm = asyncio.Event()

    def note(self, lines: Sequence[str]) -> None:
        """Lines of HAProxy's error log."""
        found = evidence(lines)
        self._suspected |= found.suspected
        self._failing |= dict.fromkeys(sorted(found.failing))
        if self._suspected:
            self._alarm.set()

    async def look(self) -> None:
        """A target at which a request has failed is looked at at once, long before its next check."""
        while True:
            await self._alarm.wait()
            self._alarm.clear()
            suspected, self._suspected = self._suspected, set()
            for group in self._groups():
                if backend_name(group.target_group_arn) in suspected:
                    await self._look_at(group)

    async def judge(self) -> None:
        """Every few seconds, compare targets that fail requests with their peers."""
        while True:
            await asyncio.sleep(EVERY_SECONDS)
            named = {backend_name(group.target_group_arn): group for group in self._groups()}
            for backend in list(self._failing)[:_JUDGED_AT_ONCE_MAX]:
                del self._failing[backend]
                if backend in named:
                    await self._judge(backend, named[backend])

    async def _look_at(self, group: GroupDocument) -> None:
        arn = group.target_group_arn
        try:
            rows = await self._targets.table(arn)
        except HaproxyGoneError:
            return
        errors: dict[str, int] = {}
        for row in rows:
            errors[row["svname"]] = errors.get(row["svname"], 0) + error_count(row)
        names = suspected_servers(self._errors.get(arn, {}), errors)
        self._errors[arn] = errors
        for target in group.targets:
            # None: a worker that a reload has replaced counted it, and took its counters with it.
            if not names or server_name(target.id, target.port) in names:
                self._look(arn, (target.id, target.port))

    async def _judge(self, backend: str, group: GroupDocument) -> None:
        state = self._targets.state(group.target_group_arn)
        try:
            rows = await self._targets.table(group.target_group_arn)
        except HaproxyGoneError:
            return
        by_name: dict[str, Counts] = {}
        for row in rows:
            by_name[row["svname"]] = by_name.get(row["svname"], Counts()).plus(counts(row))
        healthy = {
            key: by_name[server_name(*key)]
            for key, health in state.health.items()
            if health.state == HEALTHY and server_name(*key) in by_name
        }
        before = state.anomalies
        found = judge(before, healthy, mitigates=group.mitigates_anomalies)
        # The first judging only finds where counting starts; the last one lets that go again.
        is_over = bool(before.counted) and found.is_over
        state.anomalies = Anomalies() if is_over else found
        if not is_over:
            self._failing[backend] = None
        if found.judged != before.judged and not (found.is_over and before.is_over):
            self._tell(group.target_group_arn)
