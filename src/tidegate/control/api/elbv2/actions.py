"""Actions of listeners: read from requests, and shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.store import Transaction
from tidegate.domain.elbv2 import (
    Action,
    FixedResponseConfig,
    ForwardConfig,
    LoadBalancer,
    RedirectConfig,
    TargetGroup,
    WeightedTargetGroup,
)
from tidegate.wire import Fault

_CONTENT_TYPES = ("text/html", "application/json", "application/javascript", "text/css", "text/plain")
_GROUPS_MAX = 5
_WEIGHT_MAX = 999
_STICKINESS_SECONDS_MAX = 604800
_CONFIGS = {"redirect": "RedirectConfig", "fixed-response": "FixedResponseConfig"}
_PLACEHOLDERS = ("#{path}", "#{host}", "#{port}")


def parse(
    tx: Transaction, balancer: LoadBalancer, protocol: str, port: int, given: Sequence[Mapping[str, Any]]
) -> tuple[Action, ...]:
    """The actions of a request, which are to act on this listener; raises the fault of what is wrong."""
    if not given:
        raise faults.invalid("An action must be specified")
    _check_list(protocol, given)
    return tuple(_action(tx, balancer, protocol, port, item) for item in given)


def _check_list(protocol: str, given: Sequence[Mapping[str, Any]]) -> None:
    """The rules between actions; then those that Tidegate has not are refused by name."""
    kinds = [item["Type"] for item in given]
    routing = [kind for kind in kinds if kind in ("forward", *_CONFIGS)]
    if len(given) > 1 and any(item.get("Order") is None for item in given):
        text = "When you specify multiple actions, you must specify an order for each action"
        raise faults.invalid(text)
    if len(routing) > 1:
        raise faults.invalid(f"Action types '{','.join(routing)}' cannot be specified together")
    for kind in kinds:
        if kind not in routing:
            if protocol == "HTTP":
                text = f"Actions of type '{kind}' are supported only on HTTPS listeners"
                raise faults.invalid_action(text)
            raise faults.unsupported(f"The action type '{kind}'")


def _action(
    tx: Transaction, balancer: LoadBalancer, protocol: str, port: int, item: Mapping[str, Any]
) -> Action:
    kind, order = item["Type"], item.get("Order")
    if kind == "forward":
        return Action(type=kind, order=order, forward=_forward(tx, balancer, item))
    config = item.get(_CONFIGS[kind])
    if not config:
        text = f"For actions of type '{kind}', you must specify the following fields: '{_CONFIGS[kind]}'"
        raise faults.invalid(text)
    if kind == "redirect":
        return Action(type=kind, order=order, redirect=_redirect(protocol, port, config))
    return Action(type=kind, order=order, fixed_response=_fixed_response(config))


def _redirect(protocol: str, port: int, config: Mapping[str, Any]) -> RedirectConfig:
    redirect = RedirectConfig(
        status_code=config["StatusCode"],
        protocol=config.get("Protocol") or "#{protocol}",
        host=config.get("Host") or "#{host}",
        port=config.get("Port") or "#{port}",
        path=config.get("Path") or "/#{path}",
        query=config["Query"] if config.get("Query") is not None else "#{query}",
    )
    path = redirect.path
    if not path.startswith("/") or any(path.count(placeholder) > 1 for placeholder in _PLACEHOLDERS):
        raise faults.invalid_action(
            "The Path parameter must be a valid path, should start with a '/', and may contain up to one of "
            "each of these placeholders: '#{path}', '#{host}', '#{port}'."
        )
    is_number = redirect.port.isascii() and redirect.port.isdecimal() and len(redirect.port) <= 5
    is_port = is_number and 1 <= int(redirect.port) <= 65535
    if redirect.port != "#{port}" and not is_port:
        text = "The Port parameter must be either an integer between 1 and 65535 or '#{port}'."
        raise faults.invalid_action(text)
    if protocol == "HTTPS" and redirect.protocol == "HTTP":
        raise faults.invalid_action("You cannot redirect HTTPS to HTTP.")
    # Only a change of one of these leads elsewhere: another query comes back to the same action.
    is_same = (
        redirect.protocol in ("#{protocol}", protocol)
        and redirect.port in ("#{port}", str(port))
        and redirect.host == "#{host}"
        and redirect.path == "/#{path}"
    )
    if is_same:
        text = "The redirect configuration is not valid because it creates a loop."
        raise faults.invalid_action(text)
    return redirect


def _fixed_response(config: Mapping[str, Any]) -> FixedResponseConfig:
    content_type = config.get("ContentType")
    if content_type and content_type not in _CONTENT_TYPES:
        listed = ", ".join(f"'{one}'" for one in _CONTENT_TYPES)
        raise faults.invalid_action(f"The ContentType must be one of:{listed}.")
    return FixedResponseConfig(
        status_code=config["StatusCode"],
        content_type=content_type,
        message_body=config.get("MessageBody"),
    )


def _forward(tx: Transaction, balancer: LoadBalancer, item: Mapping[str, Any]) -> ForwardConfig:
    config = item.get("ForwardConfig") or {}
    given = config.get("TargetGroups") or []
    arn = item.get("TargetGroupArn")
    if arn and given and [group.get("TargetGroupArn") for group in given] != [arn]:
        raise faults.invalid(
            "You can specify both a target group list and a top-level target group ARN only if the ARNs match"
        )
    if not given and arn:
        given = [{"TargetGroupArn": arn}]
    if not given:
        text = "For actions of type 'forward', you must specify the following fields: "
        raise faults.invalid(f"{text}'TargetGroupArn or ForwardConfig'")
    if len(given) > _GROUPS_MAX:
        raise faults.invalid(f"You cannot specify more than {_GROUPS_MAX} target groups per action")
    groups = tuple(
        WeightedTargetGroup(
            target_group_arn=str(group.get("TargetGroupArn", "")),
            weight=_weight(group.get("Weight"), is_single=len(given) == 1),
        )
        for group in given
    )
    rows = [_group(tx, group.target_group_arn) for group in groups]
    _check_groups(tx, balancer, rows)
    return ForwardConfig(
        target_groups=groups,
        stickiness_enabled=False,
        stickiness_duration_seconds=_stickiness(config.get("TargetGroupStickinessConfig") or {}),
    )


def _weight(weight: int | None, *, is_single: bool) -> int:
    if is_single:
        if weight is not None and not 1 <= weight <= _WEIGHT_MAX:
            text = f"The weight for the target group must be between 1 and {_WEIGHT_MAX}, inclusive"
            raise faults.invalid(text)
        return 1
    if weight is None or not 0 <= weight <= _WEIGHT_MAX:
        text = f"The weight for each target group must be between 0 and {_WEIGHT_MAX}, inclusive"
        raise faults.invalid(text)
    return weight


def _stickiness(config: Mapping[str, Any]) -> int | None:
    """The duration that is kept while stickiness between groups is off; on, it is refused."""
    seconds = config.get("DurationSeconds")
    if seconds is not None and not 1 <= seconds <= _STICKINESS_SECONDS_MAX:
        text = f"Target group stickiness duration must be between 1 and {_STICKINESS_SECONDS_MAX} seconds"
        raise faults.invalid(text)
    if config.get("Enabled"):
        if seconds is None:
            raise faults.invalid("You must provide a duration when enabling target group stickiness")
        raise faults.unsupported("Stickiness between target groups")
    return seconds


def _group(tx: Transaction, arn: str) -> TargetGroup:
    try:
        return finding.target_group(tx, arn)
    except Fault as fault:
        if fault.code != "TargetGroupNotFound":
            raise
        raise Fault("TargetGroupNotFound", f"Target group '{arn}' not found") from fault


def _check_groups(tx: Transaction, balancer: LoadBalancer, rows: Sequence[TargetGroup]) -> None:
    elsewhere = [row.arn for row in rows if row.vpc_id != balancer.vpc_id]
    if elsewhere:
        raise faults.misconfigured(
            f"The following target groups are in a different VPC than load balancer '{balancer.arn}': "
            f"{', '.join(elsewhere)}"
        )
    users = finding.users(tx)
    taken = [row.arn for row in rows if set(users.get(row.arn, ())) - {balancer.arn}]
    if taken:
        text = "The following target groups cannot be associated with more than one load balancer: "
        raise Fault("TargetGroupAssociationLimit", text + ", ".join(taken))


def view(action: Action) -> dict[str, Any]:
    """An action in AWS's full form, whatever form it was sent in."""
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
        described["FixedResponseConfig"] = {
            "StatusCode": action.fixed_response.status_code,
            "ContentType": action.fixed_response.content_type,
            "MessageBody": action.fixed_response.message_body,
        }
    return described
