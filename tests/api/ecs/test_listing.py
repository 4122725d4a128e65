"""Pages: whole, in order, bound to their request."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.testing.builders import CLUSTER, a_cluster, a_task
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"


@pytest.fixture
def region(empty_region: EcsRegion) -> EcsRegion:
    empty_region.put(a_cluster(), *(a_task(number) for number in range(25)))
    return empty_region


def test_pages_together_are_the_whole_list_in_order(region: EcsRegion) -> None:
    paginator = region.client.get_paginator("list_tasks")
    pages = list(paginator.paginate(cluster=CLUSTER, PaginationConfig={"PageSize": 7}))
    sizes = [len(page["taskArns"]) for page in pages]
    arns = [arn for page in pages for arn in page["taskArns"]]
    assert sizes == [7, 7, 7, 4]
    assert arns == sorted(a_task(number).arn for number in range(25))


def test_a_page_goes_on_where_the_last_one_ended_whatever_comes_between(region: EcsRegion) -> None:
    first = region.call("list_tasks", cluster=CLUSTER, maxResults=10)
    region.put(*(a_task(number, last_status="STOPPED") for number in range(10)))
    second = region.call("list_tasks", cluster=CLUSTER, maxResults=10, nextToken=first["nextToken"])
    assert second["taskArns"] == [a_task(number).arn for number in range(10, 20)]


def test_the_last_page_has_no_token(region: EcsRegion) -> None:
    assert "nextToken" not in region.call("list_tasks", cluster=CLUSTER, maxResults=25)


def test_the_size_of_a_page_may_change_between_pages(region: EcsRegion) -> None:
    first = region.call("list_tasks", cluster=CLUSTER, maxResults=5)
    rest = region.call("list_tasks", cluster=CLUSTER, maxResults=100, nextToken=first["nextToken"])
    assert len(rest["taskArns"]) == 20


@pytest.mark.parametrize("changes", [{"family": "web"}, {"nextToken": "bm9uc2Vuc2U="}, {"nextToken": "?"}])
def test_a_token_is_good_for_its_own_request_only(region: EcsRegion, changes: dict[str, Any]) -> None:
    token = region.call("list_tasks", cluster=CLUSTER, maxResults=5)["nextToken"]
    refused = region.refusal("list_tasks", **{"cluster": CLUSTER, "nextToken": token, **changes})
    assert refused == (INVALID, "The nextToken is not valid for this request.")


@pytest.mark.parametrize("size", [0, -1, 101])
def test_pages_have_between_1_and_100_rows(region: EcsRegion, size: int) -> None:
    refused = region.refusal("list_tasks", cluster=CLUSTER, maxResults=size)
    assert refused == (INVALID, "maxResults must be between 1 and 100.")
