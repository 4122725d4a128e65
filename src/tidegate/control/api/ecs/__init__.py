"""The ECS front end. A handler is validate, one transaction, response."""

from tidegate.control.api.ecs import clusters, container_instances, definitions, services, tags, tasks
from tidegate.control.api.ecs.agents import AGENT_OPERATIONS
from tidegate.wire import FrontEnd

FRONT_END = FrontEnd(
    service="ecs",
    operations={
        **clusters.OPERATIONS,
        **container_instances.OPERATIONS,
        **definitions.OPERATIONS,
        **services.OPERATIONS,
        **tasks.OPERATIONS,
        **tags.OPERATIONS,
        **AGENT_OPERATIONS,
    },
)

__all__ = ["FRONT_END"]
