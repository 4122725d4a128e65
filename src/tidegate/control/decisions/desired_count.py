"""The one way in which a service's desired count changes, by the API or by a scaling policy."""

from __future__ import annotations

from dataclasses import replace

from tidegate.domain.ecs import Service


def with_desired_count(service: Service, desired_count: int) -> Service:
    """The service scaled in place: no new deployment; it has to reach its steady state again."""
    if desired_count == service.desired_count:
        return service
    return replace(service, desired_count=desired_count, steady_at=None)
