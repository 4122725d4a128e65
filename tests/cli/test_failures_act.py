"""Which failed requests act 9 allows when a container is killed, and how it counts them."""

from __future__ import annotations

import pytest

from tidegate.cli.demo.acts.failures import losses, outage
from tidegate.cli.demo.load import Failure, Tally
from tidegate.cli.demo.story import ActFailedError

GONE_AT = 10.0


def failed(kind: str, sent_at: float, *, is_repeatable: bool, reason: str = "status 502") -> Failure:
    return Failure(kind, 1, is_repeatable, sent_at, sent_at + 1, reason)


def test_what_was_inside_the_killed_process_is_counted_apart() -> None:
    tally = Tally(sent=90, failures=[failed("POST", 9.9, is_repeatable=False)])
    expected = "90 sent, repeatable failed: 0, not repeatable and inside the killed process: 1"
    assert losses(tally, GONE_AT) == expected
    assert losses(Tally(sent=7), GONE_AT).endswith("inside the killed process: 0")


@pytest.mark.parametrize(
    "failure",
    [
        failed("GET", 9.9, is_repeatable=True),
        failed("POST", 10.1, is_repeatable=False),
        failed("POST", 9.9, is_repeatable=False, reason="closed without an answer"),
    ],
    ids=["one that could be repeated", "one sent when the container was gone", "one that was not answered"],
)
def test_any_other_failure_fails_the_act(failure: Failure) -> None:
    with pytest.raises(ActFailedError, match=r"1 x .*: (status 502|closed without an answer)"):
        losses(Tally(sent=90, failures=[failure]), GONE_AT)


def test_what_haproxy_cost_is_told_with_what_is_allowed() -> None:
    allowed = "(allowed: those sent before it is back, within 1 s)"
    assert outage(Tally(sent=90), GONE_AT) == f"0 of 90 failed {allowed}"
    inside = [failed("GET", at, is_repeatable=True) for at in (9.9, 10.25)]
    told = outage(Tally(sent=90, failures=inside), GONE_AT)
    assert told == f"2 of 90 failed, the last one sent 0.25 s after the kill {allowed}"
    late = Tally(sent=90, failures=[failed("GET", 11.01, is_repeatable=True)])
    with pytest.raises(ActFailedError, match=r"requests failed for 1\.01 s"):
        outage(late, GONE_AT)
