"""HAProxy's configuration, reviewed as text: `golden/` holds what is expected.

After a wanted change, run with TIDEGATE_UPDATE_GOLDEN=1 and read the difference.
"""

from __future__ import annotations

import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tidegate.balancer.decisions import configuration, pages
from tidegate.balancer.decisions.configuration import Bound, Paths
from tidegate.balancer.decisions.logins.session_keys import login_id
from tidegate.balancer.decisions.servers import Server
from tidegate.balancer.decisions.stickiness import Stickiness
from tidegate.balancer.haproxy import binary
from tidegate.balancer.haproxy.certificates import CHAIN_SCRIPT
from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeAuthentication,
    EdgeCertificate,
    EdgeCondition,
    EdgeDocument,
    EdgeListener,
    EdgeLoadBalancer,
    EdgeLog,
    EdgeLoginKeys,
    EdgeRule,
    EdgeTls,
    EdgeTokenValidation,
    EdgeTransform,
    EdgeTrustStore,
    GroupDocument,
    HealthCheckDocument,
)

GOLDEN = Path(__file__).parent / "golden"
PREFIX = "arn:aws:elasticloadbalancing:us-east-1:000000000000"
BLUE, GREEN = f"{PREFIX}:targetgroup/blue/b111", f"{PREFIX}:targetgroup/green/a222"
TO_BLUE = EdgeAction(type="forward", target_groups=((BLUE, 1),))
WEIGHTED = EdgeAction(type="forward", target_groups=((BLUE, 9), (GREEN, 1)))


def rule(priority: int, action: EdgeAction, *conditions: EdgeCondition) -> EdgeRule:
    arn = f"{PREFIX}:listener-rule/app/shop/c333/d444/e{priority:03d}"
    return EdgeRule(arn=arn, priority=priority, conditions=conditions, action=action)


def values(field: str, *patterns: str, header_name: str = "") -> EdgeCondition:
    return EdgeCondition(field=field, values=patterns, header_name=header_name)


RULES = (
    rule(10, TO_BLUE, values("host-header", "Shop.test", "*.shop.test")),
    rule(20, TO_BLUE, values("host-header", "shop.test"), values("path-pattern", "/api/*", "/health")),
    rule(30, WEIGHTED, values("path-pattern", "/api/*")),
    rule(40, TO_BLUE, values("path-pattern", "/api/v?/*"), values("http-header", "yes", header_name="x-a")),
    rule(50, TO_BLUE, values("source-ip", "10.0.0.0/8"), values("http-request-method", "POST", "PUT")),
    rule(
        60,
        TO_BLUE,
        values("host-header", "a.test"),
        EdgeCondition(field="query-string", queries=(("v", "1*"),)),
    ),
    rule(70, TO_BLUE, EdgeCondition(field="path-pattern", regex_values=("^/[a-z]+$",))),
)
USERS = EdgeAuthentication(
    issuer="https://id.test",
    authorization_endpoint="https://id.test/authorize",
    token_endpoint="https://id.test/token",
    user_info_endpoint="https://id.test/userinfo",
    client_id="shop",
    client_secret="a secret",
    session_cookie_name="it's$mine",
)
LOGIN = login_id(USERS)
LOGIN_KEYS = EdgeLoginKeys(secret="a secret", key_id="key", signing_key_pem="PEM of a signing key")
TLS = EdgeTls(
    certificates=("certificate/1", "certificate/2"),
    policy="p",
    protocols=("TLSv1.3", "TLSv1.2"),
    ciphers=("TLS_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"),
)
TOKENS = EdgeTokenValidation(
    jwks_endpoint="https://id.test/jwks",
    issuer="https://id.test",
    claims=(("scope", "space-separated-values", ("read", "write")),),
)
KEY_SETS = {TOKENS.jwks_endpoint: {"key-1": "PEM of a key\n"}}
CERTIFICATES = tuple(EdgeCertificate(arn=f"certificate/{n}", pem=f"PEM {n}\n") for n in (1, 2))
LISTENERS = {
    "forward": (rule(0, TO_BLUE),),
    "weighted": (rule(0, WEIGHTED),),
    "redirect": (
        rule(
            0,
            EdgeAction(
                type="redirect", redirect=("HTTP_301", "HTTPS", "#{host}", "443", "/#{path}", "#{query}")
            ),
        ),
    ),
    "fixed": (rule(0, EdgeAction(type="fixed-response", fixed=("404", "text/plain", 'no "such" $thing\n'))),),
    "rules": (*RULES, rule(0, TO_BLUE)),
    "transforms": (
        replace(
            rule(1, TO_BLUE, values("path-pattern", "/api/*")),
            transforms=(
                EdgeTransform(type="host-header-rewrite", rewrites=(("^a", "b"),)),
                EdgeTransform(type="url-rewrite", rewrites=(("^/api/(.*)$", "/$1"),)),
            ),
        ),
        rule(0, TO_BLUE),
    ),
    "sticky": (rule(0, replace(WEIGHTED, stickiness_seconds=3600)),),
}


def rendered(
    rules: tuple[EdgeRule, ...],
    *,
    login_keys: EdgeLoginKeys | None = LOGIN_KEYS,
    logs: tuple[EdgeLog, ...] = (),
    **more: Any,
) -> configuration.Rendered:
    """One listener; `more`: its fields."""
    fields = {"port": 80, "protocol": "HTTP", **more}
    listener = EdgeListener(arn=f"{PREFIX}:listener/app/shop/c333/d444", rules=rules, **fields)
    balancer = EdgeLoadBalancer(
        arn=f"{PREFIX}:loadbalancer/app/shop/c333",
        name="shop",
        dns_name="shop-1.us-east-1.elb.localhost",
        address="127.80.2.1",
        logs=logs,
        listeners=(listener,),
    )
    return configuration.render(
        EdgeDocument(
            generation=1,
            load_balancers=(balancer,),
            target_groups=(BLUE, GREEN),
            certificates=CERTIFICATES,
            trust_stores=(EdgeTrustStore(arn="store/1", ca_pem="CA", crl_pem="CRL"),),
            login_keys=login_keys,
        ),
        [Bound(load_balancer=balancer, listener=listener, port=8080)],
        {
            BLUE: {
                "tg_b111": {
                    server.name: server
                    for server in (
                        Server(name="i-2_32769", address="127.80.1.2", port=32769, is_ready=False),
                        Server(name="i-1_32768", address="127.80.1.1", port=32768, is_ready=True),
                    )
                }
            }
        },
        {
            BLUE: GroupDocument(
                target_group_arn=BLUE,
                generation=1,
                algorithm="least_outstanding_requests",
                health_check=HealthCheckDocument(),
            )
        },
        Paths(
            stats_socket="/run/tg/haproxy.sock",
            pages="/run/tg/pages",
            tables="/run/tg/tables",
            secrets="/run/tg/secrets",
            chain="/run/tg/chain.lua",
            scripts="/run/tg/scripts",
            identity_socket="identity/sock",
            access_log=60,
            error_log=61,
        ),
        connections_max=1000,
        stickiness=Stickiness(),
        key_sets=KEY_SETS,
    )


@pytest.mark.parametrize("name", LISTENERS)
def test_the_file_is_as_reviewed(name: str) -> None:
    compare(rendered(LISTENERS[name]), name)


@pytest.mark.parametrize("client_certificates", ["off", "passthrough", "verify"])
def test_an_https_listener_is_as_reviewed(client_certificates: str) -> None:
    tls = replace(
        TLS,
        client_certificates=client_certificates,
        trust_store_arn="store/1" if client_certificates == "verify" else None,
    )
    compare(rendered((rule(0, TO_BLUE),), protocol="HTTPS", tls=tls), f"https_{client_certificates}")


def test_a_listener_that_asks_for_tokens_is_as_reviewed() -> None:
    asks = [
        rule(1, TO_BLUE, values("path-pattern", "/api/*")),
        rule(2, TO_BLUE, values("path-pattern", "/v?")),
    ]
    rules = (*(replace(one, token_validation=TOKENS) for one in asks), rule(0, TO_BLUE))
    compare(rendered(rules, protocol="HTTPS", tls=TLS), "tokens")


@pytest.mark.parametrize("kind", ["access", "connection"])
def test_what_a_listener_with_logs_writes_is_as_reviewed(kind: str) -> None:
    logged = rendered(LISTENERS["fixed"], logs=(EdgeLog(kind=kind, bucket="b"),))
    compare(logged, "logged")


def test_logs_of_health_checks_change_nothing_for_requests() -> None:
    logs = (EdgeLog(kind="health_check", bucket="b"),)
    assert rendered(LISTENERS["fixed"], logs=logs).text == rendered(LISTENERS["fixed"]).text


def test_a_listener_that_asks_for_users_is_as_reviewed() -> None:
    asks = [
        replace(rule(1, TO_BLUE, values("path-pattern", "/api/*")), token_validation=TOKENS),
        replace(rule(2, TO_BLUE, values("path-pattern", "/shop/*")), authentication=USERS),
    ]
    denies = replace(rule(0, TO_BLUE), authentication=replace(USERS, on_unauthenticated="deny"))
    compare(rendered((*asks, denies), protocol="HTTPS", tls=TLS), "users")


def test_a_listener_that_asks_for_users_takes_nobody_without_keys() -> None:
    text = rendered((replace(rule(0, TO_BLUE), authentication=USERS),), login_keys=None).text
    assert "aes_gcm_dec" not in text
    refusal = "http-request return status 500 errorfile /run/tg/pages/500.http"
    assert f"{refusal} if {{ var(txn.login) -m str {LOGIN} }}" in text


def compare(result: configuration.Rendered, name: str) -> None:
    files = {table.name: table.text for table in result.tables} | dict(result.secrets)
    text = result.text + "".join(f"\n# {file}\n{content}" for file, content in files.items())
    golden = GOLDEN / f"{name}.cfg"
    if os.environ.get("TIDEGATE_UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text)
    assert text == golden.read_text()


@pytest.mark.parametrize("name", LISTENERS)
def test_haproxy_accepts_the_file(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "pages"
    folder.mkdir()
    for page, content in pages.files().items():
        (folder / page).write_text(content, newline="")
    result = rendered(LISTENERS[name])
    (tmp_path / "tables").mkdir()
    for table in result.tables:
        (tmp_path / "tables" / table.name).write_text(table.text)
    file = tmp_path / "haproxy.cfg"
    text = result.text.replace("/run/tg/scripts", str(CHAIN_SCRIPT.parent)).replace("/run/tg", str(tmp_path))
    # The logs' descriptors are inherited in life; a check has none.
    file.write_text(text.replace("log fd@60", "log fd@1").replace("log fd@61", "log fd@2"))
    done = subprocess.run(
        [binary.find(), "-c", "-f", file], capture_output=True, text=True, timeout=30, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


def test_servers_are_no_part_of_the_frame() -> None:
    result = rendered(LISTENERS["forward"])
    assert "  server i-1_32768" in result.text
    assert "  server i-1_32768" not in result.frame
    assert "backend tg_b111" in result.frame


@pytest.mark.parametrize(("status", "length"), [(503, 162), (502, 122), (400, 122), (504, 132), (500, 142)])
def test_error_pages_have_the_length_of_awss(status: int, length: int) -> None:
    head, body = pages.error_file(status).split("\r\n\r\n", 1)
    assert len(body) == length
    assert f"Content-Length: {length}" in head


@pytest.mark.parametrize(("count", "is_few"), [(1, True), (3, True), (4, False)])
def test_a_few_prefixes_of_the_chain_are_compared_and_many_stand_in_a_tree(count: int, is_few: bool) -> None:
    rules = (
        rule(number + 1, TO_BLUE, values("path-pattern", f"/v{number}/*/parts")) for number in range(count)
    )
    result = rendered((*rules, rule(0, TO_BLUE)))
    tables = [table.name for table in result.tables]
    assert ("l_d444.by_path.map" in tables) is not is_few
    assert ("acl may_be_chained path -m beg -- /v0/" in result.text) is is_few
