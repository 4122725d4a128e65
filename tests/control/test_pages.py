"""The pages beside AWS's protocols: who is served what, and who is turned away."""

from __future__ import annotations

import ssl
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from tidegate.control.issuing import login_keys
from tidegate.control.login_key_page import LOGIN_KEY_PREFIX, LoginKeyPage
from tidegate.control.pages import AuthorityPage, Pages
from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.tables import ALL, CERTIFICATE_AUTHORITIES
from tidegate.fleet.hosting import AUTHORITY_PATH
from tidegate.testing.clock import FakeClock
from tidegate.testing.ids import SeededIds
from tidegate.wire.sigv4 import sign_headers

KEY, SECRET = "AKIATEST", "secret"
HOST = "127.0.0.1:7400"


async def _ask(
    application: Any, path: str, headers: dict[str, str] | None = None, method: str = "GET"
) -> tuple[int, bytes]:
    sent: list[Any] = []
    fields = {"host": HOST, **(headers or {})}
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": b"",
        "headers": [(name.lower().encode(), value.encode()) for name, value in fields.items()],
    }

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("a GET has no body")

    await application(scope, receive, send)
    return sent[0]["status"], sent[1]["body"]


def _signed(clock: FakeClock, path: str = AUTHORITY_PATH, service: str = "tidegate") -> dict[str, str]:
    return sign_headers(
        method="GET",
        host=HOST,
        path=path,
        service=service,
        region="us-east-1",
        access_key_id=KEY,
        secret_key=SECRET,
        now=clock.now(),
    )


def _says(name: str) -> Any:
    async def application(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": name.encode()})

    return application


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/fleet/status", b"status"),
        ("POST", "/fleet/status", b"aws"),
        ("GET", "/fleet/status/", b"aws"),
        ("GET", "/fleet/truststore/a/1/ca-certificates.pem", b"stores"),
        ("POST", "/fleet/truststore/a/1/ca-certificates.pem", b"aws"),
        ("GET", "/fleet/truststore", b"aws"),
        ("POST", "/", b"aws"),
    ],
)
async def test_a_page_is_found_by_its_path_and_all_else_is_awss(
    method: str, path: str, expected: bytes
) -> None:
    pages = Pages(
        {"/fleet/status": _says("status")}, {"/fleet/truststore/": _says("stores")}, otherwise=_says("aws")
    )
    assert await _ask(pages, path, method=method) == (200, expected)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def store() -> Store:
    return Store(MemoryDatabase(), ALL)


@pytest.fixture
def page(store: Store, clock: FakeClock) -> AuthorityPage:
    return AuthorityPage(store=store, ids=SeededIds(), clock=clock, credentials={KEY: SECRET})


async def test_the_root_is_made_when_it_is_first_asked_for_and_kept(
    page: AuthorityPage, store: Store, clock: FakeClock
) -> None:
    status, content = await _ask(page, AUTHORITY_PATH, _signed(clock))
    assert status == 200
    assert content.startswith(b"-----BEGIN CERTIFICATE-----\n")
    assert b"PRIVATE" not in content
    ssl.create_default_context(cadata=content.decode())
    assert await _ask(page, AUTHORITY_PATH, _signed(clock)) == (200, content)
    (kept,) = store.snapshot.all(CERTIFICATE_AUTHORITIES)
    assert kept.certificate_pem.encode() == content


async def test_who_does_not_sign_for_us_gets_nothing_and_makes_nothing(
    page: AuthorityPage, store: Store, clock: FakeClock
) -> None:
    for headers in (None, _signed(clock, service="ecs"), _signed(clock, path="/other")):
        status, content = await _ask(page, AUTHORITY_PATH, headers)
        assert status == 403
        assert b"CERTIFICATE" not in content
    assert list(store.snapshot.all(CERTIFICATE_AUTHORITIES)) == []


async def test_anyone_may_have_the_key_that_tells_of_users(store: Store) -> None:
    keys = await login_keys(store, SeededIds(1))
    assert await login_keys(store, SeededIds(2)) == keys
    page = LoginKeyPage(store=store)
    status, content = await _ask(page, f"{LOGIN_KEY_PREFIX}{keys.key_id}")
    assert status == 200
    public = load_pem_public_key(content)
    private = load_pem_private_key(keys.signing_key_pem.encode(), None)
    assert public == private.public_key()
    assert (await _ask(page, f"{LOGIN_KEY_PREFIX}another"))[0] == 404
