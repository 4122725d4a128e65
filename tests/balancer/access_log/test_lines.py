"""Each field of the access and the connection log."""

from __future__ import annotations

import csv
import hashlib
import re
from base64 import b64decode
from typing import Any

import pytest
from tests.balancer.access_log.edges import GROUP, a_balancer, a_rule, an_edge, asking
from tests.balancer.access_log.lines import request

from tidegate.balancer.decisions.access_log.connections import (
    begins_connection,
    connection_line,
    failed_connection_line,
)
from tidegate.balancer.decisions.access_log.raw import LoggedRequest, failure_format, read_failure
from tidegate.balancer.decisions.access_log.requests import access_line
from tidegate.balancer.decisions.access_log.sources import Source, sources
from tidegate.fleet.balancing import EdgeAction, EdgeAuthentication, EdgeTokenValidation
from tidegate.testing.balancing.bucket_logs import ACCESS, CONNECTION

TO_GROUP = EdgeAction(type="forward", target_groups=((GROUP, 1),))
PLAIN = sources(an_edge(a_balancer()))["l_1"]
TLS = sources(an_edge(a_balancer(is_tls=True)))["l_1"]
DEFAULT, OTHER = (hashlib.sha1(b64decode(text)).hexdigest().upper() for text in ("AAAA", "BBBB"))
OVER_TLS = {
    "tls_protocol": "TLSv1.3",
    "tls_cipher": "TLS_AES_128_GCM_SHA256",
    "is_resumed": "0",
    "certificate": DEFAULT,
    "server_name": "a.test",
    "handshake_ms": "36",
}


def fields(said: LoggedRequest, source: Source = PLAIN) -> dict[str, str]:
    [parts] = csv.reader([access_line(source, said)], delimiter=" ")
    return dict(zip(ACCESS, parts, strict=True))


def over_tls(**more: str) -> dict[str, str]:
    return fields(request(**(OVER_TLS | more)), TLS)


def test_a_whole_line() -> None:
    assert access_line(PLAIN, request()) == (
        "http 2026-11-25T23:22:00.388794Z app/lb/1 127.0.0.1:44508 127.0.0.1:34587 0.006 0.010 0.004 200 "
        '200 96 50 "GET http://lab:80/a?x=1 HTTP/1.1" "curl/8" - - '
        f'{GROUP} "Root=1-6b" "-" "-" 0 2026-11-25T23:22:00.368794Z "forward" "-" "-" "127.0.0.1:34587" '
        '"200" "-" "-" TID_8fef1427446a491f9b1c9682e50d4d39 "-" "-" "-" 127.80.2.1'
    )


def test_a_whole_line_over_tls() -> None:
    assert access_line(TLS, request(**OVER_TLS)) == (
        "https 2026-11-25T23:22:00.388794Z app/lb/1 127.0.0.1:44508 127.0.0.1:34587 0.006 0.010 0.004 200 "
        '200 96 50 "GET https://lab:443/a?x=1 HTTP/1.1" "curl/8" TLS_AES_128_GCM_SHA256 TLSv1.3 '
        f'{GROUP} "Root=1-6b" "a.test" "cert/default" 0 2026-11-25T23:22:00.368794Z "forward" "-" "-" '
        '"127.0.0.1:34587" "200" "-" "-" TID_8fef1427446a491f9b1c9682e50d4d39 "-" "-" "-" 127.80.2.1'
    )


# Of each field: quoted, a number, an address with its port, or another word. Who parses logs by an
# expression, as users of Athena do, counts on it.
_KINDS = {"q": r'"[^"]*"', "n": r"-?[0-9.]+", "a": r"[0-9.]+:[0-9]+", "w": r"[^ \"]+"}
ACCESS_KINDS = "wwwawnnnnwnnqqwwwqqqwwqqqqqqqwqqqw"
CONNECTION_KINDS = "wwnnwwwqwwwww"


def matches(kinds: str, line: str) -> bool:
    return re.fullmatch(" ".join(_KINDS[kind] for kind in kinds), line) is not None


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"server": "<NOSRV>", "target": "-:-", "target_status": "-", "backend": "l_1"},
        {"method": "<BADREQ>", "uri": "<BADREQ>", "user_agent": "-", "host": "-"},
        OVER_TLS,
    ],
)
def test_fields_are_quoted_where_awss_are(more: dict[str, str]) -> None:
    source = TLS if "certificate" in more else PLAIN
    assert matches(ACCESS_KINDS, access_line(source, request(**more)))
    assert matches(CONNECTION_KINDS, connection_line(source, request(**more)))


@pytest.mark.parametrize(
    ("source", "more", "expected"),
    [
        (PLAIN, {}, "http"),
        (TLS, {}, "https"),
        (TLS, {"major": "2"}, "h2"),
        (TLS, {"major": "2", "is_grpc": "1"}, "grpcs"),
        (PLAIN, {"target_status": "101"}, "ws"),
        (TLS, {"target_status": "101"}, "wss"),
    ],
)
def test_the_type_is_the_protocols(source: Source, more: dict[str, str], expected: str) -> None:
    assert fields(request(**more), source)["type"] == expected


UNANSWERED = {"target_status": "-", "answer_ms": "-1", "total_ms": "2002"}


@pytest.mark.parametrize(
    "more",
    [
        {"status": "504", "termination": "sH"},
        {"status": "502", "termination": "SC", "connect_ms": "-1"},
        {"status": "400", "termination": "CH"},
        {"status": "503", "server": "<NOSRV>", "read_ms": "0", "queue_ms": "-1", "connect_ms": "-1"},
    ],
)
def test_a_request_that_no_target_answered_has_no_times(more: dict[str, str]) -> None:
    found = fields(request(**UNANSWERED, **more))
    for part in ("request", "target", "response"):
        assert found[f"{part}_processing_time"] == "-1"
    assert found["target_status_code"] == found["target_status_code_list"] == "-"


def test_a_request_with_no_target_has_no_address() -> None:
    found = fields(request(server="<NOSRV>", target="-:-", **UNANSWERED))
    assert found["target:port"] == found["target:port_list"] == "-"


def test_a_client_that_left_was_sent_nothing() -> None:
    found = fields(request(status="400", sent_bytes="267", termination="CH", **UNANSWERED))
    assert (found["elb_status_code"], found["sent_bytes"]) == ("460", "0")


@pytest.mark.parametrize(
    ("source", "more", "expected"),
    [
        (PLAIN, {"host": "shop.test"}, "GET http://shop.test:80/a?x=1 HTTP/1.1"),
        (PLAIN, {"host": "shop.test:8080"}, "GET http://shop.test:8080/a?x=1 HTTP/1.1"),
        (PLAIN, {"host": "[::1]"}, "GET http://[::1]:80/a?x=1 HTTP/1.1"),
        (PLAIN, {"host": "[::1]:8080"}, "GET http://[::1]:8080/a?x=1 HTTP/1.1"),
        (PLAIN, {"host": "-", "version": "HTTP/1.0"}, "GET http://lb.test:80/a?x=1 HTTP/1.0"),
        (TLS, {"major": "2", "uri": "https://lab/a?x=//"}, "GET https://lab:443/a?x=// HTTP/2.0"),
        (TLS, {"major": "2", "uri": "https://lab"}, "GET https://lab:443 HTTP/2.0"),
        (PLAIN, {"uri": "*", "method": "OPTIONS"}, "OPTIONS http://lab:80* HTTP/1.1"),
        (PLAIN, {"method": "<BADREQ>", "uri": "<BADREQ>", "host": "-"}, "- http://lb.test:80- -"),
    ],
)
def test_the_request_has_the_whole_url(source: Source, more: dict[str, str], expected: str) -> None:
    assert fields(request(**more), source)["request"] == expected


@pytest.mark.parametrize(
    ("backend", "rule", "priority", "actions"),
    [
        ("tg_a1", "-", "0", "forward"),
        ("tg_a1.1", "50001", "0", "forward"),
        ("tg_a1", "7", "7", "forward"),
        ("nowhere", "7", "7", "forward"),
        ("l_1_r1", "1", "1", "redirect"),
        ("l_1_r2", "2", "2", "fixed-response"),
        # Refused, with a rule chosen or not.
        ("l_1", "-", "-", "-"),
        ("l_1", "7", "-", "-"),
    ],
)
def test_the_rule_that_matched_and_what_it_did(backend: str, rule: str, priority: str, actions: str) -> None:
    found = fields(request(backend=backend, rule=rule))
    assert (found["matched_rule_priority"], found["actions_executed"]) == (priority, actions)


AUTHENTICATION = EdgeAuthentication(
    issuer="i",
    authorization_endpoint="a",
    token_endpoint="t",
    user_info_endpoint="u",
    client_id="c",
    client_secret="s",
)
VALIDATION = EdgeTokenValidation(jwks_endpoint="j", issuer="i")


@pytest.mark.parametrize(
    ("check", "more", "actions"),
    [
        ({"authentication": AUTHENTICATION}, {"backend": "tg_a1"}, "authenticate,forward"),
        ({"token_validation": VALIDATION}, {"backend": "tg_a1"}, "jwt-validation,forward"),
        (
            {"token_validation": VALIDATION},
            {"backend": "l_1", "error_reason": "JWTHeaderNotPresent"},
            "jwt-validation",
        ),
        # Sent to the provider.
        ({"authentication": AUTHENTICATION}, {"backend": "login"}, "authenticate"),
    ],
)
def test_what_a_rule_asks_of_clients_comes_before_its_action(
    check: dict[str, Any], more: dict[str, str], actions: str
) -> None:
    found = fields(request(rule="9", **more), asking(a_rule(9, TO_GROUP), **check))
    assert (found["matched_rule_priority"], found["actions_executed"]) == ("9", actions)


@pytest.mark.parametrize(
    ("backend", "expected"), [("tg_a1", GROUP), ("tg_a1.1", GROUP), ("nowhere", "-"), ("l_1_r1", "-")]
)
def test_the_target_group(backend: str, expected: str) -> None:
    assert fields(request(backend=backend))["target_group_arn"] == expected


@pytest.mark.parametrize(
    ("certificate", "server_name", "domain", "arn"),
    [
        (DEFAULT, "a.test", "a.test", "cert/default"),
        (DEFAULT, "A.test", "A.test", "cert/default"),
        # The default one is shown for want of a better one.
        (DEFAULT, "c.test", "-", "cert/default"),
        (DEFAULT, "-", "-", "cert/default"),
        (OTHER, "x.b.test", "x.b.test", "cert/other"),
        # It has been replaced since.
        ("00", "x.test", "x.test", "-"),
    ],
)
def test_the_name_and_the_certificate(certificate: str, server_name: str, domain: str, arn: str) -> None:
    found = over_tls(certificate=certificate, server_name=server_name)
    assert (found["domain_name"], found["chosen_cert_arn"]) == (domain, arn)


def test_a_resumed_session_shows_no_certificate() -> None:
    assert over_tls(is_resumed="1")["chosen_cert_arn"] == "session-reused"


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({}, ("-", "-")),
        ({"ambiguous": "SuspiciousHeader"}, ("Ambiguous", "SuspiciousHeader")),
        ({"acceptable": "NonCompliantHeader"}, ("Acceptable", "NonCompliantHeader")),
        ({"ambiguous": "SuspiciousHeader", "acceptable": "X"}, ("Ambiguous", "SuspiciousHeader")),
    ],
)
def test_the_graver_classification_is_told(more: dict[str, str], expected: tuple[str, str]) -> None:
    found = fields(request(**more))
    assert (found["classification"], found["classification_reason"]) == expected


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ({"new_uri": "/x", "new_host": "b"}, "-"),
        ({"backend": "l_1", "new_uri": "x"}, "TransformInvalidPath"),
        ({"backend": "l_1", "new_uri": "/x", "new_host": "a b"}, "TransformInvalidHost"),
        ({"backend": "l_1", "new_host": "a b"}, "TransformInvalidHost"),
    ],
)
def test_a_transform_that_failed_is_told(more: dict[str, str], expected: str) -> None:
    found = fields(request(rule="7", **more))
    assert found["request_transform_status"] == expected
    assert found["transformed_uri"] == more.get("new_uri", "-")
    assert found["matched_rule_priority"] == "7"


def test_a_redirect_and_a_reason_of_an_error_are_told() -> None:
    found = fields(request(location="http://x/", error_reason="AuthInvalidCookie"))
    assert (found["redirect_url"], found["error_reason"]) == ("http://x/", "AuthInvalidCookie")


def test_a_connection_over_tls_with_a_clients_certificate() -> None:
    said = request(
        **OVER_TLS,
        certificate_subject="CN=a b,O=x",
        certificate_since="230921224321Z",
        certificate_until="260617224321Z",
        certificate_serial="FEF257372D5C14D4",
    )
    assert connection_line(TLS, said) == (
        "2026-11-25T23:22:00.367342Z 127.0.0.1 44508 443 TLSv1.3 TLS_AES_128_GCM_SHA256 0.036 "
        '"CN=a b,O=x" NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4 Success '
        "TID_8fef1427446a491f9b1c9682e50d4d39 -"
    )


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        ("-", "-", "-"),
        ("230921224321Z", "-", "NotBefore=2023-09-21T22:43:21Z;NotAfter=-"),
        ("-", "230921224321Z", "NotBefore=-;NotAfter=2023-09-21T22:43:21Z"),
    ],
)
def test_a_time_that_haproxy_does_not_say_is_absent(since: str, until: str, expected: str) -> None:
    said = request(**OVER_TLS, certificate_since=since, certificate_until=until)
    assert f'"-" {expected} - Success' in connection_line(TLS, said)


def test_a_plain_connection() -> None:
    assert connection_line(PLAIN, request()) == (
        '2026-11-25T23:22:00.367342Z 127.0.0.1 44508 80 - - - "-" - - - '
        "TID_8fef1427446a491f9b1c9682e50d4d39 -"
    )
    assert len(connection_line(PLAIN, request()).split(" ")) == len(CONNECTION)


@pytest.mark.parametrize(
    ("is_first", "understood", "expected"),
    [("1", "1", True), ("-", "1", False), ("-", "0", True), ("-", "-", True)],
)
def test_the_first_request_of_a_connection_tells_of_it(
    is_first: str, understood: str, expected: bool
) -> None:
    assert begins_connection(request(is_first=is_first, understood=understood)) is expected


def test_load_balancers_without_logs_have_no_source() -> None:
    assert sources(an_edge(a_balancer(logs=()), a_balancer(2))).keys() == {"l_2"}


FAILURE = (
    "E 127.0.0.1:51626|l_1|1795650267327560-4bc80551-420c|31|{0}|{1}|261116234426Z|261124234426Z|75|]CN=\\]"
)


@pytest.mark.parametrize(
    ("error", "issuer_error", "expected"),
    [
        ("9", "0", "ClientCertNotYetValid"),
        ("10", "0", "ClientCertExpired"),
        ("18", "0", "ClientCertUntrusted"),
        ("20", "0", "ClientCertUntrusted"),
        ("23", "0", "ClientCertCrlHit"),
        ("12", "0", "ClientCertCrlProcessingError"),
        ("22", "0", "ClientCertMaxChainDepthExceeded"),
        ("26", "0", "ClientCertPurposeInvalid"),
        ("28", "0", "ClientCertRejected"),
        ("7", "0", "ClientCertInvalid"),
        ("0", "10", "ClientCertExpired"),
        # No certificate at all, or no TLS.
        ("0", "0", "UnmappedConnectionError"),
        ("-", "-", "UnmappedConnectionError"),
    ],
)
def test_a_handshake_that_failed_says_why(error: str, issuer_error: str, expected: str) -> None:
    said = read_failure(FAILURE.format(error, issuer_error))
    assert said is not None
    assert failed_connection_line(TLS, said) == (
        '2026-11-25T23:44:27.327560Z 127.0.0.1 51626 443 - - - "CN=]" '
        "NotBefore=2026-11-16T23:44:26Z;NotAfter=2026-11-24T23:44:26Z 75 "
        f"Failed:{expected} TID_4bc80551420c -"
    )


@pytest.mark.parametrize("asks_clients", [False, True])
def test_the_format_of_failures_is_read_again(asks_clients: bool) -> None:
    assert read_failure(failure_format(asks_clients=asks_clients)) is not None


@pytest.mark.parametrize("line", ["E x", "", "B 1|2|3|4|5|6|7|8|9|]x"])
def test_other_lines_are_no_failures(line: str) -> None:
    assert read_failure(line) is None
