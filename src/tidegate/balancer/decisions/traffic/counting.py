"""From how requests ended to figures by metric and place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from tidegate.balancer.decisions.configuration.logins import CALLBACK_BACKEND
from tidegate.balancer.decisions.configuration.rules import DEFAULT_NUMBER
from tidegate.balancer.decisions.traffic.lines import Outcome
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.names import Front, Names

_DETAILED = (500, 502, 503, 504)
# A redirect whose location was too long, as the configuration answers it.
_LOCATION_TOO_LONG = 507
# Tokens that are not good, and issuers whose keys nobody has.
_TOKEN_REFUSED = (401, 562)
# A login's end by its status: of the provider's or the browser's making, or of nobody's.
_LOGIN_ENDS = {302: "ELBAuthSuccess", 401: "ELBAuthFailure", 561: "ELBAuthFailure", 500: "ELBAuthError"}


@dataclass(slots=True)
class Figures:
    """`counts` by metric and place: of requests, each of which is 1; `amounts`: of what is told as one value.
    `times`: values of metrics that have a spread (seconds until targets began to answer), with how often."""

    counts: dict[tuple[str, Place], float] = field(default_factory=dict[tuple[str, Place], float])
    amounts: dict[tuple[str, Place], float] = field(default_factory=dict[tuple[str, Place], float])
    times: dict[tuple[str, Place], dict[float, float]] = field(
        default_factory=dict[tuple[str, Place], dict[float, float]]
    )

    def add(self, name: str, place: Place, count: float) -> None:
        self.counts[name, place] = self.counts.get((name, place), 0) + count

    def amount(self, name: str, place: Place, amount: float) -> None:
        self.amounts[name, place] = self.amounts.get((name, place), 0) + amount

    def time(self, name: str, place: Place, time: float, count: float) -> None:
        spread = self.times.setdefault((name, place), {})
        spread[time] = spread.get(time, 0) + count


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """Which of a load balancer's zones its next request is taken as arriving in, where its backend does not
    say: one address stands for the nodes of all zones, so they get equal shares."""

    turn: int = 0

    def split(self, count: int, zones: tuple[str, ...]) -> Iterator[tuple[str, int]]:
        """Zones that get any of these requests, and how many."""
        whole, rest = divmod(count, len(zones))
        for number, zone in enumerate(zones):
            share = whole + ((number - self.turn) % len(zones) < rest)
            if share:
                yield zone, share


def figures(
    found: Iterable[tuple[Outcome, int]], names: Names, rotation: Rotation
) -> tuple[Figures, Rotation]:
    """Of the requests that have ended. What is of no known load balancer is left out."""
    counted = Figures()
    for outcome, count in found:
        front = names.fronts.get(outcome.frontend)
        if front is None:
            continue
        named = names.groups.get(outcome.backend)
        group = named if outcome.has_target else None
        zones = names.zones.get(front.balancer, ())
        if outcome.zone is not None and outcome.zone < len(zones):
            shares: Iterable[tuple[str, int]] = ((zones[outcome.zone], count),)
        else:
            shares = list(rotation.split(count, zones)) if zones else (("", count),)
            rotation = Rotation(turn=rotation.turn + count)
        for zone, share in shares:
            place = Place(balancer=front.balancer, zone=zone, group=group)
            _count(counted, place, outcome, share, front, names.answers)
            if named is not None and outcome.found_no_target:
                counted.add("NoTargetRequestCount", replace(place, group=named), share)
    return counted, rotation


def _count(
    counted: Figures, place: Place, outcome: Outcome, count: int, front: Front, answers: Mapping[str, str]
) -> None:
    for name, times in _named(outcome, front, answers.get(outcome.backend), place.group is not None):
        if times:
            counted.add(name, place, count * times)
    if place.group is not None and outcome.milliseconds is not None and outcome.target_status is not None:
        counted.time("TargetResponseTime", place, outcome.milliseconds / 1000, count)


def _named(outcome: Outcome, front: Front, answer: str | None, has_target: bool) -> Iterator[tuple[str, int]]:
    """What one such request adds to each metric."""
    yield "RuleEvaluations", front.evaluated(outcome.rule)
    yield "DesyncMitigationMode_NonCompliant_Request_Count", outcome.is_noncompliant
    yield front.invalid_headers, outcome.has_invalid_headers
    kept_by = "AppCookieNonStickinessCount" if outcome.is_kept_by_application else "NonStickyRequestCount"
    yield kept_by, outcome.is_kept is False
    if (outcome.rule or DEFAULT_NUMBER) in front.validated:
        is_refused = outcome.backend == outcome.frontend
        yield "JWTValidationSuccessCount", not is_refused
        yield "JWTValidationFailureCount", is_refused and outcome.status in _TOKEN_REFUSED
    if outcome.backend == CALLBACK_BACKEND and outcome.status in _LOGIN_ENDS:
        yield _LOGIN_ENDS[outcome.status], 1
    if has_target:
        yield "RequestCount", 1
        yield "GrpcRequestCount", outcome.is_grpc
        yield "TargetConnectionErrorCount", outcome.failed_connections
    if outcome.target_status is not None:
        if 200 <= outcome.target_status < 600:
            yield f"HTTPCode_Target_{outcome.target_status // 100}XX_Count", 1
        return
    if 300 <= outcome.status < 600:
        yield f"HTTPCode_ELB_{outcome.status // 100}XX_Count", 1
    if outcome.status in _DETAILED:
        yield f"HTTPCode_ELB_{outcome.status}_Count", 1
    if answer == "fixed-response":
        yield "HTTP_Fixed_Response_Count", 1
    elif answer == "redirect":
        is_too_long = outcome.status == _LOCATION_TOO_LONG
        yield "HTTP_Redirect_Url_Limit_Exceeded_Count" if is_too_long else "HTTP_Redirect_Count", 1
