"""boto3 against the application on a real server: what unmodified clients make of our answers."""

from __future__ import annotations

import threading
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
import uvicorn
from botocore.config import Config
from botocore.exceptions import ClientError

from tidegate.domain.ids import RandomIds
from tidegate.domain.time import SystemClock
from tidegate.wire import AwsApplication, Call, Fault, FrontEnd, Operation, among

CREATED = datetime(2026, 1, 1, 12, 0, 0, 250_000, tzinfo=UTC)

Client = Callable[[str], Any]


async def describe_clusters(_context: object, call: Call) -> Mapping[str, Any]:
    clusters = [{"clusterName": name, "tags": [], "status": "ACTIVE"} for name in call.parameters["clusters"]]
    return {"clusters": clusters, "failures": [{"arn": "missing", "reason": "MISSING"}]}


async def describe_services(_context: object, call: Call) -> Mapping[str, Any]:
    return {"services": [{"serviceName": s, "createdAt": CREATED} for s in call.parameters["services"]]}


async def delete_cluster(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")


async def describe_target_groups(_context: object, call: Call) -> Mapping[str, Any]:
    if call.parameters.get("Names") == ["missing"]:
        raise Fault("TargetGroupNotFoundException", "One or more target groups not found")
    group = {"TargetGroupName": "web", "Port": 5000, "HealthCheckEnabled": True, "LoadBalancerArns": []}
    return {"TargetGroups": [group]}


async def describe_key_pairs(_context: object, call: Call) -> Mapping[str, Any]:
    [only] = call.parameters["Filters"]
    assert only == {"Name": "key-name", "Values": ["a & b"]}
    return {"KeyPairs": [{"KeyName": "a & b", "CreateTime": CREATED}]}


async def get_caller_identity(_context: object, call: Call) -> Mapping[str, Any]:
    return {
        "Account": call.account,
        "Arn": f"arn:aws:iam::{call.account}:user/x",
        "UserId": call.access_key_id,
    }


async def get_parameter(_context: object, call: Call) -> Mapping[str, Any]:
    return {"Parameter": {"Name": call.parameters["Name"], "Value": "ami-1", "LastModifiedDate": CREATED}}


async def put_metric_data(context: list[int], call: Call) -> Mapping[str, Any]:
    context.append(len(call.parameters["MetricData"]))
    return {}


FRONT_ENDS = (
    FrontEnd(
        "ecs",
        {
            "DescribeClusters": Operation(describe_clusters),
            "DescribeServices": Operation(describe_services),
            "DeleteCluster": Operation(delete_cluster),
        },
    ),
    FrontEnd("elbv2", {"DescribeTargetGroups": Operation(describe_target_groups)}),
    FrontEnd("ec2", {"DescribeKeyPairs": Operation(describe_key_pairs)}),
    FrontEnd("sts", {"GetCallerIdentity": Operation(get_caller_identity)}),
    FrontEnd("ssm", {"GetParameter": Operation(get_parameter)}),
    FrontEnd("cloudwatch", {"PutMetricData": Operation(put_metric_data)}),
    FrontEnd("iam", {}),
)
CONTEXT: list[int] = []


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    app = AwsApplication(
        among(FRONT_ENDS),
        credentials={"AKID": "SECRET"},
        context=CONTEXT,
        account="000000000000",
        clock=SystemClock(),
        ids=RandomIds(),
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error", lifespan="off"))
    socket = server.config.bind_socket()
    port = socket.getsockname()[1]
    # The socket listens from here on: the first client waits in its backlog, nobody has to poll.
    socket.listen()
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(endpoint: str) -> Client:
    def make(service: str) -> Any:
        session = boto3.Session("AKID", "SECRET", region_name="eu-west-1")
        return session.client(
            service, endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1})
        )

    return make


def test_json_answers_are_read(client: Client) -> None:
    answer = client("ecs").describe_clusters(clusters=["a", "b"])
    assert [cluster["clusterName"] for cluster in answer["clusters"]] == ["a", "b"]
    assert answer["failures"] == [{"arn": "missing", "reason": "MISSING"}]
    assert len(answer["ResponseMetadata"]["RequestId"]) == 36
    [service] = client("ecs").describe_services(services=["s"])["services"]
    assert service["createdAt"] == CREATED


def test_query_answers_are_read(client: Client) -> None:
    [group] = client("elbv2").describe_target_groups()["TargetGroups"]
    assert group == {
        "TargetGroupName": "web",
        "Port": 5000,
        "HealthCheckEnabled": True,
        "LoadBalancerArns": [],
    }
    assert client("sts").get_caller_identity()["UserId"] == "AKID"


def test_ec2_answers_are_read(client: Client) -> None:
    filters = [{"Name": "key-name", "Values": ["a & b"]}]
    [pair] = client("ec2").describe_key_pairs(Filters=filters)["KeyPairs"]
    assert pair == {"KeyName": "a & b", "CreateTime": CREATED}


def test_ssm_answers_are_read(client: Client) -> None:
    parameter = client("ssm").get_parameter(Name="/aws/service/ecs", WithDecryption=True)["Parameter"]
    assert (parameter["Value"], parameter["LastModifiedDate"]) == ("ami-1", CREATED)


def test_a_body_that_the_client_compresses_is_read(client: Client) -> None:
    data = [{"MetricName": "m" * 200, "Value": float(n)} for n in range(200)]
    client("cloudwatch").put_metric_data(Namespace="n", MetricData=data)
    assert CONTEXT == [200]


def test_modelled_errors_are_the_clients_exceptions(client: Client) -> None:
    ecs, elbv2 = client("ecs"), client("elbv2")
    with pytest.raises(ecs.exceptions.ClusterContainsTasksException, match="while Tasks are active"):
        ecs.delete_cluster(cluster="c")
    with pytest.raises(elbv2.exceptions.TargetGroupNotFoundException):
        elbv2.describe_target_groups(Names=["missing"])


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ecs", "list_clusters", "UnknownOperationException"),
        ("elbv2", "describe_rules", "InvalidAction"),
        ("ec2", "describe_vpcs", "InvalidAction"),
        ("iam", "list_roles", "InvalidAction"),
        ("cloudwatch", "list_metrics", "UnknownOperationException"),
        # Services without a front end, in protocols that we do not speak.
        ("logs", "describe_log_groups", "UnknownOperationException"),
        ("autoscaling", "describe_tags", "InvalidAction"),
        ("s3", "list_buckets", "InvalidAction"),
        ("lambda", "list_functions", "UnknownOperationException"),
    ],
)
def test_what_nobody_serves_is_a_client_error_with_a_request_id(
    client: Client, service: str, operation: str, code: str
) -> None:
    with pytest.raises(ClientError) as raised:
        getattr(client(service), operation)()
    response = raised.value.response
    assert response["Error"]["Code"] == code
    assert "Tidegate does not serve" in response["Error"]["Message"]
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 400
    assert len(response["ResponseMetadata"]["RequestId"]) == 36


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("ecs", "list_clusters", "InvalidSignatureException"),
        ("elbv2", "describe_rules", "SignatureDoesNotMatch"),
        ("ec2", "describe_vpcs", "SignatureDoesNotMatch"),
    ],
)
def test_a_wrong_secret_is_told(endpoint: str, service: str, operation: str, code: str) -> None:
    session = boto3.Session("AKID", "WRONG", region_name="eu-west-1")
    with pytest.raises(ClientError) as raised:
        getattr(session.client(service, endpoint_url=endpoint), operation)()
    assert raised.value.response["Error"]["Code"] == code


def test_a_presigned_url_is_answered(client: Client) -> None:
    url = client("sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    with urllib.request.urlopen(url) as answer:
        assert b"<UserId>AKID</UserId>" in answer.read()
