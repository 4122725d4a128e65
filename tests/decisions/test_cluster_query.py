"""The cluster query language."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tidegate.control.decisions.cluster_query import InstanceFacts, QueryError, parse_query
from tidegate.testing.clock import EPOCH

FACTS = InstanceFacts(
    attributes={"ecs.instance-type": "t2.micro", "rack": "r1", "ssd": None, "zone name": "a b"},
    agent_connected=True,
    agent_version="1.105.0",
    ec2_instance_id="i-1",
    registered_at=EPOCH,
    running_tasks_count=3,
    task_groups=frozenset({"service:web", "family:cron"}),
)


@pytest.mark.parametrize(
    "expression",
    [
        "attribute:rack == r1",
        "attribute:rack equals 'r1'",
        'attribute:rack != "r2"',
        "attribute:rack in [r0, r1]",
        "attribute:rack !in [r0,r2]",
        "attribute:rack not_in [r0]",
        "attribute:rack exists",
        "attribute:ssd exists",
        "attribute:gpu !exists",
        "attribute:gpu not_exists",
        "attribute:ecs.instance-type =~ t2.*",
        "attribute:ecs.instance-type matches t2\\..*",
        "attribute:ecs.instance-type !~ t3.*",
        "attribute:ecs.instance-type >= t2.medium",
        "runningTasksCount > 2",
        "runningTasksCount less_than_equal 3",
        "agentConnected == true",
        "agentVersion >= 1.26.0",
        "agentVersion greater_than 1.9",
        "ec2InstanceId in ['i-1', 'i-2']",
        'registeredAt < "2026-01-02"',
        'registeredAt >= "2026-01-01T00:00:00Z"',
        "task:group == service:web",
        "not (task:group == service:api)",
        "!(attribute:rack == r2) && agentConnected == true",
        "attribute:rack == r2 or attribute:rack == r1 and runningTasksCount == 3",
        "(attribute:rack == r2 || attribute:rack == r1) && runningTasksCount == 3",
    ],
)
def test_an_expression_that_holds(expression: str) -> None:
    assert parse_query(expression)(FACTS)


@pytest.mark.parametrize(
    "expression",
    [
        "attribute:rack == r2",
        "attribute:gpu == x",
        "attribute:ssd == x",
        "attribute:ecs.instance-type =~ t2",
        "runningTasksCount > 10",
        "agentConnected == false",
        "agentVersion < 1.26.0",
        "task:group == service:api",
        "attribute:rack == r1 && runningTasksCount < 3",
    ],
)
def test_an_expression_that_does_not_hold(expression: str) -> None:
    assert not parse_query(expression)(FACTS)


def test_what_an_instance_does_not_have_differs_from_everything() -> None:
    assert parse_query("attribute:gpu != x")(FACTS)
    bare = replace(FACTS, task_groups=frozenset())
    assert parse_query("task:group != service:web")(bare)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "a subject is missing at the end"),
        ("attribute:rack", "an operator is missing at the end"),
        ("attribute:rack ==", "a value is missing at the end"),
        ("attribute:rack is r1", "'is' is not an operator"),
        ("rack == r1", "'rack' is not a subject"),
        ("runningTasksCount > many", "'many' is not a number"),
        ("registeredAt > today", "'today' is not a date"),
        ("attribute:rack =~ '('", "'(' is not a regular expression"),
        ("attribute:rack in r1", "'[' is missing before 'r1'"),
        ("attribute:rack in [r1", "']' is missing at the end"),
        ("(attribute:rack == r1", "')' is missing at the end"),
        ("attribute:rack == r1 attribute:rack == r2", "unexpected 'attribute:rack'"),
        ("attribute:rack == r1 &", "unexpected character at 21"),
        ("x" * 2001, "an expression can have at most 2000 characters"),
        ("(" * 1900, "parentheses are nested too deep"),
        ("attribute:rack =~ a{9999999999}", "'a{9999999999}' is not a regular expression"),
    ],
)
def test_a_wrong_expression_says_where_it_is_wrong(expression: str, message: str) -> None:
    with pytest.raises(QueryError) as raised:
        parse_query(expression)
    assert str(raised.value) == message
