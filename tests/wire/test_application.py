"""The application: routes by what the request says, and answers every error in its protocol."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from tidegate.testing.clock import EPOCH
from tidegate.wire import Call, Fault, FrontEnd, Operation
from tidegate.wire.protocols import BODY_BYTES_MAX

from .asking import (
    HOST,
    Heard,
    application,
    ask,
    ec2_request,
    ecs_request,
    elbv2_request,
    form_request,
    json_request,
    signed,
)


async def describe(context: list[Call], call: Call) -> Mapping[str, Any]:
    context.append(call)
    return {}


async def break_down(_context: object, _call: Call) -> Mapping[str, Any]:
    raise RuntimeError("a bug")


async def not_found(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("LoadBalancerNotFoundException", "One or more load balancers <x> not found")


async def cluster_not_found(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("ClusterNotFoundException", "Cluster not found.", resourceIds=["c"])


async def throttle(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("ThrottlingException", "Rate exceeded")


async def unavailable(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("ServiceUnavailable", "Not now.", 503)


async def no_dashboard(_context: object, _call: Call) -> Mapping[str, Any]:
    raise Fault("DashboardNotFoundError", "No such dashboard.")


@pytest.fixture
def calls() -> list[Call]:
    return []


@pytest.fixture
def app(calls: list[Call]) -> Any:
    ecs = {
        "DescribeClusters": Operation(describe),
        "DescribeServices": Operation(describe),
        "ListClusters": Operation(break_down),
        "DeleteCluster": Operation(cluster_not_found),
        "RunTask": Operation(throttle),
        "StopTask": Operation(unavailable),
    }
    elbv2 = {
        "CreateTargetGroup": Operation(describe),
        "DescribeLoadBalancers": Operation(not_found),
        "DescribeTags": Operation(break_down),
    }
    ec2 = {
        "DescribeVpcs": Operation(describe),
        "DescribeSubnets": Operation(break_down),
        "CreateVpnGateway": Operation(describe),
    }
    cloudwatch = {"GetDashboard": Operation(no_dashboard), "ListMetrics": Operation(describe)}
    why = {"CreateTaskSet": "the EXTERNAL deployment controller is not supported."}
    return application(
        [
            FrontEnd("ecs", ecs, refusals=why),
            FrontEnd("elbv2", elbv2),
            FrontEnd("ec2", ec2),
            FrontEnd("cloudwatch", cloudwatch),
        ],
        calls,
    )


# What reaches a handler


async def test_a_call_says_what_was_asked_by_whom_and_where(app: Any, calls: list[Call]) -> None:
    heard = await ask(app, **ecs_request("DescribeClusters", {"clusters": ["a"]}))
    assert (heard.status, heard.document) == (200, {})
    assert heard.headers["content-type"] == "application/x-amz-json-1.1"
    [call] = calls
    assert call == Call(
        service="ecs",
        operation="DescribeClusters",
        parameters={"clusters": ["a"]},
        region="us-east-1",
        account="000000000000",
        access_key_id="AKIDEXAMPLE",
        host=HOST,
    )


async def test_each_request_has_an_id_of_its_own(app: Any) -> None:
    first, second = [await ask(app, **ecs_request("DescribeClusters", {})) for _ in range(2)]
    assert first.headers["x-amzn-requestid"] != second.headers["x-amzn-requestid"]


async def test_a_gzip_body_is_read_and_its_compressed_bytes_are_what_is_signed(
    app: Any, calls: list[Call]
) -> None:
    body = gzip.compress(b'{"clusters": ["a"]}')
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Encoding": "gzip",
        "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.DescribeClusters",
    }
    heard = await ask(app, headers=signed("ecs", headers, body), body=body)
    assert heard.status == 200
    assert calls[0].parameters == {"clusters": ["a"]}


async def test_a_body_may_arrive_in_pieces(app: Any, calls: list[Call]) -> None:
    request = ecs_request("DescribeClusters", {"clusters": ["a"]})
    body = request.pop("body")
    await ask(app, **request, parts=[body[:5], body[5:], b""])
    assert calls[0].parameters == {"clusters": ["a"]}


async def test_one_service_is_spoken_to_in_the_protocol_of_each_client(app: Any, calls: list[Call]) -> None:
    form = "Action=ListMetrics&Version=2010-08-01&Namespace=n"
    query = await ask(app, **form_request("monitoring", form))
    target = "GraniteServiceVersion20100801.ListMetrics"
    json = await ask(app, **json_request(target, {"Namespace": "n"}, service="monitoring"))
    assert [query.headers["content-type"], json.headers["content-type"]] == [
        "text/xml",
        "application/x-amz-json-1.1",
    ]
    assert [call.parameters for call in calls] == [{"Namespace": "n"}] * 2


async def test_an_operation_outside_ec2s_cut_can_be_served(app: Any, calls: list[Call]) -> None:
    await ask(app, **ec2_request("CreateVpnGateway", "Type=ipsec.1&AmazonSideAsn=65000"))
    assert calls[0].parameters == {"Type": "ipsec.1", "AmazonSideAsn": 65000}


# Operations that nobody serves


def json_error(heard: Heard) -> tuple[int, str, str]:
    assert heard.headers["x-amzn-errortype"] == heard.document["__type"]
    return heard.status, heard.document["__type"], heard.document["message"]


async def test_an_operation_that_aws_has_is_refused_by_name(app: Any) -> None:
    assert json_error(await ask(app, **ecs_request("ListServices", {}))) == (
        400,
        "UnknownOperationException",
        "ListServices: Tidegate does not serve this operation.",
    )
    heard = await ask(app, **elbv2_request("DescribeRules"))
    assert heard.status == 400
    assert "<Code>InvalidAction</Code><Message>DescribeRules: Tidegate does not serve" in heard.text


async def test_a_front_end_may_say_why_it_refuses(app: Any) -> None:
    _, _, text = json_error(await ask(app, **ecs_request("CreateTaskSet", {})))
    assert text == "CreateTaskSet: the EXTERNAL deployment controller is not supported."


async def test_an_operation_that_nobody_has_is_unknown(app: Any) -> None:
    assert json_error(await ask(app, **ecs_request("MakeCoffee", {})))[:2] == (
        400,
        "UnknownOperationException",
    )
    for request in (elbv2_request("MakeCoffee"), ec2_request("MakeCoffee"), ec2_request("")):
        heard = await ask(app, **request)
        assert heard.status == 400
        assert "<Code>InvalidAction</Code>" in heard.text


async def test_a_service_without_front_end_is_refused_by_name_in_its_protocol(app: Any) -> None:
    request = json_request("AmazonSSM.GetParameter", {"Name": "n"}, service="ssm")
    assert json_error(await ask(app, **request)) == (
        400,
        "UnknownOperationException",
        "GetParameter: Tidegate does not serve the service ssm.",
    )
    heard = await ask(app, **form_request("autoscaling", "Action=DescribeTags&Version=2011-01-01"))
    assert heard.status == 400
    assert "DescribeTags: Tidegate does not serve the service autoscaling." in heard.text


async def test_classic_load_balancers_are_told_from_the_new_ones_by_their_version(app: Any) -> None:
    form = "Action=DescribeLoadBalancers&Version=2012-06-01"
    heard = await ask(app, **form_request("elasticloadbalancing", form))
    assert heard.status == 400
    assert "<Code>InvalidAction</Code>" in heard.text


async def test_another_path_is_no_place_for_requests(app: Any) -> None:
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    heard = await ask(app, path="/v1/apis", headers=signed("apigateway", headers, b""))
    assert heard.status == 400


# Errors in each protocol


async def test_a_modelled_error_in_json_carries_its_shape_and_members(app: Any) -> None:
    heard = await ask(app, **ecs_request("DeleteCluster", {"cluster": "c"}))
    assert json_error(heard) == (400, "ClusterNotFoundException", "Cluster not found.")
    assert heard.document["resourceIds"] == ["c"]
    assert heard.headers["content-type"] == "application/x-amz-json-1.1"
    assert "x-amzn-query-error" not in heard.headers


async def test_a_modelled_error_in_query_carries_its_query_code(app: Any) -> None:
    heard = await ask(app, **elbv2_request("DescribeLoadBalancers"))
    assert heard.status == 400
    assert heard.headers["content-type"] == "text/xml"
    assert heard.text == (
        '<ErrorResponse xmlns="http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/"><Error>'
        "<Type>Sender</Type><Code>LoadBalancerNotFound</Code>"
        "<Message>One or more load balancers &lt;x&gt; not found</Message></Error>"
        f"<RequestId>{heard.headers['x-amzn-requestid']}</RequestId></ErrorResponse>"
    )


async def test_an_error_in_ec2_has_ec2s_envelope(app: Any) -> None:
    heard = await ask(app, **ec2_request("DescribeImages"))
    assert heard.headers["content-type"] == "text/xml;charset=UTF-8"
    assert heard.text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n<Response><Errors><Error><Code>')
    assert heard.text.endswith(f"<RequestID>{heard.headers['x-amzn-requestid']}</RequestID></Response>")


async def test_a_client_that_used_to_speak_query_is_told_the_query_code_too(app: Any) -> None:
    body = b'{"DashboardName": "d"}'
    headers = {
        "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Target": "GraniteServiceVersion20100801.GetDashboard",
        "X-Amzn-Query-Mode": "true",
    }
    heard = await ask(app, headers=signed("monitoring", headers, body), body=body)
    assert json_error(heard)[:2] == (404, "DashboardNotFoundError")
    assert heard.headers["x-amzn-query-error"] == "ResourceNotFound;Sender"
    assert heard.headers["content-type"] == "application/x-amz-json-1.0"


async def test_a_bug_is_a_500_that_names_the_request_whose_traceback_is_logged(
    app: Any, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    for request, code in (
        (ecs_request("ListClusters", {}), "ServerException"),
        (elbv2_request("DescribeTags", "ResourceArns.member.1=a"), "InternalFailure"),
        (ec2_request("DescribeSubnets"), "InternalFailure"),
    ):
        heard = await ask(app, **request)
        assert heard.status == 500
        assert code in heard.text
        assert "a bug" not in heard.text
        logged = capsys.readouterr().out + caplog.text
        assert heard.headers["x-amzn-requestid"] in logged
        assert "RuntimeError" in logged


async def test_a_violated_constraint_is_told_in_the_requests_protocol(app: Any, calls: list[Call]) -> None:
    heard = await ask(app, **elbv2_request("CreateTargetGroup", "Name=n&Port=0"))
    assert "<Code>ValidationError</Code><Message>1 validation error detected: " in heard.text
    assert json_error(await ask(app, **ecs_request("DescribeServices", {})))[1] == "InvalidParameterException"
    assert calls == []


async def test_a_malformed_request_is_told_in_its_protocol(app: Any) -> None:
    assert json_error(await ask(app, **ecs_request("DescribeClusters", [])))[1] == "SerializationException"
    heard = await ask(app, **elbv2_request("CreateTargetGroup", "Name=n&Port=abc"))
    assert "<Code>MalformedInput</Code>" in heard.text
    heard = await ask(app, **ec2_request("DescribeVpcs", "MaxResults=abc"))
    assert "<Code>InvalidParameterValue</Code>" in heard.text
    heard = await ask(
        app, **form_request("ec2", "Action=\udcff".encode("utf-8", "surrogateescape").decode("latin-1"))
    )
    assert heard.status == 400


@pytest.mark.parametrize("operation", ["RunTask", "StopTask"])
async def test_who_must_come_back_later_is_told_when(app: Any, operation: str) -> None:
    parameters = {"RunTask": {"taskDefinition": "t"}, "StopTask": {"task": "t"}}[operation]
    heard = await ask(app, **ecs_request(operation, parameters))
    assert heard.status == {"RunTask": 400, "StopTask": 503}[operation]
    assert (heard.headers["retry-after"], heard.headers["x-amz-retry-after"]) == ("1", "1000")


# Signatures


@pytest.mark.parametrize(
    ("how", "json_code", "query_code", "ec2_code"),
    [
        (
            {"access_key_id": "OTHER"},
            (400, "UnrecognizedClientException"),
            (403, "InvalidClientTokenId"),
            (401, "AuthFailure"),
        ),
        (
            {"secret_key": "other"},
            (400, "InvalidSignatureException"),
            (403, "SignatureDoesNotMatch"),
            (403, "SignatureDoesNotMatch"),
        ),
        (
            {"now": EPOCH - timedelta(minutes=6)},
            (400, "InvalidSignatureException"),
            (403, "SignatureDoesNotMatch"),
            (400, "RequestExpired"),
        ),
    ],
    ids=["unknown key", "wrong secret", "wrong clock"],
)
async def test_each_protocol_has_its_own_names_for_a_signatures_faults(
    app: Any,
    calls: list[Call],
    how: dict[str, Any],
    json_code: tuple[int, str],
    query_code: tuple[int, str],
    ec2_code: tuple[int, str],
) -> None:
    assert json_error(await ask(app, **ecs_request("DescribeClusters", {}, **how)))[:2] == json_code
    for request, (status, code) in (
        (elbv2_request("DescribeTags", **how), query_code),
        (ec2_request("DescribeVpcs", **how), ec2_code),
    ):
        heard = await ask(app, **request)
        assert heard.status == status
        assert f"<Code>{code}</Code>" in heard.text
    assert calls == []


async def test_an_unsigned_request_lacks_a_token_in_its_own_protocol(app: Any) -> None:
    target = "AmazonEC2ContainerServiceV20141113.ListClusters"
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": target}
    assert json_error(await ask(app, headers=headers))[:2] == (400, "MissingAuthenticationTokenException")
    for version in ("2015-12-01", "2016-11-15"):
        heard = await ask(app, body=f"Action=DescribeVpcs&Version={version}".encode())
        assert heard.status == 403
        assert "<Code>MissingAuthenticationToken</Code>" in heard.text
    assert (await ask(app, method="GET")).status == 403


async def test_a_signature_for_one_service_opens_no_other(app: Any, calls: list[Call]) -> None:
    request = ecs_request("DescribeClusters", {}, service="tidegate")
    _, code, text = json_error(await ask(app, **request))
    assert code == "InvalidSignatureException"
    assert "'ecs'" in text
    assert calls == []


# Bodies that are too much


async def test_a_body_beyond_the_limit_is_refused_while_it_arrives(app: Any) -> None:
    heard = await ask(app, parts=[b"x" * BODY_BYTES_MAX, b"x", b"never read"])
    assert heard.status == 413


async def test_a_small_body_that_unpacks_beyond_the_limit_is_refused(app: Any) -> None:
    body = gzip.compress(b" " * (BODY_BYTES_MAX * 20))
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Encoding": "gzip",
        "X-Amz-Target": "x.y",
    }
    assert (await ask(app, headers=signed("ecs", headers, body), body=body)).status == 413


@pytest.mark.parametrize("body", [b"not gzip", gzip.compress(b"{}" * 100)[:-9]], ids=["other", "cut off"])
async def test_a_body_that_is_not_what_its_encoding_says_is_refused(app: Any, body: bytes) -> None:
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Encoding": "gzip",
        "X-Amz-Target": "x.y",
    }
    heard = await ask(app, headers=signed("ecs", headers, body), body=body)
    assert json_error(heard)[:2] == (400, "SerializationException")


@pytest.mark.parametrize("service", ["elasticloadbalancing", "ec2"])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", ""])
async def test_a_form_that_cannot_be_read_is_refused_in_xml(app: Any, service: str, encoding: str) -> None:
    body = b"Action=\xff"
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": encoding}
    heard = await ask(app, headers=signed(service, headers, body), body=body)
    assert heard.status in (400, 415)
    assert heard.headers["content-type"].startswith("text/xml")
    assert "<Code>SerializationException</Code>" in heard.text
    assert ("<ErrorResponse" in heard.text) == (service != "ec2")


async def test_a_form_that_is_too_long_is_refused_in_xml(app: Any) -> None:
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    heard = await ask(app, headers=headers, parts=[b"x" * BODY_BYTES_MAX, b"x"])
    assert heard.status == 413
    assert "<Code>RequestEntityTooLarge</Code>" in heard.text


async def test_the_name_of_an_encoding_is_read_in_any_case(app: Any, calls: list[Call]) -> None:
    body = gzip.compress(b'{"clusters": ["a"]}')
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Content-Encoding": "GZIP",
        "X-Amz-Target": "AmazonEC2ContainerServiceV20141113.DescribeClusters",
    }
    assert (await ask(app, headers=signed("ecs", headers, body), body=body)).status == 200
    assert calls[0].parameters == {"clusters": ["a"]}


# Around the requests


async def test_health_needs_no_signature(app: Any) -> None:
    heard = await ask(app, method="GET", path="/health")
    assert (heard.status, heard.body) == (200, b"ok\n")


async def test_a_browser_may_ask_before_it_sends(app: Any) -> None:
    heard = await ask(app, method="OPTIONS", headers={"origin": "http://localhost:5173"})
    assert heard.status == 204
    allowed = heard.headers["access-control-allow-headers"].split(",")
    assert {"authorization", "x-amz-target", "x-amz-user-agent", "amz-sdk-request"} <= set(allowed)
    assert heard.headers["access-control-allow-methods"] == "POST, OPTIONS"


async def test_a_browser_may_read_what_sdks_need(app: Any) -> None:
    heard = await ask(app, **ecs_request("DescribeClusters", {}))
    assert heard.headers["access-control-allow-origin"] == "*"
    exposed = heard.headers["access-control-expose-headers"].split(",")
    assert {"x-amzn-requestid", "x-amz-retry-after", "date"} <= set(exposed)
