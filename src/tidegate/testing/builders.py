"""Rows with good defaults: a test names only what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tidegate.domain.arns import ArnMaker
from tidegate.domain.ec2 import Instance
from tidegate.domain.ecs import (
    CircuitBreaker,
    Cluster,
    ContainerDefinition,
    ContainerInstance,
    Deployment,
    DeploymentConfiguration,
    LoadBalancerUse,
    PortMapping,
    PortReservation,
    Resources,
    Service,
    Task,
    TaskDefinition,
)
from tidegate.domain.elbv2 import HealthCheck, Target, TargetGroup, TargetHealth
from tidegate.testing.clock import EPOCH

ARNS = ArnMaker(region="us-east-1", account="000000000000")
CLUSTER = "shop"
CLUSTER_ARN = ARNS.cluster(CLUSTER)
GROUP_ARN = ARNS.target_group("web", "0123456789abcdef")
VPC = "vpc-0000000000000000a"
# Long ago for a test that starts at the epoch: whatever began then is past any grace or delay.
BEFORE = EPOCH - timedelta(hours=1)


def a_cluster(name: str = CLUSTER) -> Cluster:
    return Cluster(arn=ARNS.cluster(name), name=name, created_at=BEFORE)


def a_definition(
    revision: int = 1,
    *,
    family: str = "web",
    cpu: int = 128,
    memory_mib: int = 128,
    container_port: int = 5000,
    host_port: int = 0,
    **more: Any,
) -> TaskDefinition:
    """One essential container with one port."""
    container = ContainerDefinition(
        name="app",
        image=f"{family}:{revision}",
        cpu=cpu,
        memory_reservation_mib=memory_mib,
        port_mappings=(PortMapping(container_port=container_port, host_port=host_port),),
    )
    row = TaskDefinition(
        arn=ARNS.task_definition(family, revision),
        family=family,
        revision=revision,
        containers=(container,),
        registered_at=BEFORE,
        document={},
    )
    return replace(row, **more)


def a_container_instance(
    number: int = 1, *, zone: str = "us-east-1a", cpu: int = 1024, memory_mib: int = 983, **more: Any
) -> ContainerInstance:
    """A connected instance with a t2.micro's resources."""
    row = ContainerInstance(
        arn=ARNS.container_instance(CLUSTER, f"{number:032x}"),
        cluster_arn=CLUSTER_ARN,
        ec2_instance_id=ec2_id(number),
        address=f"127.80.1.{number}",
        availability_zone=zone,
        agent_connected=True,
        connected_at=BEFORE,
        resources=Resources(cpu=cpu, memory_mib=memory_mib, reserved_tcp_ports=(22, 2375)),
        registered_at=BEFORE,
    )
    return replace(row, **more)


def ec2_id(number: int) -> str:
    return f"i-{number:017x}"


def an_instance(number: int = 1, *, zone: str = "us-east-1a", vpc_id: str = VPC, **more: Any) -> Instance:
    """The EC2 instance of the container instance with the same number."""
    row = Instance(
        id=ec2_id(number),
        reservation_id="r-00000000000000001",
        instance_type="t2.micro",
        image_id="ami-00000000000000001",
        state="running",
        private_ip_address=f"127.80.1.{number}",
        subnet_id="subnet-0000000000000000a",
        vpc_id=vpc_id,
        availability_zone=zone,
        cluster_name=CLUSTER,
        network_interface_id=f"eni-{number:017x}",
        launched_at=BEFORE,
    )
    return replace(row, **more)


def a_deployment(number: int = 1, *, revision: int | None = None, **more: Any) -> Deployment:
    """In progress, of the revision with the deployment's own number."""
    row = Deployment(
        id=f"ecs-svc/{number}",
        task_definition_arn=ARNS.task_definition("web", revision or number),
        load_balancers=(),
        created_at=BEFORE,
        updated_at=BEFORE,
        rollout_state_reason=f"ECS deployment ecs-svc/{number} in progress.",
    )
    return replace(row, **more)


def a_service(
    name: str = "web",
    *,
    desired: int = 1,
    minimum: int = 100,
    maximum: int = 200,
    breaker: CircuitBreaker | None = None,
    group_arn: str | None = GROUP_ARN,
    deployments: tuple[Deployment, ...] = (),
    **more: Any,
) -> Service:
    """Behind the target group `web`, unless `group_arn` is None; its deployments use what it uses."""
    uses: tuple[LoadBalancerUse, ...] = ()
    if group_arn:
        uses = (LoadBalancerUse(target_group_arn=group_arn, container_name="app", container_port=5000),)
    deployments = tuple(
        replace(deployment, load_balancers=uses) for deployment in deployments or (a_deployment(),)
    )
    row = Service(
        arn=ARNS.service(CLUSTER, name),
        name=name,
        cluster_arn=CLUSTER_ARN,
        desired_count=desired,
        task_definition_arn=deployments[0].task_definition_arn,
        load_balancers=uses,
        deployments=deployments,
        deployment_configuration=DeploymentConfiguration(
            maximum_percent=maximum,
            minimum_healthy_percent=minimum,
            circuit_breaker=breaker or CircuitBreaker(),
        ),
        created_at=BEFORE,
    )
    return replace(row, **more)


def a_task(
    number: int = 1,
    *,
    of: Service | None = None,
    deployment: int = 1,
    on: ContainerInstance | None = None,
    last_status: str = "RUNNING",
    host_port: int | None = None,
    **more: Any,
) -> Task:
    """A running task; its dynamic port follows from its number."""
    place = on or a_container_instance()
    reservation = PortReservation(
        container_name="app", container_port=5000, host_port=host_port or 32768 + number
    )
    row = Task(
        arn=ARNS.task(CLUSTER, f"{number:032x}"),
        cluster_arn=CLUSTER_ARN,
        task_definition_arn=ARNS.task_definition("web", deployment),
        group=f"service:{of.name}" if of else "family:web",
        service_arn=of.arn if of else None,
        deployment_id=f"ecs-svc/{deployment}" if of else None,
        container_instance_arn=place.arn,
        availability_zone=place.availability_zone,
        cpu=128,
        memory_mib=128,
        ports=(reservation,),
        last_status=last_status,
        desired_status="STOPPED" if last_status in ("DEACTIVATING", "STOPPING", "STOPPED") else "RUNNING",
        created_at=BEFORE,
        started_at=None if last_status == "PENDING" else BEFORE,
        stopped_at=EPOCH if last_status == "STOPPED" else None,
    )
    return replace(row, **more)


def a_group(*, arn: str = GROUP_ARN, delay: int = 300, vpc_id: str = VPC, **more: Any) -> TargetGroup:
    row = TargetGroup(
        arn=arn,
        name=arn.split("/")[1],
        protocol="HTTP",
        port=5000,
        vpc_id=vpc_id,
        health_check=HealthCheck(path="/ping"),
        created_at=BEFORE,
        attributes={"deregistration_delay.timeout_seconds": str(delay)},
    )
    return replace(row, **more)


def a_target(task: Task, number: int = 1, *, group_arn: str = GROUP_ARN, **more: Any) -> Target:
    """The target of a task on the instance with that number."""
    row = Target(
        target_group_arn=group_arn,
        id=ec2_id(number),
        port=task.ports[0].host_port,
        address=f"127.80.1.{number}",
        availability_zone=task.availability_zone,
        registered_at=BEFORE,
        registered_by=task.arn,
        registered_for=task.service_arn,
    )
    return replace(row, **more)


def health_of(target: Target, state: str = "healthy", **more: Any) -> TargetHealth:
    row = TargetHealth(
        target_group_arn=target.target_group_arn,
        id=target.id,
        port=target.port,
        state=state,
        reported_at=EPOCH,
    )
    return replace(row, **more)


def after(seconds: float) -> datetime:
    """An instant of a test that starts at the epoch."""
    return EPOCH + timedelta(seconds=seconds)
