"""Sets of keys, fetched from a real issuer and kept."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from tidegate.balancer.decisions.json_web_keys import read_keys
from tidegate.balancer.identity.key_keeper import KeyKeeper
from tidegate.balancer.identity.provider import ProviderError, Providers, ProviderTimeoutError
from tidegate.testing.identity_provider import IdentityProvider


@pytest.fixture
async def providers(provider: IdentityProvider) -> AsyncIterator[Providers]:
    made = Providers()
    made.authorities = provider.authority_pem
    yield made
    await made.close()


def a_keeper(folder: Path, providers: Providers, changes: list[str]) -> KeyKeeper:
    return KeyKeeper(folder / "keys", providers, read_keys, lambda: changes.append("changed"))


async def test_those_who_ask_for_one_set_at_a_time_ask_once(
    tmp_path: Path, provider: IdentityProvider, providers: Providers
) -> None:
    changes: list[str] = []
    keeper = a_keeper(tmp_path, providers, changes)
    keeper.want({provider.jwks_url})
    found = await asyncio.gather(*(keeper.find(provider.jwks_url, "key-1") for _ in range(5)))
    assert {fault for _, fault in found} == {""}
    assert len({pem for pem, _ in found}) == 1
    assert (len(provider.asked("/jwks")), changes) == (1, ["changed"])
    assert await keeper.find("https://another.test/jwks", "key-1") == (None, "")


async def test_keys_outlive_a_restart_without_their_issuer(
    tmp_path: Path, provider: IdentityProvider, providers: Providers
) -> None:
    before = a_keeper(tmp_path, providers, [])
    before.want({provider.jwks_url})
    await before.find(provider.jwks_url, "key-1")
    after = a_keeper(tmp_path, providers, [])
    after.want({provider.jwks_url})
    assert after.sets == before.sets
    assert len(provider.asked("/jwks")) == 1
    after.want(())
    assert after.sets == {}


async def test_a_provider_is_trusted_by_its_authority_alone(provider: IdentityProvider) -> None:
    stranger = Providers()
    with pytest.raises(ProviderError):
        await stranger.get(provider.jwks_url, 1000)
    stranger.authorities = provider.authority_pem
    assert (await stranger.get(provider.jwks_url, 1000)).status == 200
    await stranger.close()


async def test_what_a_provider_sends_is_bounded(provider: IdentityProvider, providers: Providers) -> None:
    provider.faults["/jwks"] = (200, "x" * 1001)
    with pytest.raises(ProviderError, match="more than 1000 bytes"):
        await providers.get(provider.jwks_url, 1000)
    provider.delays["/jwks"] = 6
    with pytest.raises(ProviderTimeoutError, match="no answer within 5 s"):
        await providers.get(provider.jwks_url, 1000)


async def test_a_provider_gets_no_cookie_that_another_request_was_answered_with(
    providers: Providers,
) -> None:
    came: list[str | None] = []

    async def answer(request: web.Request) -> web.Response:
        came.append(request.headers.get("Cookie"))
        return web.Response(headers={"Set-Cookie": "user=ann; Path=/"})

    application = web.Application()
    application.add_routes([web.get("/user", answer)])
    async with TestServer(application) as server:
        for _ in range(2):
            await providers.get(f"http://provider.localhost:{server.port}/user", 1000)
    assert came == [None, None]
