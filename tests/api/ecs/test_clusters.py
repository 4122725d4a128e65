"""Clusters: made once, described with what is asked for, deleted when empty."""

from __future__ import annotations

import pytest

from tidegate.testing.builders import (
    ARNS,
    CLUSTER,
    CLUSTER_ARN,
    a_cluster,
    a_container_instance,
    a_service,
    a_task,
)
from tidegate.testing.ecs import EcsRegion

INVALID = "InvalidParameterException"


def test_a_new_cluster_is_empty_and_says_its_settings(empty_region: EcsRegion) -> None:
    answer = empty_region.call("create_cluster", clusterName="shop", tags=[{"key": "team", "value": "a"}])
    assert answer["cluster"] == {
        "clusterArn": CLUSTER_ARN,
        "clusterName": "shop",
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": 0,
        "pendingTasksCount": 0,
        "activeServicesCount": 0,
        "statistics": [],
        "tags": [{"key": "team", "value": "a"}],
        "settings": [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": [],
        "defaultCapacityProviderStrategy": [],
    }


def test_a_cluster_without_a_name_is_called_default(empty_region: EcsRegion) -> None:
    assert empty_region.call("create_cluster")["cluster"]["clusterName"] == "default"
    assert [c["clusterName"] for c in empty_region.call("describe_clusters")["clusters"]] == ["default"]


def test_creating_an_active_cluster_again_returns_it_unchanged(empty_region: EcsRegion) -> None:
    first = empty_region.call("create_cluster", clusterName="shop")["cluster"]
    again = empty_region.call("create_cluster", clusterName="shop", tags=[{"key": "a", "value": "b"}])
    assert again["cluster"] == first


def test_a_deleted_cluster_is_inactive_hidden_and_its_name_free(empty_region: EcsRegion) -> None:
    empty_region.call("create_cluster", clusterName="shop", tags=[{"key": "a", "value": "b"}])
    assert empty_region.call("delete_cluster", cluster="shop")["cluster"]["status"] == "INACTIVE"
    assert empty_region.call("describe_clusters", clusters=["shop"])["clusters"][0]["status"] == "INACTIVE"
    assert empty_region.call("list_clusters")["clusterArns"] == []
    expected = ("ClusterNotFoundException", "The referenced cluster was inactive.")
    assert empty_region.refusal("delete_cluster", cluster="shop") == expected
    again = empty_region.call("create_cluster", clusterName="shop")["cluster"]
    assert (again["status"], again["tags"]) == ("ACTIVE", [])


def test_an_unknown_cluster_is_missing_when_described_and_not_found_otherwise(
    empty_region: EcsRegion,
) -> None:
    answer = empty_region.call("describe_clusters", clusters=["nope", CLUSTER_ARN])
    assert answer == {
        "clusters": [],
        "failures": [
            {"arn": ARNS.cluster("nope"), "reason": "MISSING"},
            {"arn": CLUSTER_ARN, "reason": "MISSING"},
        ],
    }
    expected = ("ClusterNotFoundException", "Cluster not found.")
    assert empty_region.refusal("delete_cluster", cluster="nope") == expected
    assert empty_region.refusal("list_services") == expected


def test_describing_includes_what_is_asked_for(region: EcsRegion) -> None:
    service = a_service()
    region.put(
        service, a_task(1, of=service), a_task(2, last_status="PENDING"), a_task(3, last_status="STOPPED")
    )
    bare = region.call("describe_clusters", clusters=[CLUSTER])["clusters"][0]
    assert (bare["statistics"], bare["settings"], bare["tags"]) == ([], [], [])
    assert bare["registeredContainerInstancesCount"] == 2
    assert (bare["runningTasksCount"], bare["pendingTasksCount"], bare["activeServicesCount"]) == (1, 1, 1)
    full = region.call("describe_clusters", clusters=[CLUSTER], include=["STATISTICS", "SETTINGS", "TAGS"])
    statistics = {s["name"]: s["value"] for s in full["clusters"][0]["statistics"]}
    assert statistics["runningEC2TasksCount"] == "1"
    assert statistics["pendingEC2TasksCount"] == "1"
    assert statistics["activeEC2ServiceCount"] == "1"
    assert statistics["drainingFargateServiceCount"] == statistics["runningExternalTasksCount"] == "0"


def test_what_shows_a_difference_to_terraform_is_left_out(region: EcsRegion) -> None:
    include = ["CONFIGURATIONS", "SETTINGS", "TAGS"]
    cluster = region.call("describe_clusters", clusters=[CLUSTER], include=include)["clusters"][0]
    assert not {"configuration", "serviceConnectDefaults", "attachments"} & cluster.keys()


def test_a_cluster_is_not_deleted_while_it_has_instances_services_or_tasks(empty_region: EcsRegion) -> None:
    # All three: AWS looks at instances first, then at services, then at tasks.
    service, task, instance = a_service(), a_task(), a_container_instance()
    empty_region.put(a_cluster(), instance, service, task)

    def refusal() -> tuple[str, str]:
        return empty_region.refusal("delete_cluster", cluster=CLUSTER)

    assert refusal() == (
        "ClusterContainsContainerInstancesException",
        "The Cluster cannot be deleted while Container Instances are active or draining.",
    )
    empty_region.put(a_container_instance(status="INACTIVE"))
    expected = "The Cluster cannot be deleted while Services are active."
    assert refusal() == ("ClusterContainsServicesException", expected)
    empty_region.put(a_service(status="INACTIVE"))
    expected = "The Cluster cannot be deleted while Tasks are active."
    assert refusal() == ("ClusterContainsTasksException", expected)
    empty_region.put(a_task(last_status="STOPPED"))
    empty_region.call("delete_cluster", cluster=CLUSTER)


def test_insights_can_be_enhanced_from_the_first_and_later(empty_region: EcsRegion) -> None:
    settings = [{"name": "containerInsights", "value": "enhanced"}]
    made = empty_region.call("create_cluster", clusterName="deep", settings=settings)["cluster"]
    assert made["settings"] == settings
    empty_region.put(a_cluster())
    changed = empty_region.call("update_cluster_settings", cluster=CLUSTER, settings=settings)["cluster"]
    assert changed["settings"] == settings


def test_an_update_without_settings_leaves_them(empty_region: EcsRegion) -> None:
    empty_region.put(a_cluster())
    settings = [{"name": "containerInsights", "value": "disabled"}]
    expected = empty_region.call("update_cluster_settings", cluster=CLUSTER, settings=settings)["cluster"]
    assert expected["settings"] == settings
    assert empty_region.call("update_cluster", cluster=CLUSTER)["cluster"] == expected


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"clusterName": "a shop"}, r"ClusterName must match ^[a-zA-Z0-9\-_]{1,255}$"),
        ({"clusterName": "a" * 256}, r"ClusterName must match ^[a-zA-Z0-9\-_]{1,255}$"),
        (
            {"settings": [{"name": "containerInsights", "value": "on"}]},
            "Invalid value for setting containerInsights: on",
        ),
        ({"settings": [{"name": "colour", "value": "red"}]}, "Invalid setting name: colour"),
        ({"capacityProviders": ["FARGATE"]}, "Tidegate does not serve the parameter capacityProviders."),
        (
            {"configuration": {"executeCommandConfiguration": {"logging": "DEFAULT"}}},
            "Tidegate does not serve the parameter configuration.",
        ),
    ],
)
def test_what_a_cluster_cannot_be_is_refused_by_name(
    empty_region: EcsRegion, parameters: dict[str, object], message: str
) -> None:
    assert empty_region.refusal("create_cluster", **parameters) == (INVALID, message)
