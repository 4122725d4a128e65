"""Each metric of AWS/ApplicationELB, from what was counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.balancer.traffic.world import BACKEND, FRONTEND, NAMES, ZONES, of, state, total, word, world

from tidegate.balancer.decisions.health import UNHEALTHY
from tidegate.balancer.decisions.traffic.counting import Rotation, figures
from tidegate.balancer.decisions.traffic.hosts import GroupState
from tidegate.balancer.decisions.traffic.lines import outcomes
from tidegate.balancer.decisions.traffic.samples import Span, Told, samples
from tidegate.domain.cloudwatch import Sample

TWO = state(*ZONES)
# When the load balancer says what stands still, and another time.
TURN = next(
    Span(at=at) for at in range(1_700_000_000, 1_700_000_060, 5) if Span(at=at).is_turn_of("app/lab/1")
)
OTHER = Span(at=TURN.at + 5)
SETS = {"L": "L", "LA": "AL", "TL": "LT", "TLA": "ALT", "T": "T", "TA": "AT"}


def told(
    counted: Mapping[bytes, int], group: GroupState = TWO, span: Span = OTHER, before: Told | None = None
) -> tuple[Sample, ...]:
    found, _ = figures(outcomes(counted), NAMES, Rotation())
    if before is None:
        _, before = samples(OTHER, figures((), NAMES, Rotation())[0], world(group), {})
    return samples(span, found, world(group), before)[0]


@pytest.mark.parametrize(
    ("name", "one", "sets"),
    [
        ("RequestCount", word(target=200), "L LA TL TLA"),
        ("GrpcRequestCount", word(target=200, is_grpc="1"), "TL TLA T TA"),
        ("RuleEvaluations", word(rule_number=10, backend=f"{FRONTEND}_rule10"), "L"),
        ("HTTPCode_ELB_3XX_Count", word(status=301, backend=f"{FRONTEND}_rule20", end="LR"), "L LA"),
        ("HTTPCode_ELB_4XX_Count", word(status=400, backend=FRONTEND, end="PR"), "L LA"),
        ("HTTPCode_ELB_5XX_Count", word(status=561, backend=FRONTEND, end="LR"), "L LA"),
        ("HTTPCode_ELB_500_Count", word(status=500, backend=FRONTEND, end="LR"), "L LA"),
        ("HTTPCode_ELB_502_Count", word(status=502, end="SH"), "L LA"),
        ("HTTPCode_ELB_503_Count", word(status=503, end="LR"), "L LA"),
        ("HTTPCode_ELB_504_Count", word(status=504, end="sH"), "L LA"),
        ("HTTPCode_Target_2XX_Count", word(status=204, target=204), "L LA TL TLA"),
        ("HTTPCode_Target_3XX_Count", word(status=304, target=304), "L LA TL TLA"),
        ("HTTPCode_Target_4XX_Count", word(status=404, target=404), "L LA TL TLA"),
        ("HTTPCode_Target_5XX_Count", word(status=500, target=500), "L LA TL TLA"),
        ("HTTP_Fixed_Response_Count", word(status=404, backend=f"{FRONTEND}_rule10", end="LR"), "L LA"),
        ("HTTP_Redirect_Count", word(status=301, backend=f"{FRONTEND}_rule20", end="LR"), "L LA"),
        (
            "HTTP_Redirect_Url_Limit_Exceeded_Count",
            word(status=507, backend=f"{FRONTEND}_rule20", end="LR"),
            "L LA",
        ),
        ("DesyncMitigationMode_NonCompliant_Request_Count", word(ambiguous="SuspiciousHeader"), "L LA"),
        ("ForwardedInvalidHeaderRequestCount", word(invalid="1"), "LA"),
        ("NonStickyRequestCount", word(target=200, kept="0"), "L LA"),
        ("AppCookieNonStickinessCount", word(target=200, kept="2"), "L LA"),
        ("TargetConnectionErrorCount", word(status=200, target=200, retries="+1"), "L LA TL TLA"),
    ],
)
def test_a_request_counts_in_each_set_of_dimensions_and_in_no_other(name: str, one: bytes, sets: str) -> None:
    made = told({one: 1})
    present = {label for label, letters in SETS.items() if total(made, name, letters)}
    assert present == set(sets.split())
    for letters in (SETS[label] for label in present):
        found = of(made, name, letters)
        assert found is not None
        assert (found.unit, found.at, found.seconds) == ("Count", OTHER.at, 5)
        assert (found.summary.sum, found.summary.average) == (1, 1)


def test_what_the_load_balancer_answered_is_no_answer_of_a_target() -> None:
    made = told({word(status=503, end="LR"): 4})
    assert total(made, "HTTPCode_Target_5XX_Count") is None
    assert total(made, "HTTPCode_ELB_5XX_Count") == total(made, "HTTPCode_ELB_503_Count") == 4


def test_what_the_load_balancer_answered_for_want_of_a_targets_answer_counts_for_its_group_too() -> None:
    made = told({word(status=502, end="SH"): 3, word(status=503, end="LR"): 1})
    assert total(made, "HTTPCode_ELB_5XX_Count", SETS["L"]) == 4
    assert total(made, "HTTPCode_ELB_5XX_Count", SETS["TL"]) == 3
    assert total(made, "HTTPCode_ELB_5XX_Count", SETS["TLA"]) is None


def test_a_request_that_found_no_target_in_its_group_counts_for_the_group() -> None:
    made = told({word(status=503, end="SQ"): 3, word(status=503, end="SC"): 1, word(status=400, end="PR"): 1})
    assert total(made, "NoTargetRequestCount", SETS["TL"]) == 3
    assert total(made, "RequestCount", SETS["TL"]) == 1
    assert total(made, "NoTargetRequestCount", SETS["L"]) is None


def test_what_a_target_answered_is_no_answer_of_the_load_balancer() -> None:
    made = told({word(status=503, target=503): 4})
    assert total(made, "HTTPCode_ELB_503_Count") is None
    assert total(made, "HTTPCode_Target_5XX_Count") == 4


def test_a_client_that_left_is_a_4xx_of_the_load_balancers() -> None:
    made = told({word(status=400, end="CH"): 1})
    assert total(made, "HTTPCode_ELB_4XX_Count") == total(made, "RequestCount") == 1


def test_a_request_for_which_no_target_was_chosen_is_none_of_the_count() -> None:
    assert total(told({word(status=503, end="LR"): 1}), "RequestCount") is None


def test_rules_are_evaluated_until_one_matches_and_the_default_one_is_free() -> None:
    made = told({word(rule_number=10): 1, word(rule_number=20): 10, word(rule_number=50001): 100})
    assert total(made, "RuleEvaluations") == 1 + 2 * 10 + 2 * 100


def test_lines_of_listeners_that_are_gone_count_nowhere() -> None:
    counted = {word().replace(FRONTEND.encode(), b"l_gone"): 5}
    assert told(counted) == ()


def test_a_client_that_came_back_to_its_target_is_no_request_without_stickiness() -> None:
    assert total(told({word(target=200, kept="1"): 1}), "NonStickyRequestCount") is None
    assert total(told({word(target=200, kept="3"): 1}), "AppCookieNonStickinessCount") is None


@pytest.mark.parametrize(
    ("one", "name"),
    [
        (word(status=302, backend="identity_callback"), "ELBAuthSuccess"),
        (word(status=401, backend="identity_callback"), "ELBAuthFailure"),
        (word(status=561, backend="identity_callback"), "ELBAuthFailure"),
        (word(status=500, backend="identity_callback"), "ELBAuthError"),
        (word(status=302, backend="identity_login"), None),
        (word(status=401, backend=FRONTEND, end="LR"), None),
    ],
)
def test_logins_are_counted_when_they_end(one: bytes, name: str | None) -> None:
    names = ("ELBAuthSuccess", "ELBAuthFailure", "ELBAuthError")
    assert [known for known in names if total(told({one: 1}), known)] == ([name] if name else [])


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (word(target=200, rule_number="-"), (1, None)),
        (word(target=200, rule_number=50001), (1, None)),
        (word(status=401, backend=FRONTEND, end="LR", rule_number="-"), (None, 1)),
        (word(status=562, backend=FRONTEND, end="LR"), (None, 1)),
        # A target's own, and a request that was refused before anybody looked for a token.
        (word(status=401, target=401), (1, None)),
        (word(status=405, backend=FRONTEND, end="LR", rule_number="-"), (None, None)),
        # Another rule's.
        (word(status=404, backend=f"{FRONTEND}_rule10", end="LR", rule_number=10), (None, None)),
    ],
)
def test_tokens_are_counted_where_a_rule_asks_for_one(
    one: bytes, expected: tuple[int | None, int | None]
) -> None:
    front = replace(NAMES.fronts[FRONTEND], validated=frozenset({50001}))
    found, _ = figures(outcomes({one: 1}), replace(NAMES, fronts={FRONTEND: front}), Rotation())
    made, _ = samples(OTHER, found, world(TWO), {})
    names = ("JWTValidationSuccessCount", "JWTValidationFailureCount")
    assert (total(made, names[0]), total(made, names[1])) == expected


# Times


def test_a_response_time_is_in_seconds_with_its_percentiles() -> None:
    counted = {word(target=200, time=10): 98, word(target=200, time=2000): 2}
    found = of(told(counted), "TargetResponseTime", "LT")
    assert found is not None
    assert (found.unit, found.summary.count, found.summary.maximum) == ("Seconds", 100, 2.0)
    assert found.summary.average == pytest.approx((98 * 0.01 + 2 * 2) / 100)
    assert found.summary.sketch is not None
    assert found.summary.sketch.quantile(0.5) == pytest.approx(0.01, rel=0.02)
    assert found.summary.sketch.quantile(0.99) == pytest.approx(2.0, rel=0.02)


def test_a_target_that_did_not_answer_has_no_response_time() -> None:
    assert of(told({word(status=504, end="sH", time=-1): 1}), "TargetResponseTime") is None


# Zones


@given(
    st.dictionaries(
        st.sampled_from([word(target=code, status=code) for code in range(200, 600, 25)]),
        st.integers(1, 1000),
    )
)
def test_what_the_zones_have_together_the_load_balancer_has(counted: dict[bytes, int]) -> None:
    made = told(counted)
    for name in ("RequestCount", "HTTPCode_Target_2XX_Count", "HTTPCode_Target_5XX_Count"):
        in_zones = sum(total(made, name, "AL", zone) or 0 for zone in ZONES)
        assert in_zones == (total(made, name) or 0)
    shares = [total(made, "RequestCount", "AL", zone) or 0 for zone in ZONES]
    assert abs(shares[0] - shares[1]) <= 1


def test_single_requests_take_turns_over_zones_from_one_span_to_the_next() -> None:
    rotation, seen = Rotation(), []
    for _ in range(4):
        found, rotation = figures(outcomes({word(target=200): 1}), NAMES, rotation)
        seen += [place.zone for name, place in found.counts if name == "RequestCount"]
    assert seen == [*ZONES, *ZONES]


def test_a_request_of_a_zones_own_backend_is_of_that_zone() -> None:
    made = told({word(backend=f"{BACKEND}.1", target=200): 3}, state(*ZONES, is_cross_zone=False))
    assert total(made, "RequestCount", "ALT", ZONES[1]) == 3
    assert total(made, "RequestCount", "ALT", ZONES[0]) is None


# Targets


def test_requests_per_target_are_of_the_healthy_ones_else_of_the_registered_ones() -> None:
    counted = {word(target=200): 12}
    three = (ZONES[0], ZONES[0], ZONES[1])
    assert total(told(counted, state(*three, healths=[UNHEALTHY])), "RequestCountPerTarget", "T") == 6
    assert total(told(counted, state(*three, healths=[UNHEALTHY] * 3)), "RequestCountPerTarget", "T") == 4
    assert total(told(counted, state()), "RequestCountPerTarget", "T") is None


@pytest.mark.parametrize("letters", ["T", "LT", "AT", "ALT"])
def test_requests_per_target_are_told_without_traffic_too(letters: str) -> None:
    assert total(told({}, span=TURN), "RequestCountPerTarget", letters) == 0


def test_hosts_are_counted_in_all_zones_and_in_each() -> None:
    group = state(ZONES[0], ZONES[0], ZONES[1], healths=[UNHEALTHY], anomalous=[1])
    made = told({}, group, span=TURN)
    assert (total(made, "HealthyHostCount", "LT"), total(made, "UnHealthyHostCount", "LT")) == (2, 1)
    assert (total(made, "AnomalousHostCount", "LT"), total(made, "MitigatedHostCount", "LT")) == (1, 1)
    assert [total(made, "HealthyHostCount", "ALT", zone) for zone in ZONES] == [1, 1]
    assert [total(made, "UnHealthyHostCount", "ALT", zone) for zone in ZONES] == [1, 0]


def test_a_target_that_is_in_every_zone_counts_in_each() -> None:
    made = told({}, state("all"), span=TURN)
    assert [total(made, "HealthyHostCount", "ALT", zone) for zone in ZONES] == [1, 1]


def test_a_target_in_a_zone_that_is_not_enabled_counts_nowhere() -> None:
    group = state(ZONES[0], healths=[UNHEALTHY])
    (one,) = group.document.targets
    outside = replace(group.document, targets=(one, replace(one, id="i-9", is_zone_enabled=False)))
    made = told({}, replace(group, document=outside), span=TURN)
    assert (total(made, "HealthyHostCount", "LT"), total(made, "UnHealthyHostCount", "LT")) == (0, 1)
    unused = replace(outside, targets=outside.targets[1:])
    made = told({}, replace(group, document=unused), span=TURN)
    assert total(made, "UnHealthyHostCount", "LT") is None


def test_without_targets_nothing_is_told_of_hosts_or_requests_but_anomalies() -> None:
    made = told({}, state(), span=TURN)
    assert {one.metric.name for one in made} == {"AnomalousHostCount", "MitigatedHostCount"}


def test_a_change_of_hosts_is_told_at_once_and_only_then() -> None:
    found, _ = figures((), NAMES, Rotation())
    _, before = samples(TURN, found, world(TWO), {})
    assert samples(OTHER, found, world(TWO), before)[0] == ()
    made, _ = samples(OTHER, found, world(state(*ZONES, healths=[UNHEALTHY])), before)
    assert total(made, "HealthyHostCount", "LT") == 1


def test_what_is_remembered_of_a_group_is_of_no_use_once_it_is_another() -> None:
    found, _ = figures((), NAMES, Rotation())
    kept = world(TWO)
    assert dict(kept.standings()) == dict(kept.standings())
    later = replace(world(state(*ZONES, healths=[UNHEALTHY])), memory=kept.memory)
    assert total(samples(TURN, found, later, {})[0], "UnHealthyHostCount", "LT") == 1


def test_requests_that_go_to_unhealthy_targets_are_counted_where_a_zone_has_too_few() -> None:
    counted = {word(backend=f"{BACKEND}.0", target=200): 2, word(backend=f"{BACKEND}.1", target=200): 3}
    group = state(*ZONES, healths=[UNHEALTHY], is_cross_zone=False)
    made = told(counted, group, span=TURN)
    assert total(made, "UnhealthyRoutingRequestCount", "LT") == 2
    assert (total(made, "HealthyStateRouting", "LT"), total(made, "UnhealthyStateRouting", "LT")) == (1, 1)
    assert [total(made, "HealthyStateRouting", "ALT", zone) for zone in ZONES] == [0, 1]


def test_a_group_that_is_cross_zone_fails_open_in_all_zones_or_in_none() -> None:
    made = told({word(target=200): 4}, state(*ZONES, healths=[UNHEALTHY]), span=TURN)
    assert total(made, "HealthyStateRouting", "LT") == 2
    assert total(made, "UnhealthyRoutingRequestCount", "LT") is None


# When


def test_once_a_minute_registered_targets_have_zeros() -> None:
    made = told({}, span=TURN)
    names = {one.metric.name for one in made if one.summary.sum == 0 and one.metric.name.endswith("Count")}
    assert {f"HTTPCode_Target_{code}XX_Count" for code in (2, 3, 4, 5)} | {"RequestCount"} <= names
    assert "HTTPCode_ELB_5XX_Count" not in names
    assert told({}, span=OTHER) == ()


def test_each_load_balancer_has_its_turn_once_a_minute() -> None:
    turns = [at for at in range(0, 600, 5) if Span(at=at).is_turn_of("app/other/2")]
    assert [later - earlier for earlier, later in pairwise(turns)] == [60] * 9
