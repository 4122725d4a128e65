"""The front ends: AWS's services as control serves them, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from tidegate.wire import FrontEnd

# Modules by botocore's name, in the order in which they are likely to be asked for.
PACKAGES = {
    service: f"{__name__}.{module}"
    for service, module in (
        ("ecs", "ecs"),
        ("ec2", "ec2.front_end"),
        ("elbv2", "elbv2"),
        ("sts", "sts"),
        ("iam", "iam"),
        ("ssm", "ssm"),
        ("application-autoscaling", "application_autoscaling"),
        ("cloudwatch", "cloudwatch"),
        ("logs", "logs"),
        ("acm", "acm"),
        # Beyond AWS.
        ("tidegate", "tidegate"),
    )
}


def front_ends() -> tuple[FrontEnd, ...]:
    """Every front end of the region."""
    return tuple(import_module(module).FRONT_END for module in PACKAGES.values())
