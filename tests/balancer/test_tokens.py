"""Listeners that let only requests with a token pass, with a real HAProxy and a real issuer."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import jwt
import pytest
from tests.balancer.identity import browser, https, serve
from tests.balancer.lab import Lab, fixed, forward, rule, values

from tidegate.fleet.balancing import EdgeTokenValidation
from tidegate.testing.identity_provider import OTHER_HOST, IdentityProvider, SigningKey

pytestmark = pytest.mark.timeout(60)

CLAIMS = (
    ("aud", "single-string", ("shop", "store")),
    ("https://shop.test/roles", "string-array", ("admin", "sales person")),
    ("scope", "space-separated-values", ("read", "write")),
)
CLAIMED = {"aud": "shop", "https://shop.test/roles": ["user", "admin"], "scope": "write read delete"}


@pytest.fixture
async def client(lab: Lab) -> AsyncIterator[httpx.AsyncClient]:
    async with browser(lab) as made:
        yield made


def validation(provider: IdentityProvider, *claims: Any) -> EdgeTokenValidation:
    return EdgeTokenValidation(jwks_endpoint=provider.jwks_url, issuer=provider.url, claims=claims)


async def guarded(lab: Lab, provider: IdentityProvider, *claims: Any) -> None:
    await serve(lab, provider, https(token_validation=validation(provider, *claims)))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def segment(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


@pytest.mark.proves("action:jwt-validation")
async def test_a_good_token_passes_untouched(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    token = provider.token()
    for _ in range(3):
        assert (await client.get("/", headers=bearer(token))).text == "web"
        assert lab.seen[-1].values("authorization") == [f"Bearer {token}"]
    assert (await client.post("/", headers={"authorization": f"bearer {token}"}, content=b"x")).text == "web"


@pytest.mark.proves("status:401")
async def test_a_request_without_a_token_is_told_what_to_bring(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    answer = await client.get("/")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["server"] == "awselb/2.0"
    assert "<h1>401 Authorization Required</h1>" in answer.text
    answer = await client.get("/", headers=bearer("nonsense"))
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert lab.seen == []


async def test_what_is_no_token_of_the_issuers_is_refused(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    good = provider.token()
    head, payload, signature = good.split(".")
    stranger = SigningKey("key-1")
    more = segment({"iss": provider.url, "exp": int(time.time()) + 999, "aud": "shop"})
    secret = provider.keys[0].public["n"]
    bad = {
        "another key": provider.token(stranger),
        "another payload": f"{head}.{more}.{signature}",
        "no signature": f"{head}.{payload}.",
        "a cut signature": good[:-10],
        "none": f"{segment({'alg': 'none', 'kid': 'key-1'})}.{payload}.",
        "HMAC": jwt.encode({"iss": provider.url, "exp": 9e9}, secret, "HS256", headers={"kid": "key-1"}),
        "RS512": jwt.encode(
            {"iss": provider.url, "exp": int(9e9)}, provider.keys[0].key, "RS512", headers={"kid": "key-1"}
        ),
        "critical": provider.token(headers={"crit": ["x"], "x": 1}),
        "a key id of another kind": f"{segment({'alg': 'RS256', 'kid': 7})}.{payload}.{signature}",
        "twice the algorithm": f"{_twice(head)}.{payload}.{signature}",
        "five parts": f"{good}.a.b",
        "an array": f"{segment(['RS256'])}.{payload}.{signature}",
    }
    for name, token in bad.items():
        assert (await client.get("/", headers=bearer(token))).status_code == 401, name
    basic = {"Authorization": "Basic YTpi"}
    assert (await client.get("/", headers=basic)).status_code == 401
    twice = [("Authorization", f"Bearer {good}"), ("Authorization", f"Bearer {bad['another key']}")]
    assert (await client.get("/", headers=twice)).status_code == 401
    assert lab.seen == []
    assert (await client.get("/", headers=bearer(good))).status_code == 200


def _twice(head: str) -> str:
    text = base64.urlsafe_b64decode(head + "==").decode()
    return base64.urlsafe_b64encode(text.replace("{", '{"alg":"RS256",', 1).encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({}, 200),
        ({"iss": "https://other.test"}, 401),
        ({"iss": None}, 401),
        ({"iss": ["x"]}, 401),
        ({"exp": None}, 401),
        ({"exp": -1}, 401),
        ({"exp": "later"}, 401),
        ({"nbf": 60}, 401),
        ({"nbf": "soon"}, 401),
        ({"nbf": 0}, 200),
        ({"iat": 60.5}, 401),
        ({"iat": None}, 200),
        ({"text": 'a \u00e9 \U0001f600 " \\ / \n end'}, 200),
        ({"deep": [[[[{"a": [1, -2.5e3, None, True, False]}]]]]}, 200),
    ],
)
async def test_times_and_issuer_are_checked(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient, claims: dict[str, Any], status: int
) -> None:
    """Numbers are seconds from now."""
    await guarded(lab, provider)
    key, now = provider.keys[0], time.time()
    known = {"iss": provider.url, "exp": 300, "iat": 0, **claims}
    moved = {name: now + value if isinstance(value, (int, float)) else value for name, value in known.items()}
    present = {name: value for name, value in moved.items() if value is not None}
    body = f"{segment({'alg': 'RS256', 'kid': key.id})}.{segment(present)}"
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(body.encode(), key.key)
    token = f"{body}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}"
    assert (await client.get("/", headers=bearer(token))).status_code == status


async def test_additional_claims_are_checked_by_their_formats(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider, *CLAIMS)

    async def status(**claims: Any) -> int:
        return (await client.get("/", headers=bearer(provider.token(**{**CLAIMED, **claims})))).status_code

    roles = "https://shop.test/roles"
    assert await status() == 200
    assert await status(aud="store") == 200
    assert await status(aud="shopping") == 401
    assert await status(aud=["shop"]) == 401
    assert await status(aud=None) == 401
    assert await status(**{roles: ["sales person"]}) == 200
    assert await status(**{roles: ["administrator"]}) == 401
    assert await status(**{roles: []}) == 401
    assert await status(**{roles: "admin"}) == 401
    assert await status(**{roles: {"1": "admin"}}) == 401
    assert await status(scope="read") == 401
    assert await status(scope="readwrite") == 401
    assert await status(scope=["read", "write"]) == 401


async def test_a_token_that_passed_does_not_pass_once_it_has_ended(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    token = provider.token(exp=int(time.time()) + 2)
    assert (await client.get("/", headers=bearer(token))).status_code == 200
    await lab.pause(2.5)
    assert (await client.get("/", headers=bearer(token))).status_code == 401


async def test_only_rules_that_ask_for_a_token_get_one(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    asks = validation(provider)
    other = validation(provider, ("scope", "single-string", ("admin",)))
    rules = [
        rule(1, forward("api"), values("path-pattern", "/api/*"), token_validation=asks),
        rule(2, fixed("204"), values("path-pattern", "/admin"), token_validation=other),
        rule(3, forward("slow"), values("http-header", "1", header_name="x-slow"), token_validation=asks),
    ]
    await serve(lab, provider, https(*rules))
    token = bearer(provider.token())
    assert (await client.get("/")).text == "web"
    assert (await client.get("/api/x")).status_code == 401
    assert (await client.get("/api/x", headers=token)).text == "api"
    assert (await client.get("/", headers={"x-slow": "1"})).status_code == 401
    assert (await client.get("/", headers={"x-slow": "1", **token})).text == "slow"
    assert (await client.get("/admin", headers=token)).status_code == 401
    assert (await client.get("/admin", headers=bearer(provider.token(scope="admin")))).status_code == 204


async def test_a_token_by_a_new_key_passes_at_once_and_keys_reach_haproxy(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    assert (await client.get("/", headers=bearer(provider.token()))).status_code == 200
    before = await lab.worker()
    provider.rotate()
    lab.balancer._identity._keeper._sets[provider.jwks_url] = replace(
        lab.balancer._identity._keeper._sets[provider.jwks_url], asked_at=None
    )
    assert (await client.get("/", headers=bearer(provider.token()))).status_code == 200
    await lab.until(lambda: len(lab.balancer._identity.key_sets[provider.jwks_url]) == 2)
    await lab.until(lambda: not lab.balancer._edge.has_work)
    async with lab.balancer._targets.lock:
        assert await lab.worker() != before
    asked = len(provider.asked("/jwks"))
    for key in provider.keys:
        assert (await client.get("/", headers=bearer(provider.token(key)))).status_code == 200
    assert len(provider.asked("/jwks")) == asked


async def test_made_up_key_ids_do_not_become_the_issuers_requests(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    assert (await client.get("/", headers=bearer(provider.token()))).status_code == 200
    asked = len(provider.asked("/jwks"))
    for number in range(20):
        token = provider.token(SigningKey(f"made-up-{number}", provider.keys[0].key))
        assert (await client.get("/", headers=bearer(token))).status_code == 401
    assert len(provider.asked("/jwks")) == asked


async def test_many_made_up_key_ids_do_not_become_the_balancers_requests_either(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    good = bearer(provider.token())
    assert (await client.get("/", headers=good)).status_code == 200
    keeper, asked = lab.balancer._identity._keeper, 0
    find = keeper.find

    async def counted(url: str, key_id: str) -> tuple[str | None, str]:
        nonlocal asked
        asked += 1
        return await find(url, key_id)

    keeper.find = counted  # type: ignore[method-assign]
    made_up = bearer(provider.token(SigningKey("made-up", provider.keys[0].key)))
    began = time.monotonic()
    for _ in range(200):
        assert (await client.get("/", headers=made_up)).status_code == 401
    # HAProxy's seconds need not begin with ours, and follow a clock that may be set meanwhile.
    seconds = int(time.monotonic() - began) + 3
    assert 20 <= asked <= 20 * seconds < 200
    # The key of these is HAProxy's already; and who has a new one is asked about in the next second.
    assert (await client.get("/", headers=bearer(provider.token(scope="other")))).status_code == 200
    await lab.pause(1.1)
    keeper._sets[provider.jwks_url] = replace(keeper._sets[provider.jwks_url], asked_at=None)
    provider.rotate()
    assert (await client.get("/", headers=bearer(provider.token()))).status_code == 200


@pytest.mark.proves("status:562")
async def test_an_issuer_without_keys_is_562_and_one_that_goes_leaves_its_keys(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    provider.faults["/jwks"] = (500, "{}")
    await guarded(lab, provider)
    token = bearer(provider.token())
    assert (await client.get("/", headers=token)).status_code == 562
    assert (await client.get("/")).status_code == 401
    del provider.faults["/jwks"]
    keeper = lab.balancer._identity._keeper
    keeper._sets[provider.jwks_url] = replace(keeper._sets[provider.jwks_url], asked_at=None)
    assert (await client.get("/", headers=token)).status_code == 200
    provider.faults["/jwks"] = (200, '{"keys": [' + ",".join(["{}"] * 11) + "]}")
    keeper._sets[provider.jwks_url] = replace(keeper._sets[provider.jwks_url], asked_at=None)
    await lab.until(lambda: keeper._sets[provider.jwks_url].fault == "more than 10 keys")
    assert (await client.get("/", headers=token)).status_code == 200


async def test_an_issuer_is_found_below_localhost(
    lab: Lab, provider: IdentityProvider, client: httpx.AsyncClient
) -> None:
    asks = replace(validation(provider), jwks_endpoint=f"https://{OTHER_HOST}:{provider.port}/jwks")
    await serve(lab, provider, https(token_validation=asks))
    assert (await client.get("/", headers=bearer(provider.token()))).status_code == 200


async def rotated(lab: Lab, provider: IdentityProvider) -> None:
    """Return when HAProxy has a new key."""
    provider.rotate()
    keeper = lab.balancer._identity._keeper
    keeper._sets[provider.jwks_url] = replace(keeper._sets[provider.jwks_url], asked_at=None)
    count = len(provider.keys)
    await lab.until(lambda: len(keeper.sets[provider.jwks_url]) == count and not lab.balancer._edge.has_work)


async def test_no_request_fails_while_keys_rotate(lab: Lab, provider: IdentityProvider) -> None:
    await guarded(lab, provider)
    before = await lab.worker()
    statuses: list[int] = []
    is_over = False

    async def ask() -> None:
        while not is_over:
            async with browser(lab) as fresh:
                for _ in range(3):
                    token = provider.token()
                    headers = {**bearer(token), "connection": "keep-alive"}
                    statuses.append((await fresh.get("/", headers=headers)).status_code)

    askers = [asyncio.create_task(ask()) for _ in range(3)]
    for _ in range(2):
        await lab.pause(0.5)
        await rotated(lab, provider)
    is_over = True
    await asyncio.gather(*askers)
    async with lab.balancer._targets.lock:
        assert await lab.worker() != before
    assert len(statuses) > 20
    assert set(statuses) == {200}
