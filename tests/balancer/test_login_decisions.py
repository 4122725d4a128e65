"""Logins, decided: what is asked of a provider, what of its answers is taken, what browsers keep."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tidegate.balancer.decisions.logins.answers import (
    client_headers,
    code_form,
    refresh_form,
    subject_of,
    tokens_of,
    user_of,
)
from tidegate.balancer.decisions.logins.beginning import (
    LOGIN_SECONDS,
    authorization_url,
    check_callback,
    read_state,
    sealed_state,
    state_of,
)
from tidegate.balancer.decisions.logins.claims import signed, signing_input
from tidegate.balancer.decisions.logins.faults import LoginFailedError
from tidegate.balancer.decisions.logins.sealing import seal, sealed_length, state_key, unsealed
from tidegate.balancer.decisions.logins.session_keys import login_id, session_key
from tidegate.balancer.decisions.logins.sessions import (
    Session,
    cookies,
    cookies_of,
    pieces_of,
    pieces_sent,
    refresh_time,
    session_of,
    text_of,
)
from tidegate.fleet.balancing import EdgeAuthentication

NOW = 1_800_000_000
KEY, NONCE = bytes(range(32)), bytes(12)
LOGIN = EdgeAuthentication(
    issuer="https://id.test",
    authorization_endpoint="https://id.test/authorize",
    token_endpoint="https://id.test/token",
    user_info_endpoint="https://id.test/userinfo",
    client_id="shop",
    client_secret="a secret & more",
)
SESSION = Session(
    ends_at=NOW + 600,
    refresh_at=NOW + 60,
    subject="auth0|1",
    access_token="access",
    claims="a.b.c",
    refresh_token="refresh",
)


def refused(status: int, reason: str) -> Any:
    return pytest.raises(
        LoginFailedError, check=lambda error: (error.status, error.reason) == (status, reason)
    )


def test_what_is_sealed_is_opened_by_its_key_alone() -> None:
    sealed = seal(KEY, NONCE, "text \u00e9")
    assert unsealed(KEY, sealed) == "text \u00e9"
    assert len(sealed) == sealed_length(len("text \u00e9".encode()))
    assert unsealed(bytes(32), sealed) is None
    for changed in ("", "x", "..", sealed[:-4], f"{sealed}.x", sealed.replace(".", ".A", 1), "\u00e9"):
        assert unsealed(KEY, changed) is None


def test_keys_differ_by_all_that_sessions_must_not_share() -> None:
    known = session_key("secret", "balancer", LOGIN)
    assert len(known) == 32
    assert session_key("secret", "balancer", replace(LOGIN, client_secret="x", scope="y")) == known
    others = (
        session_key("other", "balancer", LOGIN),
        session_key("secret", "other", LOGIN),
        session_key("secret", "balancer", replace(LOGIN, issuer="x")),
        session_key("secret", "balancer", replace(LOGIN, client_id="x")),
        session_key("secret", "balancer", replace(LOGIN, session_cookie_name="x")),
        state_key("secret", "balancer"),
    )
    assert len({known, *others}) == 7
    assert login_id(LOGIN) != login_id(replace(LOGIN, scope="y"))


def test_a_session_is_read_as_it_was_written() -> None:
    for session in (SESSION, replace(SESSION, is_cross_site=True, refresh_token="")):
        assert session_of(text_of(session)) == session
    assert text_of(SESSION).split("\t")[2:5] == ["auth0|1", "access", "a.b.c"]
    with pytest.raises(ValueError, match="no session"):
        session_of("x")


def test_a_session_that_fits_no_request_is_refused() -> None:
    assert text_of(replace(SESSION, access_token="x" * 8000))
    with refused(500, "AuthUserinfoResponseSizeExceeded"):
        text_of(replace(SESSION, access_token="x" * 8300))


def test_claims_are_refreshed_when_the_access_token_ends_and_not_after_the_session() -> None:
    assert refresh_time(NOW, NOW + 600, 60, "refresh") == NOW + 60
    assert refresh_time(NOW, NOW + 600, 6000, "refresh") == NOW + 600
    assert refresh_time(NOW, NOW + 600, None, "refresh") == NOW + 600
    assert refresh_time(NOW, NOW + 1, 0, "refresh") == NOW + 1
    assert refresh_time(NOW, NOW + 600, 60, "") == NOW + 600


def test_no_provider_has_every_request_refresh_its_session() -> None:
    for expires_in in (0, 1, 2):
        assert refresh_time(NOW, NOW + 600, expires_in, "refresh") == NOW + 2


def test_long_sessions_are_cut_and_what_is_left_of_longer_ones_goes() -> None:
    first, second, third = cookies("S", "x" * 5000, 3, is_cross_site=False)
    assert first == f"S-0={'x' * 3800}; Max-Age=604800; Path=/; Secure; HttpOnly"
    assert second == f"S-1={'x' * 1200}; Max-Age=604800; Path=/; Secure; HttpOnly"
    assert third == "S-2=; Max-Age=0; Path=/; Secure; HttpOnly"
    [crossing] = cookies("S", "x", 0, is_cross_site=True)
    assert crossing.endswith("; SameSite=None")
    text = "x" * 5000
    assert pieces_of(text) == len(cookies("S", seal(KEY, NONCE, text), 0, is_cross_site=False)) == 2
    assert pieces_sent("S", {"S-0", "S-2", "S-9", "T-3"}) == 3
    assert pieces_sent("S", {}) == 0
    assert cookies_of('a b=1; {"x": 1}; S-0=x==;S-1="y') == {
        "a b": "1",
        '{"x": 1}': "",
        "S-0": "x==",
        "S-1": '"y',
    }


def test_the_way_to_the_provider_says_who_asks_for_what() -> None:
    extra = (("prompt", "login"), ("client_id", "another"), ("hint", "a b&c"))
    asked = replace(LOGIN, scope="openid email", extra_parameters=extra)
    url = urlsplit(authorization_url(asked, "shop.test:8443", "st+te="))
    assert url.geturl().startswith("https://id.test/authorize?client_id=shop&")
    assert parse_qsl(url.query) == [
        ("client_id", "shop"),
        ("redirect_uri", "https://shop.test:8443/oauth2/idpresponse"),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "st+te="),
        ("prompt", "login"),
        ("hint", "a b&c"),
    ]
    tenant = replace(LOGIN, authorization_endpoint="https://id.test/authorize?tenant=1")
    assert authorization_url(tenant, "h", "s").startswith("https://id.test/authorize?tenant=1&client_id=")


def state(**more: Any) -> str:
    fields = {"login": "login_1", "target": "/a?b", "nonce": "nonce", "now": NOW, "is_cross_site": False}
    return sealed_state(KEY, NONCE, state_of(**{**fields, **more}))


def test_a_login_is_known_by_its_state_in_the_browser_that_began_it() -> None:
    known = read_state(KEY, state(), "nonce", NOW + LOGIN_SECONDS)
    assert (known.login, known.target, known.is_cross_site) == ("login_1", "/a?b", False)
    assert read_state(KEY, state(target="*"), "nonce", NOW).target == "/"
    for sealed, nonce, now, reason in (
        (None, "nonce", NOW, "AuthMissingStateParam"),
        ("x", "nonce", NOW, "AuthInvalidStateParam"),
        (state(), None, NOW, "AuthMissingAWSALBAuthNonce"),
        (state(), "another", NOW, "AuthInvalidAWSALBAuthNonce"),
        (state(), "nonce", NOW + LOGIN_SECONDS + 1, "AuthInvalidStateParam"),
        (state(), "n\u00e9", NOW, "AuthInvalidAWSALBAuthNonce"),
        # A byte that is not UTF-8, as aiohttp reads headers.
        (state(), "\udcff", NOW, "AuthInvalidAWSALBAuthNonce"),
    ):
        with refused(401, reason):
            read_state(KEY, sealed, nonce, now)
    with refused(401, "AuthInvalidStateParam"):
        read_state(bytes(32), state(), "nonce", NOW)


def test_what_the_browser_comes_back_with_is_a_code_or_a_fault() -> None:
    assert check_callback(None, "code") == "code"
    with refused(401, "AuthInvalidGrantError"):
        check_callback("access_denied", None)
    with refused(561, "AuthInvalidGrantError"):
        check_callback("server_error", "code")
    with refused(401, "AuthMissingCodeParam"):
        check_callback(None, "")


def test_a_client_shows_its_secret_in_a_header_or_has_none() -> None:
    kind, encoded = client_headers(LOGIN)["Authorization"].split()
    assert (kind, base64.b64decode(encoded)) == ("Basic", b"shop:a+secret+%26+more")
    assert code_form(LOGIN, "c", "u") == {
        "grant_type": "authorization_code",
        "code": "c",
        "redirect_uri": "u",
    }
    public = replace(LOGIN, client_secret="")
    assert client_headers(public) == {}
    assert refresh_form(public, "r") == {
        "grant_type": "refresh_token",
        "refresh_token": "r",
        "client_id": "shop",
    }


def tokens(**fields: Any) -> bytes:
    return json.dumps({"access_token": "a", **fields}).encode()


def test_tokens_are_taken_as_providers_write_them() -> None:
    found = tokens_of(200, tokens(id_token="i", refresh_token="r", expires_in=60))
    assert (found.access_token, found.id_token, found.refresh_token, found.expires_in) == ("a", "i", "r", 60)
    assert tokens_of(200, tokens(expires_in="60")).expires_in == 60
    for no_seconds in (-1, "-1", "\u00b2", "\u0663", "soon", None):
        assert tokens_of(200, tokens(expires_in=no_seconds)).expires_in is None
    assert tokens_of(200, tokens(), "before").refresh_token == "before"
    assert tokens_of(200, tokens(refresh_token="after"), "before").refresh_token == "after"


@pytest.mark.parametrize(
    ("status", "content", "reason"),
    [
        (400, b"{}", "AuthInvalidGrantError"),
        (503, b"", "AuthInvalidGrantError"),
        (302, tokens(), "AuthInvalidTokenResponse"),
        (200, b"[]", "AuthInvalidTokenResponse"),
        (200, b"\xff", "AuthInvalidTokenResponse"),
        (200, b"{}", "AuthInvalidTokenResponse"),
        (200, tokens(access_token=7), "AuthInvalidTokenResponse"),
        (200, tokens(access_token="a\r\nb"), "AuthInvalidTokenResponse"),
        (200, tokens(refresh_token="a\tb"), "AuthInvalidTokenResponse"),
    ],
)
def test_tokens_that_cannot_be_taken_are_the_providers_fault(
    status: int, content: bytes, reason: str
) -> None:
    with refused(561, reason):
        tokens_of(status, content)


def id_token(**claims: Any) -> str:
    known = {"iss": "https://id.test", "aud": "shop", "exp": NOW + 60, "sub": "u", **claims}
    payload = base64.urlsafe_b64encode(json.dumps(known).encode()).rstrip(b"=").decode()
    return f"x.{payload}.y"


def test_an_id_token_is_of_the_issuer_for_the_client_and_not_over() -> None:
    assert subject_of(LOGIN, id_token(), NOW) == "u"
    assert subject_of(LOGIN, id_token(aud=["x", "shop"]), NOW) == "u"
    bad = [None, "", "x", "a.b.c", "a.\u00e9.c", id_token(iss="x"), id_token(aud="x"), id_token(aud=[])]
    bad += [id_token(exp=NOW - 60), id_token(exp="x"), id_token(sub=None), id_token(aud=None)]
    for token in bad:
        with refused(401, "AuthInvalidIdToken"):
            subject_of(LOGIN, token, NOW)


def test_users_are_who_the_id_token_says() -> None:
    assert user_of(200, b'{"sub": "u", "email": "e"}', "u") == {"sub": "u", "email": "e"}
    bad = [(401, b"{}"), (200, b"x"), (200, b"{}"), (200, b'{"sub": "v"}'), (200, b'{"sub": "\\u00e9"}')]
    for status, content in bad:
        with refused(561, "AuthInvalidUserinfoResponse"):
            user_of(status, content, "u")


def test_what_targets_are_told_is_written_as_load_balancers_of_aws_do() -> None:
    content = signing_input(LOGIN, {"sub": "u", "exp": 1}, key_id="k", signer="arn", ends_at=NOW)
    header, payload = (json.loads(base64.urlsafe_b64decode(part)) for part in content.split("."))
    assert header == {
        "typ": "JWT",
        "kid": "k",
        "alg": "ES256",
        "iss": "https://id.test",
        "client": "shop",
        "signer": "arn",
        "exp": NOW,
    }
    assert payload == {"sub": "u", "exp": NOW, "iss": "https://id.test"}
    assert (
        base64.urlsafe_b64decode(signed(content, 1, 2).split(".")[2]) == bytes(31) + b"\1" + bytes(31) + b"\2"
    )
