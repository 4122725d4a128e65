"""RegisterTaskDefinition refuses what is wrong in the service's words, and what is not honoured by name."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.testing.ecs import WEB, EcsRegion

OTHER = {"name": "other", "image": "other:1", "memory": 64}
SIDECAR = {**OTHER, "essential": False}
CHECK = {"command": ["CMD-SHELL", "true"]}
CPU = (
    "Invalid 'cpu' setting for task. For more information, see the Troubleshooting section of the Amazon ECS "
    "Developer Guide."
)
MEMORY = CPU.replace("cpu", "memory")


def web(**changes: Any) -> dict[str, Any]:
    return {**WEB, **changes}


def ports(*mappings: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"containerDefinitions": [web(portMappings=list(mappings))], **more}


def containers(*definitions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"containerDefinitions": list(definitions), **more}


def refusal(region: EcsRegion, parameters: dict[str, Any]) -> tuple[str, str]:
    return region.refusal("register_task_definition", **{"family": "web", **containers(web()), **parameters})


WRONG = [
    ({"family": "we b"}, "Family contains invalid characters."),
    ({"family": "w" * 256}, "Family contains invalid characters."),
    (containers(), "Container list cannot be empty"),
    (
        containers(*[web(name=f"c{number}") for number in range(11)]),
        "Container list cannot have more than 10 elements",
    ),
    (containers({"image": "web:1", "memory": 6}), "Container.name should not be null or empty."),
    (containers({"name": "app", "memory": 6}), "Container.image should not be null or empty."),
    (containers(web(name="a b")), "Container.name contains invalid characters."),
    (containers(web(), web()), "Container names must be unique within a task definition"),
    (containers(web(essential=False)), "Task definition doesn't have any essential container"),
    (
        containers({"name": "app", "image": "web:1"}),
        "Invalid setting for container 'app'. At least one of 'memory' or 'memoryReservation' must be "
        "specified.",
    ),
    (
        containers(web(memoryReservation=129)),
        "'memory' must be greater than or equal to 'memoryReservation'",
    ),
    (containers(web(), memory="64"), "The 'memory' setting for container 'app' is greater than for the task"),
    (
        containers(web(memory=5)),
        "Invalid 'memory' setting for container 'app'. It must be at least 6.",
    ),
    (containers(web(cpu=-1)), "Invalid 'cpu' setting for container 'app'. It must be at least 0."),
    (
        containers(web(stopTimeout=-1)),
        "Invalid 'stopTimeout' setting for container 'app'. It must be at least 0.",
    ),
    (
        containers(web(cpu=300), cpu="256"),
        "The sum of the 'cpu' settings of the containers is greater than for the task",
    ),
    (
        containers(web(memoryReservation=100), web(name="b", memoryReservation=100), memory="128"),
        "The sum of the 'memoryReservation' settings of the containers is greater than for the task",
    ),
    ({"cpu": "127"}, CPU),
    ({"cpu": "193 vCPU"}, CPU),
    ({"cpu": "much"}, CPU),
    ({"cpu": "9" * 5000}, CPU),
    ({"cpu": "9" * 400 + "vCPU"}, CPU),
    ({"cpu": "1 GB"}, CPU),
    ({"memory": "5"}, MEMORY),
    ({"memory": "1 vCPU"}, MEMORY),
    ({"networkMode": "mesh"}, "networkMode should be one of [bridge,host,awsvpc,none]"),
    (
        {"requiresCompatibilities": ["ECS"]},
        "requiresCompatibilities should be one of [EC2,FARGATE,EXTERNAL,MANAGED_INSTANCES]",
    ),
    (
        containers(web(dependsOn=[{"containerName": "db", "condition": "START"}])),
        "Cannot depend on container + 'db' because it does not exist",
    ),
    (
        containers(web(dependsOn=[{"containerName": "other", "condition": "SUCCESS"}]), OTHER),
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
    ),
    (
        containers(web(dependsOn=[{"containerName": "other", "condition": "HEALTHY"}]), SIDECAR),
        "A dependency container with HEALTHY condition must have health check configured",
    ),
    (
        containers(web(dependsOn=[{"containerName": "app", "condition": "START"}])),
        "Container dependencies should not have a cycle",
    ),
    (
        containers(web(dependsOn=[{"containerName": "other", "condition": "SOON"}]), SIDECAR),
        "condition should be one of [START,COMPLETE,SUCCESS,HEALTHY]",
    ),
    (
        containers(web(links=["other"]), {**OTHER, "links": ["app:web"]}),
        "Container links should not have a cycle",
    ),
    (containers(web(links=["db"])), "Cannot link to container 'db' because it does not exist"),
    (
        containers(web(links=["other"]), OTHER, networkMode="host"),
        "Links are not supported when networkMode=host",
    ),
    (
        ports({"containerPort": 80, "hostPort": 8080}, networkMode="host"),
        "When networkMode=host, the host ports and container ports in port mappings must match.",
    ),
    (
        ports({"containerPort": 80}, {"containerPort": 80}, networkMode="host"),
        "TCP container port '80' is used multiple times in task when networkMode=host.",
    ),
    (
        ports({"containerPort": 80}, networkMode="none"),
        "Port mappings are not supported when networkMode=none.",
    ),
    (
        ports({"containerPort": 80, "hostPort": 80}, {"containerPort": 81, "hostPort": 80}),
        "TCP host port '80' is used multiple times in task.",
    ),
    (ports({"hostPort": 80}), "Invalid port mapping for container 'app': ports are 1 to 65535."),
    (ports({"containerPort": 65536}), "Invalid port mapping for container 'app': ports are 1 to 65535."),
    (ports({"containerPort": 80, "protocol": "sctp"}), "protocol should be one of [tcp,udp]"),
    (
        ports({"containerPort": 80, "name": "-x"}),
        "Invalid name '-x' of a port mapping of container 'app'.",
    ),
    (
        ports({"containerPort": 80, "name": "http"}, {"containerPort": 81, "name": "http"}),
        "When networkMode=bridge, port mapping name is already used",
    ),
    (
        ports({"containerPort": 80, "containerPortRange": "80-90"}),
        "Invalid port mapping for container 'app', cannot specify both single port and port range.",
    ),
    (ports({"containerPortRange": "90-80"}), "Invalid 'containerPortRange' setting for container 'app'."),
    (
        containers(web(mountPoints=[{"sourceVolume": "data", "containerPath": "/data"}])),
        "Unknown volume 'data'.",
    ),
    (
        containers(web(mountPoints=[{"sourceVolume": "data"}])),
        "Invalid mount point for container 'app': sourceVolume or containerPath missing.",
    ),
    ({"volumes": [{"name": "a"}, {"name": "a"}]}, "Volume names must be unique within a task definition"),
    ({"volumes": [{"host": {}}]}, "Volume.name should not be null or empty."),
    (
        {"volumes": [{"name": "a", "host": {"sourcePath": "data"}}]},
        "Volume 'a': sourcePath must be an absolute path.",
    ),
    (
        containers(web(healthCheck={**CHECK, "interval": 301})),
        "Health check interval must be less than or equal to the maximum allowed value 300 for container "
        "'app'",
    ),
    (
        containers(web(healthCheck={**CHECK, "retries": 0})),
        "Health check retries must be greater than or equal to the minimum allowed value 1 for container "
        "'app'",
    ),
    (
        containers(web(healthCheck={"command": ["true"]})),
        "Invalid health check command for container 'app': it begins with CMD or CMD-SHELL.",
    ),
    (
        containers(web(logConfiguration={"logDriver": "awslogs", "options": {"awslogs-region": "x"}})),
        "Log driver awslogs requires options: awslogs-group",
    ),
    (
        containers(web(environment=[{"value": "x"}])),
        "Invalid environment for container 'app': a variable must have a name.",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), WRONG)
def test_what_is_wrong_is_refused_in_the_services_words(
    empty_region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    assert refusal(empty_region, parameters) == ("ClientException", message)


UNSUPPORTED = [
    ({"networkMode": "awsvpc"}, "networkMode: awsvpc is not supported, only bridge, host and none."),
    (
        {"requiresCompatibilities": ["FARGATE"]},
        "requiresCompatibilities: FARGATE is not supported, only EC2.",
    ),
    (
        {"runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"}},
        "runtimePlatform: operatingSystemFamily WINDOWS_SERVER_2022_CORE is not supported, only LINUX.",
    ),
    (
        {"runtimePlatform": {"cpuArchitecture": "MIPS"}},
        "cpuArchitecture should be one of [X86_64,ARM64]",
    ),
    ({"pidMode": "host"}, "pidMode: sharing of process namespaces is not supported."),
    ({"ipcMode": "task"}, "ipcMode: sharing of IPC namespaces is not supported."),
    ({"ephemeralStorage": {"sizeInGiB": 21}}, "ephemeralStorage: it is for Fargate, which is not supported."),
    ({"enableFaultInjection": True}, "enableFaultInjection: fault injection is not supported."),
    (
        {"placementConstraints": [{"type": "memberOf", "expression": "attribute:rack exists"}]},
        "placementConstraints: constraints in a task definition are not supported.",
    ),
    ({"proxyConfiguration": {"containerName": "app"}}, "proxyConfiguration: App Mesh is not supported."),
    (
        {"volumes": [{"name": "a", "efsVolumeConfiguration": {"fileSystemId": "fs-1"}}]},
        "Volume 'a': efsVolumeConfiguration: it is not supported.",
    ),
    (
        {"volumes": [{"name": "a", "dockerVolumeConfiguration": {"scope": "shared"}}]},
        "Volume 'a': dockerVolumeConfiguration: it is not supported.",
    ),
    (
        {"volumes": [{"name": "a", "configuredAtLaunch": True}]},
        "Volume 'a': configuredAtLaunch: it is not supported.",
    ),
    (
        containers(web(secrets=[{"name": "KEY", "valueFrom": "arn:aws:ssm:x"}])),
        "Container 'app': secrets: secrets are not supported.",
    ),
    (
        containers(web(environmentFiles=[{"value": "arn:aws:s3:::b/k.env", "type": "s3"}])),
        "Container 'app': environmentFiles: environment files are not supported.",
    ),
    (
        containers(web(volumesFrom=[{"sourceContainer": "other"}]), OTHER),
        "Container 'app': volumesFrom: mounting another container's volumes is not supported.",
    ),
    (
        containers(web(linuxParameters={"initProcessEnabled": True})),
        "Container 'app': linuxParameters: Linux parameters are not supported.",
    ),
    (
        containers(web(ulimits=[{"name": "nofile", "softLimit": 1, "hardLimit": 1}])),
        "Container 'app': ulimits: it is not supported.",
    ),
    (containers(web(interactive=True)), "Container 'app': interactive: it is not supported."),
    (
        containers(web(versionConsistency="enabled")),
        "Container 'app': versionConsistency: only disabled is supported.",
    ),
    (
        containers(web(restartPolicy={"enabled": True})),
        "Container 'app': restartPolicy: restart policies are not supported.",
    ),
    (
        containers(web(logConfiguration={"logDriver": "splunk"})),
        "Container 'app': logDriver: splunk is not supported, only awslogs and json-file.",
    ),
    (
        containers(
            web(
                logConfiguration={
                    "logDriver": "json-file",
                    "secretOptions": [{"name": "a", "valueFrom": "b"}],
                }
            )
        ),
        "Container 'app': secretOptions: it is not supported.",
    ),
    (
        ports({"containerPortRange": "80-90"}),
        "Port mapping of 'app': containerPortRange: it is not supported.",
    ),
]


@pytest.mark.parametrize(("parameters", "message"), UNSUPPORTED)
def test_what_is_not_honoured_is_refused_by_name(
    empty_region: EcsRegion, parameters: dict[str, Any], message: str
) -> None:
    assert refusal(empty_region, parameters) == ("ClientException", message)


def test_a_definition_has_at_most_64_kib(empty_region: EcsRegion) -> None:
    code, message = refusal(empty_region, containers(web(command=["x" * 65536])))
    assert code == "ClientException"
    assert message.startswith("Actual length: '65")
    assert message.endswith("'. Max allowed length is '65536' bytes.")


@pytest.mark.parametrize(
    "member",
    [
        {"interactive": False},
        {"pseudoTerminal": False},
        {"disableNetworking": False},
        {"secrets": []},
        {"ulimits": []},
        {"environmentFiles": []},
        {"volumesFrom": []},
        {"versionConsistency": "disabled"},
    ],
)
def test_what_asks_for_nothing_is_accepted(empty_region: EcsRegion, member: dict[str, Any]) -> None:
    assert empty_region.registered(web(**member))["status"] == "ACTIVE"


def test_an_empty_text_is_an_absent_member_and_an_empty_variable_is_empty(empty_region: EcsRegion) -> None:
    port = {"containerPort": 80, "name": "", "protocol": "", "appProtocol": ""}
    empty = {"user": "", "hostname": "", "workingDirectory": ""}
    sent = web(portMappings=[port], environment=[{"name": "A", "value": ""}], **empty)
    kept = empty_region.registered(sent, taskRoleArn="", cpu="", memory="", networkMode="", pidMode="")
    (container,) = kept["containerDefinitions"]
    assert not {*empty} & set(container)
    assert container["portMappings"] == [{"containerPort": 80, "hostPort": 0, "protocol": "tcp"}]
    assert container["environment"] == [{"name": "A", "value": ""}]
    assert not {"taskRoleArn", "cpu", "memory", "pidMode"} & set(kept)


def test_one_host_port_may_be_used_on_tcp_and_on_udp(empty_region: EcsRegion) -> None:
    both = [{"containerPort": 53, "hostPort": 53, "protocol": protocol} for protocol in ("tcp", "udp")]
    assert (
        len(empty_region.registered(web(portMappings=both))["containerDefinitions"][0]["portMappings"]) == 2
    )


def test_memory_equal_to_its_reservation_is_accepted(empty_region: EcsRegion) -> None:
    assert empty_region.registered(web(memory=128, memoryReservation=128))["revision"] == 1


@pytest.mark.parametrize(
    ("given", "stored"),
    [
        ({"cpu": "1 vCPU", "memory": "1GB"}, ("1024", "1024")),
        ({"cpu": ".5 vcpu", "memory": "0.5 gb"}, ("512", "512")),
        ({"cpu": "256", "memory": "512"}, ("256", "512")),
    ],
)
def test_sizes_of_tasks_are_stored_in_units_and_mib(
    empty_region: EcsRegion, given: dict[str, str], stored: tuple[str, str]
) -> None:
    definition = empty_region.registered(**given)
    assert (definition["cpu"], definition["memory"]) == stored
