"""A short story over every front end, told by whatever boto3 runs this file: it imports nothing else.

`play` wants a fresh region and a maker of clients. As a program it takes them from the environment that
`tidegate env` prints, and ends with a line of JSON: the versions, and in which protocols CloudWatch
was spoken.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import botocore
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.serialize import SERIALIZERS
from botocore.session import get_session

# A client of a service by its name.
Maker = Callable[[str], Any]

TYPES = {
    "application/x-www-form-urlencoded": "query",
    "application/x-amz-json-1.0": "JSON",
    "application/cbor": "CBOR",
}
NAMES = {"query": "query", "json": "JSON", "smithy-rpc-v2-cbor": "CBOR"}


def play(client: Maker, prefix: str) -> None:
    """Every front end but CloudWatch. `prefix`: of the names that are given."""
    _who(client)
    vpc, subnets, security_group = _network(client, prefix)
    role = _role(client, prefix)
    group, balancer = _load_balancer(client, prefix, vpc, subnets, security_group)
    cluster, service = _service(client, prefix, group, role)
    _scaling(client, cluster, service)
    _certificate(client, prefix)
    _logs(client, prefix)
    _clean(client, cluster, service, balancer, group)


def _who(client: Maker) -> None:
    identity = client("sts").get_caller_identity()
    assert len(identity["Account"]) == 12, identity
    path = "/aws/service/ecs/optimized-ami/amazon-linux-2/recommended/image_id"
    assert client("ssm").get_parameter(Name=path)["Parameter"]["Value"].startswith("ami-")


def _network(client: Maker, prefix: str) -> tuple[str, list[str], str]:
    ec2 = client("ec2")
    (vpc,) = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    group = ec2.create_security_group(GroupName=prefix, Description="of a story", VpcId=vpc["VpcId"])[
        "GroupId"
    ]
    ec2.authorize_security_group_ingress(
        GroupId=group, IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"
    )
    expect(
        "InvalidPermission.Duplicate",
        ec2.authorize_security_group_ingress,
        GroupId=group,
        IpProtocol="tcp",
        FromPort=80,
        ToPort=80,
        CidrIp="0.0.0.0/0",
    )
    return vpc["VpcId"], [subnet["SubnetId"] for subnet in subnets[:2]], group


def _role(client: Maker, prefix: str) -> str:
    iam = client("iam")
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    made = iam.create_role(RoleName=prefix, AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    # Documents come back percent-encoded, and every botocore decodes them.
    assert iam.get_role(RoleName=prefix)["Role"]["AssumeRolePolicyDocument"] == trust
    expect(
        "EntityAlreadyExists", iam.create_role, RoleName=prefix, AssumeRolePolicyDocument=json.dumps(trust)
    )
    return made["Arn"]


def _load_balancer(
    client: Maker, prefix: str, vpc: str, subnets: list[str], security_group: str
) -> tuple[str, str]:
    elbv2 = client("elbv2")
    (balancer,) = elbv2.create_load_balancer(Name=prefix, Subnets=subnets, SecurityGroups=[security_group])[
        "LoadBalancers"
    ]
    (group,) = elbv2.create_target_group(Name=prefix, Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"]
    arn = group["TargetGroupArn"]
    (listener,) = elbv2.create_listener(
        LoadBalancerArn=balancer["LoadBalancerArn"],
        Protocol="HTTP",
        Port=80,
        DefaultActions=[{"Type": "forward", "TargetGroupArn": arn}],
    )["Listeners"]
    elbv2.create_rule(
        ListenerArn=listener["ListenerArn"],
        Priority=1,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a", "/b&c*"]}}],
        Actions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200"}}],
    )
    rules = elbv2.describe_rules(ListenerArn=listener["ListenerArn"])["Rules"]
    assert rules[0]["Conditions"][0]["PathPatternConfig"]["Values"] == ["/a", "/b&c*"], rules
    pages = elbv2.get_paginator("describe_load_balancers").paginate(Names=[prefix])
    assert [one["LoadBalancerName"] for page in pages for one in page["LoadBalancers"]] == [prefix]
    expect("TargetGroupNotFound", elbv2.describe_target_groups, Names=["missing"])
    return arn, balancer["LoadBalancerArn"]


def _service(client: Maker, prefix: str, group: str, role: str) -> tuple[str, str]:
    ecs = client("ecs")
    arn = ecs.create_cluster(clusterName=prefix)["cluster"]["clusterArn"]
    ecs.register_task_definition(
        family=prefix,
        taskRoleArn=role,
        containerDefinitions=[
            {
                "name": "web",
                "image": "none:1",
                "cpu": 64,
                "memory": 64,
                "portMappings": [{"containerPort": 80}],
            }
        ],
    )
    made = ecs.create_service(
        cluster=prefix,
        serviceName=prefix,
        taskDefinition=prefix,
        desiredCount=0,
        loadBalancers=[{"targetGroupArn": group, "containerName": "web", "containerPort": 80}],
    )["service"]
    assert isinstance(made["createdAt"], datetime)
    ecs.get_waiter("services_stable").wait(cluster=prefix, services=[prefix])
    ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "b"}])
    assert ecs.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "a", "value": "b"}]
    expect("ClusterNotFoundException", ecs.list_services, cluster="missing")
    expect("ServiceNotFoundException", ecs.update_service, cluster=prefix, service="missing", desiredCount=1)
    return prefix, prefix


def _scaling(client: Maker, cluster: str, service: str) -> None:
    scaling = client("application-autoscaling")
    scaled = {
        "ServiceNamespace": "ecs",
        "ResourceId": f"service/{cluster}/{service}",
        "ScalableDimension": "ecs:service:DesiredCount",
    }
    scaling.register_scalable_target(MinCapacity=0, MaxCapacity=2, **scaled)
    policy = scaling.put_scaling_policy(
        PolicyName="cpu",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 60.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "ECSServiceAverageCPUUtilization"},
        },
        **scaled,
    )
    assert len(policy["Alarms"]) == 2, policy
    expect("ObjectNotFoundException", scaling.delete_scaling_policy, PolicyName="missing", **scaled)
    scaling.deregister_scalable_target(**scaled)


def _certificate(client: Maker, prefix: str) -> None:
    acm = client("acm")
    arn = acm.request_certificate(DomainName=f"{prefix}.example.com", KeyAlgorithm="EC_prime256v1")[
        "CertificateArn"
    ]
    described = acm.describe_certificate(CertificateArn=arn)["Certificate"]
    assert isinstance(described["CreatedAt"], datetime)
    acm.delete_certificate(CertificateArn=arn)
    expect("ResourceNotFoundException", acm.describe_certificate, CertificateArn=arn)


def _logs(client: Maker, prefix: str) -> None:
    logs = client("logs")
    group, stream = f"/{prefix}", "web/app/1"
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    now = int(datetime.now(UTC).timestamp() * 1000)
    events = [{"timestamp": now, "message": text} for text in ("started", 'ERROR "a & b"')]
    logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    found = logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)["events"]
    assert [event["message"] for event in found] == ["started", 'ERROR "a & b"'], found
    pages = logs.get_paginator("filter_log_events").paginate(logGroupName=group, filterPattern="ERROR")
    assert [event["timestamp"] for page in pages for event in page["events"]] == [now]
    expect("ResourceNotFoundException", logs.describe_log_streams, logGroupName="/missing")
    logs.delete_log_group(logGroupName=group)


def _clean(client: Maker, cluster: str, service: str, balancer: str, group: str) -> None:
    client("ecs").delete_service(cluster=cluster, service=service, force=True)
    client("elbv2").delete_load_balancer(LoadBalancerArn=balancer)
    client("elbv2").delete_target_group(TargetGroupArn=group)


def play_cloudwatch(cloudwatch: Any, prefix: str) -> None:
    """Numbers, times, labels, percentiles, pages, alarms, errors: in the protocol that the client speaks."""
    now = datetime.now(UTC).replace(microsecond=0)
    begin = now - timedelta(minutes=10)
    # Long enough for botocore to compress it.
    data = [
        {
            "MetricName": "Orders",
            "Value": float(n),
            "Unit": "Count",
            "Timestamp": now - timedelta(minutes=2),
            "Dimensions": [{"Name": "Shop", "Value": "a & b"}],
        }
        for n in range(1, 101)
    ]
    cloudwatch.put_metric_data(Namespace=prefix, MetricData=data)
    named = {"Namespace": prefix, "MetricName": "Orders", "Dimensions": [{"Name": "Shop", "Value": "a & b"}]}
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=prefix)
    (listed,) = [one for page in pages for one in page["Metrics"]]
    assert listed["Dimensions"] == named["Dimensions"], listed
    found = cloudwatch.get_metric_statistics(
        StartTime=begin, EndTime=now, Period=60, Statistics=["Sum"], ExtendedStatistics=["p50"], **named
    )["Datapoints"]
    assert sum(point["Sum"] for point in found) == 5050, found
    assert abs(found[0]["ExtendedStatistics"]["p50"] - 50) < 2, found
    assert found[0]["Timestamp"].tzinfo is not None
    queries = [
        {"Id": "m", "MetricStat": {"Metric": named, "Period": 60, "Stat": "Maximum"}, "ReturnData": False},
        {"Id": "e", "Expression": "m * 2", "Label": "twice"},
    ]
    (result,) = cloudwatch.get_metric_data(MetricDataQueries=queries, StartTime=begin, EndTime=now)[
        "MetricDataResults"
    ]
    assert (result["Label"], result["Values"]) == ("twice", [200.0]), result
    alarm = f"{prefix}-alarm"
    cloudwatch.put_metric_alarm(
        AlarmName=alarm,
        Statistic="Sum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1.5,
        ComparisonOperator="GreaterThanThreshold",
        **named,
    )
    cloudwatch.set_alarm_state(AlarmName=alarm, StateValue="ALARM", StateReason="a story")
    (described,) = cloudwatch.describe_alarms(AlarmNames=[alarm])["MetricAlarms"]
    assert (described["StateValue"], described["Threshold"]) == ("ALARM", 1.5), described
    history = cloudwatch.describe_alarm_history(AlarmName=alarm)["AlarmHistoryItems"]
    assert {item["HistoryItemType"] for item in history} >= {"StateUpdate", "ConfigurationUpdate"}, history
    expect(
        "ResourceNotFound", cloudwatch.set_alarm_state, AlarmName="missing", StateValue="OK", StateReason=""
    )
    cloudwatch.delete_alarms(AlarmNames=[alarm])


def expect(code: str, operation: Callable[..., Any], **asked: Any) -> None:
    """The error has AWS's code, however the client names it."""
    error = _error_of(operation, asked)
    found = error["Error"]["Code"] if error else "nothing"
    assert found in (code, code + "Exception"), f"{found} is not {code}"
    assert error["ResponseMetadata"]["RequestId"], error


def _error_of(operation: Callable[..., Any], asked: dict[str, Any]) -> dict[str, Any]:
    """The response of a call that fails; empty when it does not."""
    try:
        operation(**asked)
    except ClientError as error:
        return dict(error.response)
    return {}


class OneProtocol(Loader):  # type: ignore[misc] # botocore says nothing of its types
    """Models whose services speak this protocol alone."""

    def __init__(self, protocol: str) -> None:
        super().__init__()
        self._protocol = protocol

    def load_service_model(self, service: str, type_name: str, api_version: str | None = None) -> Any:
        model = super().load_service_model(service, type_name, api_version)
        if type_name == "service-2":
            metadata = dict(model["metadata"], protocol=self._protocol, protocols=[self._protocol])
            return dict(model, metadata=metadata)
        return model


def cloudwatch_protocols() -> list[str]:
    """The protocols of CloudWatch that this botocore's model lists and the library can speak."""
    metadata = get_session().get_service_model("cloudwatch").metadata
    return [one for one in metadata.get("protocols") or [metadata["protocol"]] if one in SERIALIZERS]


def in_protocol(protocol: str) -> boto3.Session:
    """A boto3 session whose services speak one protocol."""
    session = get_session()
    session.register_component("data_loader", OneProtocol(protocol))
    return boto3.Session(botocore_session=session)


def main() -> None:
    version = boto3.__version__
    prefix = f"story-{version.replace('.', '-')}"
    config = Config(retries={"max_attempts": 0})
    spoken: list[str] = []

    def client(service: str) -> Any:
        return boto3.client(service, config=config)

    play(client, prefix)
    cloudwatch = client("cloudwatch")
    cloudwatch.meta.events.register(
        "before-send.cloudwatch",
        lambda request, **_: spoken.append(request.headers["Content-Type"].decode().partition(";")[0]),
    )
    play_cloudwatch(cloudwatch, f"{prefix}-own")
    for protocol in cloudwatch_protocols():
        play_cloudwatch(in_protocol(protocol).client("cloudwatch", config=config), f"{prefix}-{protocol}")
    print(
        json.dumps(
            {
                "boto3": version,
                "botocore": botocore.__version__,
                "by itself": TYPES[spoken[0]],
                "also": [NAMES.get(one, one) for one in cloudwatch_protocols()],
            }
        )
    )


if __name__ == "__main__":
    main()
