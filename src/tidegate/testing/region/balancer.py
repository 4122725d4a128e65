"""A fake balancer: keeps documents, probes, reports, and sends requests by what it last heard."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.control.store import Transaction
from tidegate.control.store.tables import TARGET_HEALTH, TARGETS
from tidegate.domain.elbv2 import Target, TargetHealth
from tidegate.testing.region.agents import Run

# A target that is `initial` has this long before failures count.
_FIRST_PATIENCE = timedelta(seconds=12)
_FAILURES_TO_UNHEALTHY = 2


@dataclass(slots=True)
class _Probed:
    since: datetime
    state: str = "initial"
    failures: int = 0


@dataclass(slots=True)
class Balancer:
    """`documents`: target group -> its targets as last heard, which may be long ago."""

    chance: random.Random
    answers: Callable[[Target], Run | None]
    documents: dict[str, dict[str, Target]] = field(default_factory=dict)
    probed: dict[str, _Probed] = field(default_factory=dict)

    def hear(self, groups: Mapping[str, Iterable[Target]]) -> None:
        """Take the newest documents; some do not arrive this time."""
        for arn in sorted(groups):
            if self.chance.random() < 0.8:
                self.documents[arn] = {target.key: target for target in groups[arn]}

    def forget(self) -> None:
        """A restart: documents are on disk, what was probed is not."""
        self.probed.clear()

    def probe(self, now: datetime) -> None:
        """One check of every target."""
        listed = {key: target for targets in self.documents.values() for key, target in targets.items()}
        self.probed = {key: probed for key, probed in self.probed.items() if key in listed}
        for key, target in listed.items():
            probed = self.probed.setdefault(key, _Probed(since=now))
            run = self.answers(target)
            if run is not None and now >= run.ready_at and run.quality != "never-healthy":
                probed.state, probed.failures = "healthy", 0
                continue
            probed.failures += 1
            is_early = probed.state == "initial" and now - probed.since < _FIRST_PATIENCE
            if not is_early and probed.failures >= _FAILURES_TO_UNHEALTHY:
                probed.state = "unhealthy"

    def served(self) -> list[Target]:
        """The targets that requests go to: healthy ones, else those that drain and still answer."""
        chosen: list[Target] = []
        for targets in self.documents.values():
            ready = [t for key, t in targets.items() if self._is_healthy(key)]
            chosen += [t for t in ready if t.status == "active"] or ready
        return chosen

    def report(self, tx: Transaction, now: datetime) -> None:
        """What it observes of every target that it has heard of and that is still known."""
        for targets in self.documents.values():
            for key, heard in targets.items():
                probed = self.probed.get(key)
                if probed is None or tx.get(TARGETS, key) is None:
                    continue
                row = self._row(heard, probed, now)
                known = tx.get(TARGET_HEALTH, key)
                if known is None or (known.state, known.is_drained) != (row.state, row.is_drained):
                    tx.put(TARGET_HEALTH, row)

    def _is_healthy(self, key: str) -> bool:
        probed = self.probed.get(key)
        return probed is not None and probed.state == "healthy"

    def _row(self, heard: Target, probed: _Probed, now: datetime) -> TargetHealth:
        is_draining = heard.status == "draining"
        return TargetHealth(
            target_group_arn=heard.target_group_arn,
            id=heard.id,
            port=heard.port,
            state="draining" if is_draining else probed.state,
            description="Health checks failed" if probed.state == "unhealthy" else None,
            is_drained=is_draining and heard.drain_deadline is not None and now >= heard.drain_deadline,
            reported_at=now,
        )
