"""The AWS services whose protocols are spoken, and how a request names one of them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class AwsService:
    """`name` is botocore's; the others are what requests carry: the service of the credential scope,
    the prefix of X-Amz-Target (JSON) and the Version of a form."""

    name: str
    signing_name: str
    target_prefix: str = ""
    version: str = ""


# Written down rather than read from the models, so that routing a request loads none of them;
# tests/wire/test_services.py holds each row against its model.
SERVICES = (
    AwsService("acm", "acm", target_prefix="CertificateManager"),
    AwsService("application-autoscaling", "application-autoscaling", target_prefix="AnyScaleFrontendService"),
    AwsService(
        "cloudwatch", "monitoring", target_prefix="GraniteServiceVersion20100801", version="2010-08-01"
    ),
    AwsService("ec2", "ec2", version="2016-11-15"),
    AwsService("ecs", "ecs", target_prefix="AmazonEC2ContainerServiceV20141113"),
    AwsService("elbv2", "elasticloadbalancing", version="2015-12-01"),
    AwsService("iam", "iam", version="2010-05-08"),
    AwsService("logs", "logs", target_prefix="Logs_20140328"),
    AwsService("ssm", "ssm", target_prefix="AmazonSSM"),
    AwsService("sts", "sts", version="2011-06-15"),
    # What Tidegate has beyond AWS.
    AwsService("tidegate", "tidegate", target_prefix="Tidegate"),
)

SIGNING_NAMES = {service.name: service.signing_name for service in SERVICES}
BY_TARGET_PREFIX = {service.target_prefix: service.name for service in SERVICES if service.target_prefix}
# A classic load balancer's client signs as elbv2's does: only with the version is a form's service known.
BY_FORM = {(service.signing_name, service.version): service.name for service in SERVICES if service.version}
BY_VERSION = {service.version: service.name for service in SERVICES if service.version}
