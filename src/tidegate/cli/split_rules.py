"""Rules that split their requests, as people name them: by ARN, or by the load balancer's name and port."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError


class UnknownRuleError(Exception):
    """No such rule or target group; the message says what was looked for."""


def rule_arn(elbv2: Any, named: str) -> str:
    """The ARN of a rule or listener, which stays as it is, or of a load balancer's listener by NAME or
    NAME:PORT. Raises UnknownRuleError."""
    if named.startswith("arn:"):
        return named
    name, _, port = named.partition(":")
    try:
        balancer = elbv2.describe_load_balancers(Names=[name])["LoadBalancers"][0]["LoadBalancerArn"]
    except ClientError as error:
        raise UnknownRuleError(f"there is no load balancer {name}: name one, or a rule's ARN") from error
    listeners = elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
    found = [one for one in listeners if port in ("", str(one["Port"]))]
    if len(found) != 1:
        ports = ", ".join(f"{name}:{one['Port']}" for one in listeners) or "none"
        raise UnknownRuleError(f"{named} is not one listener; there are: {ports}")
    return str(found[0]["ListenerArn"])


def group_arn(elbv2: Any, named: str) -> str:
    """A target group's ARN by its name, or as it is. Raises UnknownRuleError."""
    if named.startswith("arn:"):
        return named
    try:
        found = elbv2.describe_target_groups(Names=[named])["TargetGroups"][0]["TargetGroupArn"]
    except ClientError as error:
        raise UnknownRuleError(f"there is no target group {named}") from error
    return str(found)
