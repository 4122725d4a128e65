"""Whether the containers of a task definition fit together, and into their task."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence

from tidegate.control.api.ecs.faults import client
from tidegate.domain.ecs import ContainerDefinition, ContainerDependency, PortMapping, Volume


def check_containers(
    containers: Sequence[ContainerDefinition],
    volumes: Sequence[Volume],
    *,
    network_mode: str,
    cpu: int | None,
    memory_mib: int | None,
) -> None:
    """Raise ClientException for what is wrong between the parts."""
    by_name = {container.name: container for container in containers}
    if len(by_name) < len(containers):
        raise client("Container names must be unique within a task definition")
    if not any(container.essential for container in containers):
        raise client("Task definition doesn't have any essential container")
    _check_sums(containers, cpu, memory_mib)
    _check_volumes(containers, volumes)
    _check_ports(containers, network_mode)
    for container in containers:
        _check_links(container, by_name, network_mode)
        for dependency in container.depends_on:
            _check_dependency(dependency, by_name)
    _check_no_cycle(containers, _linked, "Container links should not have a cycle")
    _check_no_cycle(containers, _depended_on, "Container dependencies should not have a cycle")


def _check_sums(containers: Sequence[ContainerDefinition], cpu: int | None, memory_mib: int | None) -> None:
    if cpu is not None and sum(container.cpu for container in containers) > cpu:
        raise client("The sum of the 'cpu' settings of the containers is greater than for the task")
    reserved = sum(container.memory_reservation_mib or 0 for container in containers)
    if memory_mib is not None and reserved > memory_mib:
        raise client(
            "The sum of the 'memoryReservation' settings of the containers is greater than for the task"
        )


def _check_volumes(containers: Sequence[ContainerDefinition], volumes: Sequence[Volume]) -> None:
    names = {volume.name for volume in volumes}
    if len(names) < len(volumes):
        raise client("Volume names must be unique within a task definition")
    for container in containers:
        for mount in container.mount_points:
            if mount.source_volume not in names:
                raise client(f"Unknown volume '{mount.source_volume}'.")


def _check_ports(containers: Sequence[ContainerDefinition], network_mode: str) -> None:
    mappings = [mapping for container in containers for mapping in container.port_mappings]
    if network_mode == "host":
        twice = _twice(mappings, lambda mapping: mapping.container_port)
        if twice is not None:
            raise client(
                f"{twice.protocol.upper()} container port '{twice.container_port}' is used multiple times in "
                "task when networkMode=host."
            )
    twice = _twice([mapping for mapping in mappings if mapping.host_port], lambda mapping: mapping.host_port)
    if twice is not None:
        raise client(
            f"{twice.protocol.upper()} host port '{twice.host_port}' is used multiple times in task."
        )
    names = [mapping.name for mapping in mappings if mapping.name]
    if len(set(names)) < len(names):
        raise client(f"When networkMode={network_mode}, port mapping name is already used")


def _twice(mappings: Sequence[PortMapping], port: Callable[[PortMapping], int]) -> PortMapping | None:
    """The first mapping whose port of that protocol another one has."""
    seen: set[tuple[int, str]] = set()
    for mapping in mappings:
        key = (port(mapping), mapping.protocol)
        if key in seen:
            return mapping
        seen.add(key)
    return None


def _check_links(
    container: ContainerDefinition, known: Mapping[str, ContainerDefinition], network_mode: str
) -> None:
    if container.links and network_mode != "bridge":
        raise client(f"Links are not supported when networkMode={network_mode}")
    for name in _linked(container):
        if name not in known:
            raise client(f"Cannot link to container '{name}' because it does not exist")


def _check_dependency(dependency: ContainerDependency, known: Mapping[str, ContainerDefinition]) -> None:
    other = known.get(dependency.container_name)
    if other is None:
        # The stray plus sign is the service's own.
        raise client(f"Cannot depend on container + '{dependency.container_name}' because it does not exist")
    if dependency.condition in ("COMPLETE", "SUCCESS") and other.essential:
        raise client(
            "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container"
        )
    if dependency.condition == "HEALTHY" and other.health_check is None:
        raise client("A dependency container with HEALTHY condition must have health check configured")


def _linked(container: ContainerDefinition) -> Collection[str]:
    """`CONTAINER` or `CONTAINER:ALIAS`."""
    return {link.split(":")[0] for link in container.links}


def _depended_on(container: ContainerDefinition) -> Collection[str]:
    return {dependency.container_name for dependency in container.depends_on}


def _check_no_cycle(
    containers: Sequence[ContainerDefinition],
    needs: Callable[[ContainerDefinition], Collection[str]],
    message: str,
) -> None:
    left = {container.name: set(needs(container)) for container in containers}
    while left:
        free = [name for name, needed in left.items() if not needed & left.keys()]
        if not free:
            raise client(message)
        for name in free:
            del left[name]
