"""The front ends: AWS's services as control serves them."""

from __future__ import annotations

from tidegate.control.api import (
    acm,
    application_autoscaling,
    cloudwatch,
    ec2,
    ecs,
    elbv2,
    iam,
    logs,
    ssm,
    sts,
)
from tidegate.wire import FrontEnd


def front_ends() -> tuple[FrontEnd, ...]:
    """Every front end of the region."""
    return (
        ecs.FRONT_END,
        elbv2.FRONT_END,
        ec2.FRONT_END,
        sts.FRONT_END,
        iam.FRONT_END,
        ssm.FRONT_END,
        acm.FRONT_END,
        application_autoscaling.FRONT_END,
        cloudwatch.FRONT_END,
        logs.FRONT_END,
    )
