"""Rules of composite alarms."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.control.decisions.alarms import RuleError, alarms_in, is_true, parse_rule

STATES = {
    "cpu": "ALARM",
    "memory": "OK",
    "disk": "INSUFFICIENT_DATA",
    "arn:aws:cloudwatch:r:1:alarm:cpu": "ALARM",
}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("ALARM(cpu)", True),
        ('ALARM("cpu")', True),
        ("ALARM(memory)", False),
        ("OK(memory)", True),
        ("INSUFFICIENT_DATA(disk)", True),
        ("ALARM(arn:aws:cloudwatch:r:1:alarm:cpu)", True),
        ("TRUE", True),
        ("FALSE", False),
        ("NOT FALSE", True),
        ("ALARM(cpu) AND ALARM(memory)", False),
        ("ALARM(cpu) OR ALARM(memory)", True),
        ("ALARM(memory) AND ALARM(memory) OR ALARM(cpu)", True),
        ("ALARM(memory) AND (ALARM(memory) OR ALARM(cpu))", False),
        ("NOT ALARM(memory) AND ALARM(cpu)", True),
        ("NOT (ALARM(memory) OR ALARM(cpu))", False),
        ("(ALARM(cpu) OR ALARM(memory))\n AND NOT OK(disk)", True),
        (" OR ".join(["FALSE"] * 500), False),
    ],
)
def test_a_rule_is_true_or_not(rule: str, expected: bool) -> None:
    assert is_true(parse_rule(rule), lambda name: STATES.get(name, "INSUFFICIENT_DATA")) is expected


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ("", "ends too early"),
        ("ALARM", r"'\(' is missing"),
        ("ALARM()", "takes the name"),
        ("ALARM(cpu", r"'\)' is missing"),
        ('ALARM("cpu)', "does not end"),
        ("ALARM(cpu) ALARM(memory)", "'ALARM' is not expected"),
        ("ALARM(cpu) AND", "ends too early"),
        ("alarm(cpu)", "'alarm' is not expected"),
        ("AT_LEAST(1, ALARM, (cpu, memory))", "does not serve the function AT_LEAST"),
        ("(" * 100 + "TRUE" + ")" * 100, "too deeply"),
        ("NOT " * 100 + "TRUE", "too deeply"),
        (" OR ".join(["TRUE"] * 501), "more than 500 elements"),
        (" OR ".join(["(TRUE)"] * 167), "more than 500 elements"),
    ],
)
def test_a_rule_without_meaning_says_why(rule: str, reason: str) -> None:
    with pytest.raises(RuleError, match=reason):
        parse_rule(rule)


def test_the_alarms_of_a_rule_are_named_once_each_in_order() -> None:
    assert alarms_in(parse_rule('ALARM(b) AND (OK("a c") OR NOT ALARM(b)) OR TRUE')) == ["b", "a c"]


@given(st.text(alphabet='ALRM()OK"NDT ,', max_size=60))
def test_any_text_is_a_rule_or_an_error(text: str) -> None:
    try:
        rule = parse_rule(text)
    except RuleError:
        return
    assert is_true(rule, lambda _: "OK") in (True, False)
