"""The nouns of Amazon ECS."""

from tidegate.domain.ecs.account_setting import SETTING_DEFAULTS, AccountSetting, setting_key
from tidegate.domain.ecs.cluster import DEFAULT_CLUSTER, Cluster
from tidegate.domain.ecs.container_instance import Attribute, ContainerInstance, Resources, VersionInfo
from tidegate.domain.ecs.service import (
    CircuitBreaker,
    Deployment,
    DeploymentConfiguration,
    LoadBalancerUse,
    PlacementConstraint,
    PlacementStrategy,
    Service,
    ServiceEvent,
)
from tidegate.domain.ecs.service_deployment import (
    ContainerImage,
    RevisionCounts,
    Rollback,
    ServiceDeployment,
    ServiceRevision,
)
from tidegate.domain.ecs.task import Container, NetworkBinding, PortReservation, Task
from tidegate.domain.ecs.task_definition import (
    ContainerDefinition,
    ContainerDependency,
    HealthCheckCommand,
    LogConfiguration,
    MountPoint,
    PortMapping,
    TaskDefinition,
    Volume,
)

__all__ = [
    "DEFAULT_CLUSTER",
    "SETTING_DEFAULTS",
    "AccountSetting",
    "Attribute",
    "CircuitBreaker",
    "Cluster",
    "Container",
    "ContainerDefinition",
    "ContainerDependency",
    "ContainerImage",
    "ContainerInstance",
    "Deployment",
    "DeploymentConfiguration",
    "HealthCheckCommand",
    "LoadBalancerUse",
    "LogConfiguration",
    "MountPoint",
    "NetworkBinding",
    "PlacementConstraint",
    "PlacementStrategy",
    "PortMapping",
    "PortReservation",
    "Resources",
    "RevisionCounts",
    "Rollback",
    "Service",
    "ServiceDeployment",
    "ServiceEvent",
    "ServiceRevision",
    "Task",
    "TaskDefinition",
    "VersionInfo",
    "Volume",
    "setting_key",
]
