"""The front ends: AWS's services as control serves them, each imported when it is asked for."""

from __future__ import annotations

from importlib import import_module

from tidegate.wire import FrontEnd

# By botocore's name, in the order in which they are likely to be asked for.
PACKAGES = {
    service: f"{__name__}.{package}"
    for service, package in (
        ("ecs", "ecs"),
        ("ec2", "ec2"),
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
    return tuple(import_module(package).FRONT_END for package in PACKAGES.values())
