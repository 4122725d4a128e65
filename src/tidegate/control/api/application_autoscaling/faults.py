"""Application Auto Scaling's errors, each in one place."""

from __future__ import annotations

from tidegate.domain.scaling.target import DIMENSION, NAMESPACE
from tidegate.wire import Fault


def invalid(message: str) -> Fault:
    return Fault("ValidationException", message)


def unsupported() -> Fault:
    return invalid("Unsupported service namespace, resource type or scalable dimension")


def limit_exceeded(message: str) -> Fault:
    return Fault("LimitExceededException", message)


def invalid_token() -> Fault:
    return Fault("InvalidNextTokenException", "The NextToken value is not valid.")


def no_target_registered(resource_id: str) -> Fault:
    """For what needs a scalable target."""
    return _not_found("No scalable target registered", resource_id)


def no_target(resource_id: str) -> Fault:
    return _not_found("No scalable target found", resource_id)


def no_policy(resource_id: str, name: str) -> Fault:
    return _not_found("No scaling policy found", resource_id, f", policy name: {name}")


def no_scheduled_action(resource_id: str, name: str) -> Fault:
    return _not_found("No scheduled action found", resource_id, f", scheduled action name: {name}")


def _not_found(what: str, resource_id: str, more: str = "") -> Fault:
    where = f"service namespace: {NAMESPACE}, resource ID: {resource_id}, scalable dimension: {DIMENSION}"
    return Fault("ObjectNotFoundException", f"{what} for {where}{more}")


def resource_not_found(arn: str) -> Fault:
    text = f"No scalable target was found for the ARN {arn}."
    return Fault("ResourceNotFoundException", text, ResourceName=arn)


def too_many_tags(arn: str, limit: int) -> Fault:
    text = f"A scalable target can have at most {limit} tags."
    return Fault("TooManyTagsException", text, ResourceName=arn)
