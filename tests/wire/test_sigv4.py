"""Signatures: botocore's signers are the other end; tampering with anything that counts is found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tidegate.testing.clock import EPOCH
from tidegate.wire import Fault
from tidegate.wire.sigv4 import SignedRequest, authenticate, presigned_query, sign_headers

KEYS = {"AKIDEXAMPLE": "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"}
CREDENTIALS = Credentials("AKIDEXAMPLE", KEYS["AKIDEXAMPLE"])
URL = "http://127.0.0.1:8080/"
BODY = b'{"cluster": "c"}'
TARGET = "AmazonEC2ContainerServiceV20141113.DescribeClusters"


def by_botocore(
    url: str = URL, *, body: bytes = BODY, headers: Mapping[str, str] | None = None, method: str = "POST"
) -> SignedRequest:
    """A request that botocore signed with the machine's clock."""
    sent = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET, **(headers or {})}
    request = AWSRequest(method, url, headers=sent, data=body)
    SigV4Auth(CREDENTIALS, "ecs", "eu-west-1").add_auth(request)
    return as_received(request.url, {**request.headers, "Host": urlsplit(url).netloc}, body, method)


def presigned(
    url: str = URL + "?Action=GetCallerIdentity&Version=2011-06-15", expires: int = 900
) -> SignedRequest:
    request = AWSRequest("GET", url)
    SigV4QueryAuth(CREDENTIALS, "sts", "us-east-1", expires=expires).add_auth(request)
    return as_received(request.url, {"Host": urlsplit(url).netloc}, b"", "GET")


def as_received(url: str, headers: Mapping[str, str], body: bytes, method: str) -> SignedRequest:
    parts = urlsplit(url)
    lower = {name.lower(): value for name, value in headers.items()}
    return SignedRequest(method=method, path=parts.path, query=parts.query, headers=lower, body=body)


def signed_at(request: SignedRequest) -> datetime:
    stamp = request.headers.get("x-amz-date") or request.query.split("X-Amz-Date=")[1][:16]
    return datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def refusal(request: SignedRequest, now: datetime | None = None) -> Fault:
    with pytest.raises(Fault) as raised:
        authenticate(request, KEYS.get, now or signed_at(request))
    return raised.value


def changed(request: SignedRequest, **headers: str) -> SignedRequest:
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return replace(request, headers={**request.headers, **names})


def test_what_botocore_signs_is_accepted_and_says_who_signed_for_what() -> None:
    request = by_botocore()
    scope = authenticate(request, KEYS.get, signed_at(request))
    assert (scope.access_key_id, scope.region, scope.service) == ("AKIDEXAMPLE", "eu-west-1", "ecs")


@pytest.mark.parametrize(
    ("url", "headers"),
    [
        (URL + "?b=2&a=1&a=0&empty=&space=a%20b&plus=a%2Bb&tilde=~&slash=a%2Fb", {}),
        (URL + "a%20b/%C3%A4/c", {}),
        (URL, {"X-Spaces": "  a   b  ", "Amz-Sdk-Request": "attempt=2; max=3"}),
        ("http://localhost:80/", {}),
    ],
    ids=["query", "path", "headers", "default port"],
)
def test_both_ends_agree_on_the_canonical_form(url: str, headers: dict[str, str]) -> None:
    request = by_botocore(url, headers=headers)
    # ASGI servers hand over the path decoded.
    decoded = request.path.replace("%20", " ").replace("%C3%A4", "ä")
    host = {"host": "localhost"} if url.startswith("http://localhost") else {}
    received = changed(replace(request, path=decoded), **host)
    authenticate(received, KEYS.get, signed_at(request))


def test_a_space_may_come_as_plus_and_is_signed_as_percent_20() -> None:
    # Amazon's agent opens its websockets so.
    request = by_botocore(URL + "acs/ws?dockerVersion=DockerVersion%3A%2020", body=b"", method="GET")
    received = replace(request, query=request.query.replace("%20", "+"))
    assert "+" in received.query
    authenticate(received, KEYS.get, signed_at(request))


def test_what_we_sign_ourselves_is_what_botocore_signs() -> None:
    theirs = by_botocore(URL + "ws?a=b%20c&d=e", body=BODY)
    ours = sign_headers(
        method="POST",
        host="127.0.0.1:8080",
        path="/ws",
        query=[("a", "b c"), ("d", "e")],
        headers={"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGET},
        body=BODY,
        service="ecs",
        region="eu-west-1",
        access_key_id="AKIDEXAMPLE",
        secret_key=KEYS["AKIDEXAMPLE"],
        now=signed_at(theirs),
    )
    assert ours["Authorization"] == theirs.headers["authorization"]


@pytest.mark.parametrize(
    "tampered",
    [
        replace(by_botocore(), body=BODY + b" "),
        replace(by_botocore(), method="PUT"),
        replace(by_botocore(), path="/other"),
        replace(by_botocore(), query="Action=Other"),
        changed(by_botocore(), host="elsewhere:8080"),
        changed(by_botocore(), content_type="text/plain"),
        changed(by_botocore(), x_amz_target="AmazonEC2ContainerServiceV20141113.DeleteCluster"),
    ],
    ids=["body", "method", "path", "query", "host", "content type", "target"],
)
def test_any_change_on_the_way_breaks_the_signature(tampered: SignedRequest) -> None:
    assert refusal(tampered).code == "SignatureDoesNotMatch"


def test_the_operation_must_be_among_what_is_signed() -> None:
    request = AWSRequest("POST", URL, headers={"Content-Type": "x"}, data=BODY)
    SigV4Auth(CREDENTIALS, "ecs", "us-east-1").add_auth(request)
    received = as_received(URL, {**request.headers, "Host": "127.0.0.1:8080"}, BODY, "POST")
    authenticate(received, KEYS.get, signed_at(received))
    assert refusal(changed(received, x_amz_target=TARGET)).code == "SignatureDoesNotMatch"


def test_a_claimed_hash_does_not_stand_for_the_body() -> None:
    request = by_botocore(headers={"X-Amz-Content-SHA256": "UNSIGNED-PAYLOAD"})
    assert refusal(request).code == "SignatureDoesNotMatch"


def test_a_wrong_secret_does_not_match() -> None:
    request = by_botocore()
    with pytest.raises(Fault, match="SignatureDoesNotMatch"):
        authenticate(request, {"AKIDEXAMPLE": "other"}.get, signed_at(request))


def test_an_unknown_key_is_named_so() -> None:
    request = by_botocore()
    with pytest.raises(Fault) as raised:
        authenticate(request, {}.get, signed_at(request))
    assert (raised.value.code, raised.value.status) == ("InvalidClientTokenId", 403)


@pytest.mark.parametrize("seconds", [-299, 299])
def test_a_clock_may_be_five_minutes_off(seconds: int) -> None:
    request = by_botocore()
    authenticate(request, KEYS.get, signed_at(request) + timedelta(seconds=seconds))


def test_a_late_request_has_expired_and_says_so_in_the_words_that_clients_look_for() -> None:
    request = _at(EPOCH)
    fault = refusal(request, EPOCH + timedelta(seconds=301))
    assert (fault.code, fault.message) == (
        "RequestExpired",
        "Signature expired: 20260101T000000Z is now earlier than 20260101T000001Z "
        "(20260101T000501Z - 5 min.)",
    )


def test_a_request_from_the_future_is_not_yet_current() -> None:
    request = _at(EPOCH)
    fault = refusal(request, EPOCH - timedelta(seconds=301))
    assert fault.code == "RequestExpired"
    assert fault.message.startswith("Signature not yet current: 20260101T000000Z is still later than ")


def test_a_presigned_request_is_accepted_for_as_long_as_it_says() -> None:
    request = presigned(expires=900)
    for seconds in (0, 899):
        scope = authenticate(request, KEYS.get, signed_at(request) + timedelta(seconds=seconds))
        assert scope.service == "sts"
    late = refusal(request, signed_at(request) + timedelta(seconds=901))
    assert late.code == "RequestExpired"
    early = refusal(request, signed_at(request) - timedelta(seconds=301))
    assert early.code == "RequestExpired"


def test_what_we_presign_ourselves_is_what_botocore_presigns() -> None:
    theirs = presigned("http://127.0.0.1:8080/some/path.pem", expires=600)
    query = presigned_query(
        host="127.0.0.1:8080",
        path="/some/path.pem",
        service="sts",
        region="us-east-1",
        access_key_id="AKIDEXAMPLE",
        secret_key=KEYS["AKIDEXAMPLE"],
        lifetime=timedelta(seconds=600),
        now=signed_at(theirs),
    )
    assert query == theirs.query


def test_a_presigned_request_cannot_be_given_more_time() -> None:
    request = presigned(expires=900)
    longer = replace(request, query=request.query.replace("X-Amz-Expires=900", "X-Amz-Expires=9000"))
    assert refusal(longer).code == "SignatureDoesNotMatch"


def test_a_presigned_request_cannot_be_used_for_another() -> None:
    request = presigned()
    other = replace(request, query=request.query.replace("GetCallerIdentity", "GetSessionToken"))
    assert refusal(other).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize(
    ("headers", "code"),
    [
        ({}, "MissingAuthenticationToken"),
        ({"authorization": "Basic dXNlcjpwYXNz"}, "IncompleteSignature"),
        ({"authorization": "AWS4-HMAC-SHA256"}, "IncompleteSignature"),
        (
            {"authorization": "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=x"},
            "IncompleteSignature",
        ),
        ({"authorization": "AWS4-HMAC-SHA256 ,,,=,"}, "IncompleteSignature"),
    ],
)
def test_an_authorization_that_is_none_is_told_apart(headers: dict[str, str], code: str) -> None:
    sent = {"host": "127.0.0.1:8080", "x-amz-date": "20260101T000000Z", **headers}
    request = SignedRequest(method="POST", path="/", query="", headers=sent, body=b"")
    assert refusal(request, EPOCH).code == code


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SignedHeaders=content-type;host;", "SignedHeaders=content-type;"),
        ("/aws4_request", "/aws5_request"),
        ("Signature=", "Signature=\u00e9"),
        ("Signature=", "Other="),
    ],
)
def test_a_bent_authorization_is_refused(old: str, new: str) -> None:
    request = by_botocore()
    bent = request.headers["authorization"].replace(old, new)
    assert bent != request.headers["authorization"]
    assert refusal(changed(request, authorization=bent)).code in (
        "IncompleteSignature",
        "SignatureDoesNotMatch",
    )


@pytest.mark.parametrize(
    "stamp", ["", "yesterday", "2026-01-01T00:00:00Z", "20260101T000000", "20261301T000000Z"]
)
def test_a_date_in_another_form_is_refused(stamp: str) -> None:
    request = changed(_at(EPOCH), x_amz_date=stamp)
    assert refusal(request, EPOCH).code == "IncompleteSignature"


def test_the_scopes_day_must_be_the_requests() -> None:
    request = _at(EPOCH)
    other_day = changed(
        request, authorization=request.headers["authorization"].replace("/20260101/", "/20251231/")
    )
    assert refusal(other_day, EPOCH).code == "SignatureDoesNotMatch"


@pytest.mark.parametrize("expires", ["", "-1", "²", "1e3", "9" * 400])
def test_a_lifetime_that_is_no_number_is_refused(expires: str) -> None:
    request = presigned()
    bent = replace(request, query=request.query.replace("X-Amz-Expires=900", f"X-Amz-Expires={expires}"))
    assert refusal(bent).code == "IncompleteSignature"


def _at(now: datetime) -> SignedRequest:
    headers = sign_headers(
        method="POST",
        host="127.0.0.1:8080",
        path="/",
        body=BODY,
        service="ecs",
        region="us-east-1",
        access_key_id="AKIDEXAMPLE",
        secret_key=KEYS["AKIDEXAMPLE"],
        now=now,
    )
    return as_received(URL, headers, BODY, "POST")
