"""Actions of listeners: checked, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.store import Transaction
from tidegate.domain.elbv2 import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    RedirectConfig,
    WeightedTargetGroup,
)

_CONTENT_TYPES = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")


def parse(tx: Transaction, given: Sequence[Mapping[str, Any]]) -> tuple[Action, ...]:
    """Actions from a request; raises ValidationError, TargetGroupNotFound, or refuses by name."""
    actions = tuple(_action(tx, item) for item in given)
    if len(actions) != 1:
        raise faults.unsupported("More than one action")
    return actions


def _action(tx: Transaction, item: Mapping[str, Any]) -> Action:
    kind, order = item["Type"], item.get("Order")
    if kind == "forward":
        return Action(type=kind, order=order, forward=_forward(tx, item))
    if kind == "redirect":
        config = item.get("RedirectConfig")
        if not config:
            raise faults.invalid("A redirect action must have a redirect configuration")
        redirect = RedirectConfig(
            status_code=config["StatusCode"],
            protocol=config.get("Protocol") or "#{protocol}",
            host=config.get("Host") or "#{host}",
            port=config.get("Port") or "#{port}",
            path=config.get("Path") or "/#{path}",
            query=config["Query"] if config.get("Query") is not None else "#{query}",
        )
        if redirect == RedirectConfig(status_code=redirect.status_code):
            raise faults.invalid("The redirect configuration is not valid because it creates a loop.")
        return Action(type=kind, order=order, redirect=redirect)
    if kind == "fixed-response":
        config = item.get("FixedResponseConfig")
        if not config:
            raise faults.invalid("A fixed-response action must have a fixed response configuration")
        content_type = config.get("ContentType")
        if content_type and content_type not in _CONTENT_TYPES:
            raise faults.invalid(f"The content type must be one of '{', '.join(_CONTENT_TYPES)}'")
        fixed = FixedResponseConfig(
            status_code=config["StatusCode"],
            content_type=content_type,
            message_body=config.get("MessageBody"),
        )
        return Action(type=kind, order=order, fixed_response=fixed)
    raise faults.unsupported(f"The action type '{kind}'")


def _forward(tx: Transaction, item: Mapping[str, Any]) -> ForwardConfig:
    config = item.get("ForwardConfig") or {}
    given = config.get("TargetGroups") or []
    arn = item.get("TargetGroupArn")
    if arn and given and [group.get("TargetGroupArn") for group in given] != [arn]:
        raise faults.invalid(
            "You cannot specify both a target group ARN and a list of target groups in a forward action"
        )
    if not given and arn:
        given = [{"TargetGroupArn": arn, "Weight": 1}]
    if not given:
        raise faults.invalid("A target group ARN must be specified")
    stickiness = config.get("TargetGroupStickinessConfig") or {}
    if stickiness.get("Enabled"):
        raise faults.unsupported("Target group stickiness")
    groups = []
    for group in given:
        finding.target_group(tx, group.get("TargetGroupArn", ""))
        weight = group.get("Weight")
        weight = 1 if weight is None else weight
        if not 0 <= weight <= 999:
            raise faults.invalid(f"Target group weight '{weight}' must be between '0-999' inclusive")
        groups.append(WeightedTargetGroup(target_group_arn=group["TargetGroupArn"], weight=weight))
    if len(groups) > 5:
        raise faults.invalid("A forward action can have at most 5 target groups")
    return ForwardConfig(
        target_groups=tuple(groups), stickiness_duration_seconds=stickiness.get("DurationSeconds")
    )


def view(action: Action) -> dict[str, Any]:
    described: dict[str, Any] = {"Type": action.type}
    if action.order is not None:
        described["Order"] = action.order
    if action.forward is not None:
        groups = action.forward.target_groups
        if len(groups) == 1:
            described["TargetGroupArn"] = groups[0].target_group_arn
        stickiness: dict[str, Any] = {"Enabled": action.forward.stickiness_enabled}
        if action.forward.stickiness_duration_seconds is not None:
            stickiness["DurationSeconds"] = action.forward.stickiness_duration_seconds
        described["ForwardConfig"] = {
            "TargetGroups": [{"TargetGroupArn": g.target_group_arn, "Weight": g.weight} for g in groups],
            "TargetGroupStickinessConfig": stickiness,
        }
    if action.redirect is not None:
        described["RedirectConfig"] = {
            "Protocol": action.redirect.protocol,
            "Port": action.redirect.port,
            "Host": action.redirect.host,
            "Path": action.redirect.path,
            "Query": action.redirect.query,
            "StatusCode": action.redirect.status_code,
        }
    if action.fixed_response is not None:
        fixed = {"StatusCode": action.fixed_response.status_code}
        if action.fixed_response.content_type:
            fixed["ContentType"] = action.fixed_response.content_type
        if action.fixed_response.message_body:
            fixed["MessageBody"] = action.fixed_response.message_body
        described["FixedResponseConfig"] = fixed
    return described
