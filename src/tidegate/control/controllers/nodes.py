"""Instances as placement sees them: computed from tasks and targets, never stored."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.decisions.placement import Node
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import CONTAINER_INSTANCES, TARGETS, TASKS
from tidegate.domain.ecs import ContainerInstance, Task


def nodes_of_cluster(snapshot: Snapshot, cluster_arn: str, group: str) -> list[Node]:
    """Every instance of a cluster; `group` is the service or family whose tasks the spread counts."""
    return [
        node_of(snapshot, instance, group)
        for instance in snapshot.by(CONTAINER_INSTANCES, "cluster", cluster_arn)
    ]


def node_of(snapshot: Snapshot, instance: ContainerInstance, group: str) -> Node:
    """One instance with what its live tasks leave of it."""
    tasks = list(live_tasks(snapshot, instance.arn))
    used = {(port.host_port, port.protocol) for task in tasks for port in task.ports}
    used |= {(port, "tcp") for port in instance.resources.reserved_tcp_ports}
    used |= {(port, "udp") for port in instance.resources.reserved_udp_ports}
    if instance.ec2_instance_id:
        # A port whose target is still registered or draining would get another service's requests.
        used |= {(target.port, "tcp") for target in snapshot.by(TARGETS, "id", instance.ec2_instance_id)}
    return Node(
        container_instance_arn=instance.arn,
        availability_zone=instance.availability_zone,
        is_active=instance.status == "ACTIVE",
        is_connected=instance.agent_connected,
        cpu=instance.resources.cpu - sum(task.cpu for task in tasks),
        memory_mib=instance.resources.memory_mib - sum(task.memory_mib for task in tasks),
        used_ports=frozenset(used),
        tasks_of_group=sum(1 for task in tasks if task.group == group),
    )


def live_tasks(snapshot: Snapshot, container_instance_arn: str) -> Iterable[Task]:
    return snapshot.by(TASKS, "live_on_instance", container_instance_arn)
