"""The story that `make clients` has boto3 of several ages tell, told by the one that is installed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.clients.story import NAMES, cloudwatch_protocols, expect, play, play_cloudwatch

from tidegate.control.api import front_ends
from tidegate.control.api.ec2 import ensure_defaults
from tidegate.testing.api import Api, api_context


@pytest.fixture
def api() -> Api:
    context = api_context()
    asyncio.run(ensure_defaults(context))
    return Api(context, front_ends())


def test_every_front_end_plays_its_part(api: Api) -> None:
    asked: set[str] = set()

    def client(service: str) -> Any:
        asked.add(service)
        return api.client(service)

    # Nobody drives this region: a service of no tasks counts as stable once its deployment is completed.
    play(_completing(client), "story")
    play_cloudwatch(client("cloudwatch"), "story")
    served = {front_end.service for front_end in front_ends()} - {"tidegate"}
    assert served == asked


@pytest.mark.parametrize("protocol", cloudwatch_protocols())
def test_cloudwatch_is_spoken_in_every_protocol_of_its_model(api: Api, protocol: str) -> None:
    assert protocol in NAMES
    play_cloudwatch(api.client("cloudwatch", protocol), f"story-{protocol}")


def test_an_error_with_another_code_ends_the_story(api: Api) -> None:
    ecs = api.client("ecs")
    with pytest.raises(AssertionError, match="ClusterNotFoundException is not InvalidParameterException"):
        expect("InvalidParameterException", ecs.list_services, cluster="missing")
    with pytest.raises(AssertionError, match="nothing is not InvalidParameterException"):
        expect("InvalidParameterException", ecs.list_clusters)


def _completing(client: Callable[[str], Any]) -> Callable[[str], Any]:
    class Patient:
        """An ECS client whose waiter has nothing to wait for."""

        def __init__(self, real: Any) -> None:
            self._real = real

        def get_waiter(self, _: str) -> Any:
            return self

        def wait(self, **_: Any) -> None:
            pass

        def __getattr__(self, name: str) -> Any:
            return getattr(self._real, name)

    return lambda service: Patient(client(service)) if service == "ecs" else client(service)
