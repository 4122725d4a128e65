"""A region with a cluster of two instances and a target group behind a listener."""

from __future__ import annotations

import pytest

from tidegate.testing.builders import a_cluster, a_group
from tidegate.testing.ecs import EcsRegion, a_listener, an_able_instance


@pytest.fixture
def empty_region() -> EcsRegion:
    return EcsRegion()


@pytest.fixture
def region(empty_region: EcsRegion) -> EcsRegion:
    empty_region.put(
        a_cluster(),
        an_able_instance(1),
        an_able_instance(2, zone="us-east-1b"),
        a_group(),
        a_listener(),
    )
    return empty_region
