"""Finding what a request names, and pages of what is there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from tidegate.control.api.application_autoscaling import faults
from tidegate.control.api.context import ApiContext
from tidegate.control.api.paging import InvalidTokenError, Page, paginate
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    SCALABLE_TARGETS,
    SCALING_POLICIES,
    SCHEDULED_ACTIONS,
    SERVICES,
)
from tidegate.domain.ecs import Service
from tidegate.domain.scaling import ScalableTarget, ScalingPolicy, ScheduledAction
from tidegate.domain.scaling.target import DIMENSION, NAMESPACE

State = Snapshot | Transaction
T = TypeVar("T")

_RESOURCE = re.compile(r"service/([a-zA-Z0-9\-_]{1,255})/([a-zA-Z0-9\-_]{1,255})")


def resource_id(parameters: Mapping[str, Any]) -> str:
    """The resource id of a request, which must name a service's desired count."""
    namespace, dimension = parameters["ServiceNamespace"], parameters["ScalableDimension"]
    if namespace != NAMESPACE and dimension.startswith(f"{namespace}:"):
        raise faults.invalid(f"Tidegate does not serve the service namespace {namespace}.")
    found: str = parameters["ResourceId"]
    if namespace != NAMESPACE or dimension != DIMENSION or not _RESOURCE.fullmatch(found):
        raise faults.unsupported()
    return found


def service(context: ApiContext, state: State, named: str) -> Service:
    """The ACTIVE service behind a resource id; raises ValidationException."""
    row = state.get(SERVICES, service_arn(context, named))
    if row is None or row.status != "ACTIVE":
        raise faults.invalid(f"ECS service doesn't exist: {named}")
    return row


def service_arn(context: ApiContext, named: str) -> str:
    _, cluster, name = named.split("/")
    return context.arns.service(cluster, name)


def registered(state: State, named: str) -> ScalableTarget:
    """The target that a policy or an action needs; raises ObjectNotFoundException."""
    row = state.get(SCALABLE_TARGETS, named)
    if row is None:
        raise faults.no_target_registered(named)
    return row


def tagged(state: State, arn: str) -> ScalableTarget:
    """A target by its ARN; raises ResourceNotFoundException."""
    row = next(state.by(SCALABLE_TARGETS, "arn", arn), None)
    if row is None:
        raise faults.resource_not_found(arn)
    return row


def policy(state: State, named: str, name: str) -> ScalingPolicy | None:
    rows = state.by(SCALING_POLICIES, "target", named)
    return next((row for row in rows if row.name == name), None)


def scheduled_action(state: State, named: str, name: str) -> ScheduledAction | None:
    rows = state.by(SCHEDULED_ACTIONS, "target", named)
    return next((row for row in rows if row.name == name), None)


def selection(parameters: Mapping[str, Any]) -> Callable[[str], bool]:
    """Whether a listing's filters let a resource id pass. Of other namespaces nothing is there."""
    dimension, named = parameters.get("ScalableDimension"), parameters.get("ResourceId")
    ids = set(parameters.get("ResourceIds") or ([named] if named else []))
    if dimension is not None and not ids:
        raise faults.invalid("A scalable dimension can only be specified together with a resource ID.")
    is_ours = parameters["ServiceNamespace"] == NAMESPACE and dimension in (None, DIMENSION)
    return lambda candidate: is_ours and (not ids or candidate in ids)


def page_of(
    rows: Iterable[T],
    parameters: Mapping[str, Any],
    *,
    key: Callable[[T], str],
    size_max: int,
    descending: bool = False,
) -> Page[T]:
    """A page of at most `size_max` rows; raises ValidationException, InvalidNextTokenException."""
    size = parameters.get("MaxResults", size_max)
    if not 1 <= size <= size_max:
        raise faults.invalid(f"MaxResults must be a value between 1 and {size_max}.")
    filters = {name: value for name, value in parameters.items() if name not in ("MaxResults", "NextToken")}
    token, scope = parameters.get("NextToken"), repr(sorted(filters.items()))
    try:
        return paginate(rows, key=key, token=token, size=size, descending=descending, scope=scope)
    except InvalidTokenError as error:
        raise faults.invalid_token() from error
