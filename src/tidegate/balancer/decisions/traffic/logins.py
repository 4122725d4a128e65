"""What logins add to figures."""

from __future__ import annotations

from tidegate.balancer.decisions.logins.tally import LoginTally
from tidegate.balancer.decisions.traffic.counting import Figures, Rotation
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.names import Names, balancer_dimension


def count_logins(found: Figures, tally: LoginTally, names: Names, rotation: Rotation) -> None:
    """As requests are, they are shared out over the zones of their load balancers."""
    for name, counts in tally.by_metric.items():
        for arn, count in counts.items():
            for place, share in _shares(arn, count, names, rotation):
                found.add(name, place, share)
    for arn, waited in tally.waited.items():
        for milliseconds, count in waited.items():
            for place, share in _shares(arn, count, names, rotation):
                found.time("ELBAuthLatency", place, milliseconds, share)


def _shares(arn: str, count: int, names: Names, rotation: Rotation) -> list[tuple[Place, int]]:
    balancer = balancer_dimension(arn)
    zones = names.zones.get(balancer) or ("",)
    return [(Place(balancer=balancer, zone=zone), share) for zone, share in rotation.split(count, zones)]
