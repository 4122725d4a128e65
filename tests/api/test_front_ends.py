"""All front ends together."""

from __future__ import annotations

import inspect

import pytest

from tidegate.control.api import front_ends
from tidegate.wire import FrontEnd

FRONT_ENDS = front_ends()


def test_every_service_of_the_first_story_has_one() -> None:
    services = [front_end.service for front_end in FRONT_ENDS]
    assert len(services) == len(set(services))
    assert {"ecs", "elbv2", "ec2", "sts", "iam", "ssm"} <= set(services)


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=lambda front_end: front_end.service)
def test_every_handler_takes_a_context_and_a_call(front_end: FrontEnd) -> None:
    for name, operation in front_end.operations.items():
        assert inspect.iscoroutinefunction(operation.handler), name
        assert len(inspect.signature(operation.handler).parameters) == 2, name


@pytest.mark.parametrize("front_end", FRONT_ENDS, ids=lambda front_end: front_end.service)
def test_no_operation_is_served_and_refused(front_end: FrontEnd) -> None:
    assert not set(front_end.operations) & set(dict(front_end.refusals))
