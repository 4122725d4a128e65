"""The healths of targets as figures: how many are healthy, and whether a zone may be routed to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.balancer.decisions.anomalies import Judgement
from tidegate.balancer.decisions.eligibility import Key, suffices
from tidegate.balancer.decisions.health import HEALTHY, UNHEALTHY, Health
from tidegate.fleet.balancing import GroupDocument, GroupTarget

# Of targets that are in no zone, or in all: every zone has them.
_EVERY_ZONE = (None, "all")


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupState:
    """A target group in use: what is known of its targets."""

    document: GroupDocument
    health: Mapping[Key, Health] = field(default_factory=dict[Key, Health])
    judged: Mapping[Key, Judgement] = field(default_factory=dict[Key, Judgement])


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Targets of a group, in one zone or in all. `registered`: without those that drain or are unused."""

    registered: int = 0
    healthy: int = 0
    unhealthy: int = 0
    anomalous: int = 0
    mitigated: int = 0
    is_enough: bool = True

    @property
    def answering(self) -> int:
        """Among how many requests are shared: the healthy ones; all of them when none is."""
        return self.healthy or self.registered


def hosts(state: GroupState, zone: str | None = None) -> Hosts:
    """Of the targets in a zone; of all of them when none is named."""
    active = [one for one in state.document.targets if one.is_in_use and _is_in(one, zone)]
    counted = Counter(_words(state, active))
    healthy = counted[HEALTHY]
    return Hosts(
        registered=len(active),
        healthy=healthy,
        unhealthy=counted[UNHEALTHY],
        anomalous=counted["anomalous"],
        mitigated=counted["mitigated"],
        is_enough=suffices(state.document, healthy, len(active)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What a group is, in one zone or in all. `enough`: in how many zones, `of`, its requests need not go to
    unhealthy targets."""

    hosts: Hosts
    enough: int
    of: int = 1


def standings(state: GroupState, zones: Sequence[str]) -> Iterator[tuple[str, Standing]]:
    """Of all zones together, which is called ``, and of each."""
    whole = hosts(state)
    by_zone = {zone: hosts(state, zone) for zone in zones}
    is_cross_zone = state.document.is_cross_zone or len(zones) < 2
    enough = {zone: (whole if is_cross_zone else one).is_enough for zone, one in by_zone.items()}
    if zones:
        yield "", Standing(hosts=whole, enough=sum(enough.values()), of=len(zones))
    else:
        yield "", Standing(hosts=whole, enough=int(whole.is_enough))
    for zone, one in by_zone.items():
        yield zone, Standing(hosts=one, enough=int(enough[zone]))


def _is_in(target: GroupTarget, zone: str | None) -> bool:
    return zone is None or target.zone in (zone, *_EVERY_ZONE)


def _words(state: GroupState, targets: Iterable[GroupTarget]) -> Iterable[str]:
    for target in targets:
        key = (target.id, target.port)
        health, judgement = state.health.get(key), state.judged.get(key, Judgement())
        if health is not None:
            yield health.state
        if judgement.is_anomalous:
            yield "anomalous"
        if judgement.share < 1:
            yield "mitigated"
