"""The ECS front end. A handler is validate, one transaction, response."""

from tidegate.control.api.ecs import (
    account_settings,
    attributes,
    clusters,
    container_instances,
    definitions,
    running_tasks,
    service_deployments,
    services,
    tags,
    task_protection,
    tasks,
)
from tidegate.control.api.ecs.agents import AGENT_OPERATIONS
from tidegate.wire import FrontEnd

_REFUSED = {
    "There are no capacity providers.": (
        "CreateCapacityProvider",
        "DeleteCapacityProvider",
        "DescribeCapacityProviders",
        "PutClusterCapacityProviders",
        "UpdateCapacityProvider",
    ),
    "Services have deployments, not task sets.": (
        "CreateTaskSet",
        "DeleteTaskSet",
        "DescribeTaskSets",
        "UpdateServicePrimaryTaskSet",
        "UpdateTaskSet",
    ),
    "There are no lifecycle hooks, at which a deployment would wait.": ("ContinueServiceDeployment",),
    "There is no ECS Exec.": ("ExecuteCommand",),
    "There are no Cloud Map namespaces.": ("ListServicesByNamespace",),
    "Agents are a part of Tidegate and are updated with it.": ("UpdateContainerAgent",),
}

FRONT_END = FrontEnd(
    service="ecs",
    operations={
        **clusters.OPERATIONS,
        **container_instances.OPERATIONS,
        **attributes.OPERATIONS,
        **definitions.OPERATIONS,
        **services.OPERATIONS,
        **service_deployments.OPERATIONS,
        **tasks.OPERATIONS,
        **running_tasks.OPERATIONS,
        **task_protection.OPERATIONS,
        **tags.OPERATIONS,
        **account_settings.OPERATIONS,
        **AGENT_OPERATIONS,
    },
    refusals={operation: why for why, operations in _REFUSED.items() for operation in operations},
)

__all__ = ["FRONT_END"]
