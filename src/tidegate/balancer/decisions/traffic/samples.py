"""The samples of a span of time: what control, and CloudWatch, are told.

What was counted is told for each span. What stands still (how many targets are healthy, that there was no
request) is told when it changes and once a minute, each load balancer at its own time, so that many that are
idle cost little.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from zlib import crc32

from tidegate.balancer.decisions.traffic.counting import Figures
from tidegate.balancer.decisions.traffic.hosts import GroupState, Standing, standings
from tidegate.balancer.decisions.traffic.metrics import KINDS, Place, metrics
from tidegate.balancer.decisions.traffic.names import Names, group_dimension
from tidegate.domain.cloudwatch import Metric, Sample, Summary, spread, value

SPAN_SECONDS = 5
_SPANS_A_MINUTE = 60 // SPAN_SECONDS
_PER_TARGET = (("T", "TL"), ("TA", "TLA"))

# What groups are, in all zones and in each.
Told = Mapping[Place, Standing]


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """`at`: Unix seconds, where it begins."""

    at: int
    seconds: int = SPAN_SECONDS

    def is_turn_of(self, balancer: str) -> bool:
        """Whether in this span a load balancer says what stands still."""
        return crc32(balancer.encode()) % _SPANS_A_MINUTE == self.at // SPAN_SECONDS % _SPANS_A_MINUTE

    def sample(self, metric: Metric, unit: str, summary: Summary) -> Sample:
        return Sample(metric=metric, at=self.at, seconds=self.seconds, unit=unit, summary=summary)


# By a group's ARN: what it was, in which zones, and how it stood.
Memory = dict[str, tuple[GroupState, tuple[str, ...], tuple[tuple[str, Standing], ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`groups` in use, by ARN. `memory` is kept from span to span, so that a group whose targets are as they
    were costs nearly nothing."""

    names: Names = field(default_factory=Names)
    groups: Mapping[str, GroupState] = field(default_factory=dict[str, GroupState])
    memory: Memory = field(default_factory=dict)

    def standings(self) -> Iterator[tuple[Place, Standing]]:
        """Each group in all zones of its load balancer, and in each."""
        for arn, state in self.groups.items():
            group = group_dimension(arn)
            balancer = self.names.owners.get(group)
            if balancer is not None:
                for zone, standing in self._standings(arn, state, self.names.zones.get(balancer, ())):
                    yield Place(balancer=balancer, zone=zone, group=group), standing

    def _standings(
        self, arn: str, state: GroupState, zones: tuple[str, ...]
    ) -> tuple[tuple[str, Standing], ...]:
        known = self.memory.get(arn)
        if known is None or known[:2] != (state, zones):
            known = self.memory[arn] = (state, zones, tuple(standings(state, zones)))
        return known[2]


def samples(span: Span, found: Figures, world: World, told: Told) -> tuple[tuple[Sample, ...], Told]:
    """Of all metrics. `told`: what the spans before have told of groups."""
    present = dict(world.standings())
    news = {
        place: one
        for place, one in present.items()
        if told.get(place) != one or span.is_turn_of(place.balancer)
    }
    requests = _requests(found)
    counts = {**found.counts, **dict(_unhealthy(found, present))}
    made = (
        *_counts(span, counts, present),
        *_amounts(span, found),
        *_times(span, found),
        *_per_target(span, requests, present),
        *_gauges(span, news),
    )
    return made, present


def _counts(span: Span, counts: Mapping[tuple[str, Place], float], present: Told) -> Iterator[Sample]:
    totals = _totals(counts)
    for metric, unit in _zeros(span, present):
        totals.setdefault((metric, unit), 0)
    for (metric, unit), count in totals.items():
        # Each request counts 1, so that an average is 1 as it is in CloudWatch.
        yield span.sample(metric, unit, value(1.0, count) if count else value(0.0))


def _amounts(span: Span, found: Figures) -> Iterator[Sample]:
    for (metric, unit), amount in _totals(found.amounts).items():
        yield span.sample(metric, unit, value(amount))


def _totals(figures: Mapping[tuple[str, Place], float]) -> dict[tuple[Metric, str], float]:
    totals: dict[tuple[Metric, str], float] = {}
    for (name, place), count in figures.items():
        kind = KINDS[name]
        for metric in metrics(name, kind.dimensions, place):
            totals[metric, kind.unit] = totals.get((metric, kind.unit), 0) + count
    return totals


def _zeros(span: Span, present: Told) -> Iterator[tuple[Metric, str]]:
    for place, standing in present.items():
        if standing.hosts.registered and span.is_turn_of(place.balancer):
            for name, kind in KINDS.items():
                if kind.has_zeros:
                    yield from ((metric, kind.unit) for metric in metrics(name, kind.dimensions, place))


def _times(span: Span, found: Figures) -> Iterator[Sample]:
    totals: dict[tuple[Metric, str], dict[float, float]] = {}
    for (name, place), times in found.times.items():
        kind = KINDS[name]
        for metric in metrics(name, kind.dimensions, place):
            total = totals.setdefault((metric, kind.unit), {})
            for time, count in times.items():
                total[time] = total.get(time, 0) + count
    return (span.sample(metric, unit, spread(times)) for (metric, unit), times in totals.items())


def _requests(found: Figures) -> Mapping[Place, float]:
    """Of groups, in all zones and in each."""
    totals: dict[Place, float] = {}
    for (name, place), count in found.counts.items():
        if name == "RequestCount":
            for one in {place, replace(place, zone="")}:
                totals[one] = totals.get(one, 0) + count
    return totals


def _unhealthy(found: Figures, present: Told) -> Iterator[tuple[tuple[str, Place], float]]:
    """Requests of zones in which they are sent to unhealthy targets, too."""
    for (name, place), count in found.counts.items():
        if name == "RequestCount" and place in present and not present[place].enough:
            yield ("UnhealthyRoutingRequestCount", place), count


def _per_target(span: Span, requests: Mapping[Place, float], present: Told) -> Iterator[Sample]:
    for place, standing in present.items():
        count, among = requests.get(place, 0), standing.hosts.answering
        if among and (count or span.is_turn_of(place.balancer)):
            for metric in metrics("RequestCountPerTarget", _PER_TARGET[bool(place.zone)], place):
                yield span.sample(metric, "Count", value(count / among))


def _gauges(span: Span, news: Told) -> Iterator[Sample]:
    for place, standing in news.items():
        hosts = standing.hosts
        values = {"AnomalousHostCount": hosts.anomalous, "MitigatedHostCount": hosts.mitigated}
        if hosts.registered:
            values |= {"HealthyHostCount": hosts.healthy, "UnHealthyHostCount": hosts.unhealthy}
            values |= {
                "HealthyStateRouting": standing.enough,
                "UnhealthyStateRouting": standing.of - standing.enough,
            }
        for name, amount in values.items():
            for metric in metrics(name, ("TLA" if place.zone else "TL",), place):
                yield span.sample(metric, "Count", value(float(amount)))
