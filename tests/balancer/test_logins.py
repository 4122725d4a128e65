"""Listeners that let only users pass whom a provider knows, with a real HAProxy and a real provider."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import jwt
import pytest
from tests.balancer.identity import SIGNING_KEY, action, browser, guarded, https, log_in, serve
from tests.balancer.lab import PORT, PREFIX, Lab, fixed, forward, rule, running, values
from tests.balancer.reports import Control
from tests.balancer.traffic.world import BALANCER

from tidegate.fleet.balancing import EdgeTokenValidation
from tidegate.testing.identity_provider import IdentityProvider

pytestmark = pytest.mark.timeout(60)

FIRST, SECOND = "AWSELBAuthSessionCookie-0", "AWSELBAuthSessionCookie-1"


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    header, payload, _ = token.split(".")
    assert len(header) % 4 == len(payload) % 4 == 0
    return json.loads(base64.urlsafe_b64decode(header)), json.loads(base64.urlsafe_b64decode(payload))


async def test_a_stranger_is_sent_to_the_provider(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider, scope="openid email", extra_parameters=(("prompt", "login"), ("state", "x")))
    answer = await user.get("/page?a=1")
    assert (answer.status_code, answer.headers["server"]) == (302, "awselb/2.0")
    assert "<h1>302 Found</h1>" in answer.text
    to = urlsplit(answer.headers["location"])
    query = parse_qs(to.query)
    assert f"{to.scheme}://{to.netloc}{to.path}" == f"{provider.url}/authorize"
    [state] = query.pop("state")
    assert "page" not in state
    assert query == {
        "client_id": ["shop"],
        "redirect_uri": [f"https://{lab.address}:{PORT}/oauth2/idpresponse"],
        "response_type": ["code"],
        "scope": ["openid email"],
        "prompt": ["login"],
    }
    [cookie] = answer.headers.get_list("set-cookie")
    assert cookie.startswith("AWSALBAuthNonce=")
    assert cookie.endswith("; Max-Age=900; Path=/; Secure; HttpOnly")
    assert lab.seen == []


@pytest.mark.proves("action:authenticate-oidc")
async def test_a_user_logs_in_once_and_targets_are_told_who_it_is(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    answer = await log_in(user, "/page?a=1&b=%20")
    assert (answer.status_code, answer.text) == (200, "web")
    seen = lab.seen[-1]
    assert seen.line == "GET /page?a=1&b=%20 HTTP/1.1"
    assert seen.values("x-amzn-oidc-identity") == ["u-1"]
    [access] = seen.values("x-amzn-oidc-accesstoken")
    assert len(access) == 32
    [data] = seen.values("x-amzn-oidc-data")
    header, payload = parts(data)
    assert header.pop("exp") == payload.pop("exp") > time.time() + 600_000
    assert header == {
        "typ": "JWT",
        "alg": "ES256",
        "kid": "key-of-the-region",
        "iss": provider.url,
        "client": "shop",
        "signer": f"{PREFIX}:loadbalancer/app/lab/1",
    }
    assert payload == {"sub": "u-1", "email": "ada@example.com", "iss": provider.url}
    jwt.decode(data, SIGNING_KEY.public_key(), algorithms=["ES256"])
    asked = len(provider.requests)
    for _ in range(3):
        assert (await user.get("/more")).text == "web"
        assert lab.seen[-1].values("x-amzn-oidc-data") == [data]
    assert len(provider.requests) == asked
    [exchange] = provider.asked("/token")
    assert exchange.form["grant_type"] == "authorization_code"
    assert exchange.authorization.startswith("Basic ")
    assert "client_secret" not in exchange.form


async def test_headers_may_be_as_long_as_the_option_says_in_a_login_too(
    tmp_path: Path, provider: IdentityProvider
) -> None:
    long = {"cookie": "a=" + 60_000 * "x"}
    async with running(tmp_path, header_kib=64) as lab, browser(lab) as user:
        await guarded(lab, provider)
        assert (await user.get("/", headers=long)).status_code == 302
        # Of a login that began elsewhere.
        answer = await user.get("/oauth2/idpresponse", headers=long)
        assert (answer.status_code, answer.headers["server"]) == (401, "awselb/2.0")
        assert "<h1>401" in answer.text


async def test_session_cookies_are_sealed_and_last_a_week(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    answer = await log_in(user)
    back = answer.history[-1]
    session, nonce = back.headers.get_list("set-cookie")
    assert session.startswith(f"{FIRST}=")
    assert session.endswith("; Max-Age=604800; Path=/; Secure; HttpOnly")
    assert nonce == "AWSALBAuthNonce=; Max-Age=0; Path=/; Secure; HttpOnly"
    assert "ada" not in base64.b64decode(session.split("=", 1)[1].split(";")[0].split(".")[2]).decode(
        "latin-1"
    )
    assert set(user.cookies) == {FIRST}


async def test_what_a_client_says_of_itself_reaches_no_target(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    rules = [rule(1, forward("open"), values("path-pattern", "/open"))]
    await serve(lab, provider, https(*rules, authentication=action(provider, on_unauthenticated="allow")))
    forged = {f"x-amzn-oidc-{name}": "forged" for name in ("data", "identity", "accesstoken")}
    for path in ("/", "/open"):
        assert (await user.get(path, headers=forged)).status_code == 200
        assert not [name for name, _ in lab.seen[-1].headers if name.startswith("x-amzn-oidc")]
    ours = {"tidegate-login": "x", "tidegate-target": "//evil.test", "tidegate-host": "evil.test"}
    answer = await user.get("/oauth2/idpresponse", headers=ours)
    assert answer.status_code == 401


def _shortened(tag: str) -> list[str]:
    """Good tags but for their length: a proof of a byte or two could be guessed."""
    whole = base64.b64decode(tag)
    return [base64.b64encode(whole[:length]).decode() for length in (1, 4, 12, 15)]


async def test_a_session_that_was_changed_or_is_anothers_is_none(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    rules = [
        rule(
            1, forward("other"), values("path-pattern", "/other"), authentication=action(provider, issuer="x")
        )
    ]
    await serve(lab, provider, https(*rules, authentication=action(provider)))
    await log_in(user)
    good = user.cookies[FIRST]
    nonce, tag, content = good.split(".")
    swapped = "A" if content[5] != "A" else "B"
    changed = f"{nonce}.{tag}.{content[:5]}{swapped}{content[6:]}"
    for value in (
        changed,
        f"{tag}.{nonce}.{content}",
        f"{nonce}.{tag}",
        "x",
        "",
        f"{nonce}.{tag}.",
        "..",
        good[:-4],
        *(f"{nonce}.{short}.{content}" for short in _shortened(tag)),
    ):
        answer = await user.get("/", headers={"cookie": f"{FIRST}={value}"})
        assert answer.status_code == 302, value
    assert (await user.get("/", headers={"cookie": f"{FIRST}={good}"})).status_code == 200
    assert (await user.get("/other", headers={"cookie": f"{FIRST}={good}"})).status_code == 302


async def test_strangers_may_be_denied_or_allowed(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    paths = {mode: action(provider, on_unauthenticated=mode) for mode in ("authenticate", "deny", "allow")}
    rules = [
        rule(number, forward("web"), values("path-pattern", f"/{mode}"), authentication=asked)
        for number, (mode, asked) in enumerate(paths.items(), 1)
    ]
    await serve(lab, provider, https(*rules, default=fixed("404")))
    denied = await user.get("/deny")
    assert (denied.status_code, denied.headers["server"]) == (401, "awselb/2.0")
    assert (await user.get("/allow")).text == "web"
    assert lab.seen[-1].values("x-amzn-oidc-identity") == []
    assert (await log_in(user, "/authenticate")).text == "web"
    for mode in paths:
        assert (await user.get(f"/{mode}")).text == "web"
        assert lab.seen[-1].values("x-amzn-oidc-identity") == ["u-1"]
    assert (await user.get("/")).status_code == 404


async def test_a_session_ends_after_its_timeout(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    modes = ("authenticate", "deny", "allow")
    rules = [
        rule(
            number,
            forward("web"),
            values("path-pattern", f"/{mode}"),
            authentication=action(provider, on_unauthenticated=mode, session_timeout_seconds=2),
        )
        for number, mode in enumerate(modes, 1)
    ]
    await serve(lab, provider, https(*rules, default=fixed("404")))
    assert (await log_in(user, "/authenticate")).text == "web"
    assert (await user.get("/deny")).status_code == 200
    await lab.pause(2.5)
    assert (await user.get("/authenticate")).status_code == 302
    # Who had a session may have another; who never had one is denied.
    assert (await user.get("/deny")).status_code == 302
    assert (await user.get("/allow")).status_code == 200
    assert lab.seen[-1].values("x-amzn-oidc-identity") == []


async def test_claims_are_asked_for_again_when_the_access_token_ends(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    provider.gives_refresh_tokens, provider.access_seconds = True, 1
    control = Control(lab)
    await guarded(lab, provider)
    await log_in(user)
    assert await control.total("ELBAuthRefreshTokenSuccess") == 0
    before = lab.seen[-1].values("x-amzn-oidc-data")
    await lab.pause(2.5)
    provider.delays["/userinfo"] = 0.3
    provider.user["email"], provider.access_seconds = "new@example.com", 3600
    old = user.cookies[FIRST]
    answers = await asyncio.gather(*(user.get("/", headers={"cookie": f"{FIRST}={old}"}) for _ in range(5)))
    assert [answer.text for answer in answers] == ["web"] * 5
    [after] = {tuple(one.values("x-amzn-oidc-data")) for one in lab.seen[-5:]}
    assert list(after) != before
    assert parts(after[0])[1]["email"] == "new@example.com"
    assert len([one for one in provider.asked("/token") if one.form["grant_type"] == "refresh_token"]) == 1
    assert user.cookies[FIRST] != old
    asked = len(provider.requests)
    assert (await user.get("/")).text == "web"
    assert len(provider.requests) == asked
    assert await control.total("ELBAuthSuccess") == 1
    assert await control.total("ELBAuthRefreshTokenSuccess") == 1
    [first, second] = control.summaries("ELBAuthLatency", BALANCER)
    assert first.minimum > 0
    assert second.maximum >= 300


async def test_a_session_that_cannot_be_refreshed_is_begun_anew(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    provider.gives_refresh_tokens, provider.access_seconds = True, 1
    await guarded(lab, provider)
    await log_in(user)
    provider.faults["/token"] = (400, '{"error": "invalid_grant"}')
    await lab.pause(2.5)
    assert (await user.get("/")).status_code == 302
    provider.faults.clear()
    assert (await log_in(user)).text == "web"


async def test_a_large_session_is_cut_into_several_cookies(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    provider.access_token_bytes = 5000
    await guarded(lab, provider)
    assert (await log_in(user)).text == "web"
    assert {FIRST, SECOND} <= set(user.cookies)
    assert max(len(user.cookies[one]) for one in (FIRST, SECOND)) <= 4000
    [access] = lab.seen[-1].values("x-amzn-oidc-accesstoken")
    assert len(access) == 5000
    await user.get("/", headers={"x-padding": "x" * 2000})
    [kept] = lab.seen[-1].values("cookie") or [""]
    assert FIRST not in kept
    # A smaller session leaves nothing of the larger one.
    provider.access_token_bytes = 32
    first = user.cookies[FIRST]
    user.cookies.delete(FIRST)
    user.cookies.set(FIRST, first[:-8], domain=lab.address)
    assert (await log_in(user)).text == "web"
    assert SECOND not in user.cookies
    assert (await user.get("/")).text == "web"


async def test_users_and_tokens_may_be_asked_for_on_one_listener(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    asks = EdgeTokenValidation(jwks_endpoint=provider.jwks_url, issuer=provider.url)
    api = rule(
        1,
        forward("api"),
        values("http-header", "api", header_name="x-kind"),
        token_validation=asks,
    )
    await serve(lab, provider, https(api, authentication=action(provider)))
    assert (await user.get("/", headers={"x-kind": "api"})).status_code == 401
    token = {"authorization": f"Bearer {provider.token()}"}
    assert (await user.get("/", headers={"x-kind": "api", **token})).text == "api"
    user.headers["x-kind"] = "web"
    assert (await log_in(user)).text == "web"


async def test_sessions_outlive_a_change_of_what_is_asked_for(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    await log_in(user)
    await guarded(lab, provider, scope="openid profile", on_unauthenticated="deny")
    assert (await user.get("/")).text == "web"


@pytest.mark.parametrize("name", ["a$b%c", "it's", "a`b|c#d", "a.b+c^"])
async def test_a_session_cookie_may_have_any_name(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient, name: str
) -> None:
    provider.access_token_bytes = 3000
    await guarded(lab, provider, session_cookie_name=name)
    await log_in(user)
    sent = "; ".join(f"{known}={value}" for known, value in user.cookies.items())
    answer = await user.get("/", headers={"cookie": f"a=1; {sent}; b=2", "x-padding": "x" * 4000})
    assert answer.text == "web"
    assert lab.seen[-1].values("x-amzn-oidc-identity") == ["u-1"]
    assert lab.seen[-1].values("cookie") == ["a=1; b=2"]


@pytest.mark.proves("action:authenticate-cognito")
async def test_a_client_without_a_secret_logs_in_by_its_name(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    """As the client of a Cognito user pool, whose secret AWS alone knows."""
    provider.client_secret = ""
    await guarded(lab, provider, client_secret="")
    assert (await log_in(user)).text == "web"
    assert provider.asked("/token")[0].authorization == ""


async def test_cookies_of_a_login_across_sites_are_sent_across_sites(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    there = await user.get("/", headers={"origin": "https://other.test"})
    back = await user.get(there.headers["location"])
    session, _ = (await user.get(back.headers["location"])).headers.get_list("set-cookie")
    assert session.endswith("; SameSite=None")


async def test_other_cookies_however_odd_or_long_hinder_no_login(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    odd = f'a b=1; {{"json": "x"}}; {FIRST}={"x" * 9000}; c="d'
    there = await user.get("/" + "p" * 2000, headers={"cookie": odd})
    assert there.status_code == 302
    nonce = user.cookies["AWSALBAuthNonce"]
    back = await user.get(there.headers["location"])
    cookies = {"cookie": f"{odd}; AWSALBAuthNonce={nonce}"}
    ended = await user.get(back.headers["location"], headers=cookies)
    assert ended.headers["location"].endswith("p" * 2000)
