"""A task definition as Docker's create request, from typed fields only."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.nodes.payloads import start_order, stop_order
from tidegate.domain.ecs import (
    ContainerDefinition,
    ContainerDependency,
    HealthCheckCommand,
    LogConfiguration,
    MountPoint,
    PortMapping,
    PortReservation,
    Volume,
)
from tidegate.testing.builders import a_definition, a_service, a_task

FULL = ContainerDefinition(
    name="app",
    image="web:1",
    cpu=300,
    memory_mib=512,
    memory_reservation_mib=300,
    essential=False,
    port_mappings=(PortMapping(container_port=5000), PortMapping(container_port=53, protocol="udp")),
    links=("db:database",),
    environment={"A": "1", "B": "2"},
    command=("serve", "--all"),
    entry_point=("/bin/tini",),
    mount_points=(MountPoint(source_volume="files", container_path="/files", read_only=True),),
    depends_on=(ContainerDependency(container_name="db", condition="HEALTHY"),),
    start_timeout_seconds=20,
    stop_timeout_seconds=7,
    health_check=HealthCheckCommand(command=("CMD-SHELL", "true"), interval_seconds=5),
    log_configuration=LogConfiguration(log_driver="awslogs", options={"awslogs-group": "web"}),
    working_directory="/srv",
    user="nobody",
    hostname="web",
    privileged=False,
    readonly_root_filesystem=True,
    docker_labels={"team": "shop"},
)


def container_of(
    definition: ContainerDefinition, *, log_mode: str = "non-blocking", **task: Any
) -> dict[str, Any]:
    whole = replace(a_definition(), containers=(definition,))
    order = start_order(a_task(**task), whole, log_mode=log_mode)
    found: dict[str, Any] = order["containers"][0]
    return found


def config_of(container: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(container["dockerConfig"]["config"]))


def host_config_of(container: dict[str, Any]) -> dict[str, Any]:
    return dict(json.loads(container["dockerConfig"]["hostConfig"]))


def test_the_task_says_who_it_is_and_counts_its_cpu_in_vcpus() -> None:
    definition = replace(a_definition(revision=7), cpu=256, memory_mib=512)
    task = a_task(of=a_service("web"))
    order = start_order(task, definition, log_mode="blocking")
    assert order["arn"] == task.arn
    assert (order["family"], order["version"]) == ("web", "7")
    assert (order["cpu"], order["memory"]) == (0.25, 512)
    assert (order["group"], order["serviceName"]) == ("service:web", "web")
    assert order["desiredStatus"] == "RUNNING"


def test_every_field_of_a_container_reaches_the_agent_in_its_place() -> None:
    container = container_of(FULL)
    assert container["image"] == "web:1"
    assert container["essential"] is False
    assert container["environment"] == {"A": "1", "B": "2"}
    assert (container["cpu"], container["memory"]) == (300, 512)
    assert container["links"] == ["db:database"]
    assert container["command"] == ["serve", "--all"]
    assert container["entryPoint"] == ["/bin/tini"]
    assert container["mountPoints"] == [
        {"sourceVolume": "files", "containerPath": "/files", "readOnly": True}
    ]
    assert container["dependsOn"] == [{"containerName": "db", "condition": "HEALTHY"}]
    assert (container["startTimeout"], container["stopTimeout"]) == (20, 7)
    assert container["healthCheckType"] == "docker"


def test_dockers_own_requests_have_dockers_units() -> None:
    container = container_of(FULL)
    assert config_of(container) == {
        "Labels": {"team": "shop"},
        "User": "nobody",
        "WorkingDir": "/srv",
        "Hostname": "web",
        "Healthcheck": {
            "Test": ["CMD-SHELL", "true"],
            "Interval": 5_000_000_000,
            "Timeout": 5_000_000_000,
            "Retries": 3,
            "StartPeriod": 0,
        },
    }
    assert host_config_of(container) == {
        "NetworkMode": "bridge",
        "Privileged": False,
        "ReadonlyRootfs": True,
        "MemoryReservation": 300 * 1024 * 1024,
        "LogConfig": {
            "Type": "awslogs",
            "Config": {"awslogs-group": "web", "mode": "non-blocking", "max-buffer-size": "10m"},
        },
    }


@pytest.mark.parametrize(
    ("log_mode", "said", "ordered"),
    [
        ("blocking", {}, {"mode": "blocking"}),
        ("non-blocking", {"mode": "blocking"}, {"mode": "blocking"}),
        ("blocking", {"mode": "non-blocking"}, {"mode": "non-blocking", "max-buffer-size": "10m"}),
        ("non-blocking", {"max-buffer-size": "1m"}, {"mode": "non-blocking", "max-buffer-size": "1m"}),
    ],
)
def test_a_container_that_says_no_log_mode_has_the_accounts(
    log_mode: str, said: dict[str, str], ordered: dict[str, str]
) -> None:
    logs = LogConfiguration(log_driver="json-file", options=said)
    container = container_of(replace(FULL, log_configuration=logs), log_mode=log_mode)
    assert host_config_of(container)["LogConfig"] == {"Type": "json-file", "Config": ordered}


def test_what_is_not_set_is_left_out_so_that_the_image_decides() -> None:
    container = container_of(ContainerDefinition(name="app", image="web:1"))
    for name in ("command", "entryPoint", "stopTimeout", "startTimeout", "healthCheckType"):
        assert name not in container
    assert config_of(container) == {"Labels": {}}
    assert "MemoryReservation" not in host_config_of(container)
    assert "LogConfig" not in host_config_of(container)


def test_dynamic_ports_are_sent_as_the_host_ports_that_placement_gave() -> None:
    ports = (
        PortReservation(container_name="app", container_port=5000, host_port=40001),
        PortReservation(container_name="app", container_port=53, host_port=40002, protocol="udp"),
        PortReservation(container_name="other", container_port=5000, host_port=40003),
    )
    assert container_of(FULL, ports=ports)["portMappings"] == [
        {"containerPort": 5000, "hostPort": 40001, "protocol": "tcp"},
        {"containerPort": 53, "hostPort": 40002, "protocol": "udp"},
    ]


def test_overrides_are_merged_before_they_are_sent() -> None:
    override = {
        "name": "app",
        "command": ["migrate"],
        "environment": [{"name": "B", "value": "3"}, {"name": "C", "value": "4"}],
        "cpu": 10,
        "memory": 64,
        "memoryReservation": 32,
    }
    container = container_of(FULL, overrides={"containerOverrides": [override, {"name": "other", "cpu": 1}]})
    assert container["command"] == ["migrate"]
    assert container["environment"] == {"A": "1", "B": "3", "C": "4"}
    assert (container["cpu"], container["memory"]) == (10, 64)
    assert host_config_of(container)["MemoryReservation"] == 32 * 1024 * 1024
    assert container["overrides"] == "{}"


def test_volumes_are_a_path_of_the_host_or_live_as_long_as_the_task() -> None:
    volumes = (Volume(name="files", source_path="/srv/files"), Volume(name="scratch"))
    order = start_order(a_task(), replace(a_definition(), volumes=volumes), log_mode="blocking")
    assert order["volumes"] == [
        {"name": "files", "type": "host", "host": {"sourcePath": "/srv/files"}},
        {"name": "scratch", "type": "host", "host": {}},
    ]


def test_a_stop_order_needs_no_more_than_the_name() -> None:
    task = a_task()
    assert stop_order(task)["arn"] == task.arn
    assert stop_order(task)["desiredStatus"] == "STOPPED"
