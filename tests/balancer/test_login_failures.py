"""Logins that do not end with a session, and what logs say of logins."""

from __future__ import annotations

import asyncio
import ssl
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.balancer.identity import action, browser, guarded, https, log_in, serve
from tests.balancer.lab import PORT, Lab
from tests.balancer.reports import Control

from tidegate.fleet.balancing import EdgeLog
from tidegate.testing.balancing.bucket_logs import entries
from tidegate.testing.identity_provider import IdentityProvider

pytestmark = pytest.mark.timeout(60)

FIRST = "AWSELBAuthSessionCookie-0"


async def begun(user: httpx.AsyncClient, target: str = "/") -> httpx.URL:
    """Where the provider sends the browser back to."""
    there = await user.get(target)
    back = await user.get(there.headers["location"])
    return httpx.URL(back.headers["location"])


async def test_a_login_ends_in_the_browser_that_began_it(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    back = await begun(user)
    async with browser(lab) as other:
        assert (await other.get(back)).status_code == 401
        await other.get("/")
        assert (await other.get(back)).status_code == 401
    for changed in (
        back.copy_remove_param("state"),
        back.copy_set_param("state", "x"),
        back.copy_set_param("state", back.params["state"][:-4] + "AAA="),
        back.copy_remove_param("code"),
    ):
        assert (await user.get(changed)).status_code == 401
    assert provider.asked("/token") == []
    assert (await user.get(back, follow_redirects=True)).text == "web"
    # Once more: the browser has no nonce any more.
    assert (await user.get(back)).status_code == 401


async def test_a_code_is_taken_once(lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient) -> None:
    await guarded(lab, provider)
    there = await user.get("/")
    nonce = user.cookies["AWSALBAuthNonce"]
    back = (await user.get(there.headers["location"])).headers["location"]
    assert (await user.get(back)).status_code == 302
    replayed = await user.get(back, headers={"cookie": f"AWSALBAuthNonce={nonce}"})
    assert replayed.status_code == 561
    assert "set-cookie" not in replayed.headers


async def test_a_nonce_that_no_balancer_gave_is_replaced_and_ends_no_login(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    odd = {"cookie": b"AWSALBAuthNonce=\xff\xfe"}
    there = await user.get("/", headers=odd)
    assert there.status_code == 302
    assert there.headers["set-cookie"].startswith("AWSALBAuthNonce=")
    back = (await user.get(there.headers["location"])).headers["location"]
    assert (await user.get(back, headers=odd)).status_code == 401
    assert (await user.get(back, follow_redirects=True)).text == "web"


async def test_logins_in_two_tabs_both_end(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    await guarded(lab, provider)
    one, other = await user.get("/one"), await user.get("/other")
    for there in (one, other):
        back = await user.get(there.headers["location"])
        nonce = user.cookies.get("AWSALBAuthNonce")
        answer = await user.get(back.headers["location"])
        assert answer.status_code == 302
        user.cookies.set("AWSALBAuthNonce", nonce or "", domain=lab.address)
    assert answer.headers["location"].endswith("/other")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"denies": "access_denied"}, 401),
        ({"denies": "server_error"}, 561),
        ({"faults": {"/token": (400, '{"error": "invalid_client"}')}}, 561),
        ({"faults": {"/token": (200, "<html>")}}, 561),
        ({"faults": {"/token": (200, '{"token_type": "Bearer"}')}}, 561),
        ({"faults": {"/token": (200, '{"access_token": "a\\r\\nx: y"}')}}, 561),
        ({"faults": {"/userinfo": (401, "{}")}}, 561),
        ({"faults": {"/userinfo": (200, "[]")}}, 561),
        ({"faults": {"/userinfo": (200, '{"sub": "another"}')}}, 561),
        ({"gives_id_tokens": False}, 401),
        ({"id_claims": {"aud": "another"}}, 401),
        ({"id_claims": {"iss": "https://other.test"}}, 401),
        ({"id_claims": {"exp": 1}}, 401),
        ({"id_claims": {"aud": ["another", "shop"]}}, 200),
    ],
)
@pytest.mark.proves("status:561")
async def test_what_goes_wrong_at_the_provider_is_told_apart(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient, fields: dict[str, Any], status: int
) -> None:
    for name, value in fields.items():
        setattr(provider, name, value)
    await guarded(lab, provider)
    answer = await log_in(user)
    assert answer.status_code == status
    assert answer.headers.get("tidegate-reason") is None
    assert (FIRST in user.cookies) == (status == 200)


async def test_a_provider_that_is_gone_or_slow_is_500(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    gone = {"token_endpoint": "https://127.0.0.1:9/token"}
    await guarded(lab, provider, **gone)
    assert (await log_in(user)).status_code == 500
    await guarded(lab, provider)
    provider.delays["/userinfo"] = 6
    began = time.monotonic()
    assert (await log_in(user)).status_code == 500
    assert time.monotonic() - began < 6


async def test_a_request_without_a_host_cannot_log_in(lab: Lab, provider: IdentityProvider) -> None:
    await guarded(lab, provider)
    reader, writer = await asyncio.open_connection(lab.address, PORT, ssl=browser_context())
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    assert (await reader.read()).split()[1] == b"401"
    writer.close()


def browser_context() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


async def test_a_session_that_fits_no_request_is_an_error(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    control = Control(lab)
    provider.user["note"] = "x" * 9000
    await guarded(lab, provider)
    assert (await log_in(user)).status_code == 500
    assert await control.total("ELBAuthUserClaimsSizeExceeded") == 1
    assert await control.total("ELBAuthSuccess") == 0


async def test_logins_fail_and_sessions_hold_while_the_balancer_is_away(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient, tmp_path: Path
) -> None:
    await guarded(lab, provider)
    await log_in(user)
    (tmp_path / "identity" / "sock").unlink()
    assert (await user.get("/")).text == "web"
    async with browser(lab) as stranger:
        assert (await stranger.get("/")).status_code == 500


async def test_access_logs_say_how_a_login_went(
    lab: Lab, provider: IdentityProvider, user: httpx.AsyncClient
) -> None:
    logs = (EdgeLog(kind="access", bucket="logs"),)
    await serve(lab, provider, https(authentication=action(provider)), logs=logs)
    await log_in(user)
    await user.get("/oauth2/idpresponse")
    bucket = lab.settings.data_dir / "s3" / "logs"
    await lab.until(lambda: len(entries(bucket)) >= 4, 15)
    begun, ended, seen, failed = entries(bucket)
    assert (begun["actions_executed"], begun["elb_status_code"]) == ("authenticate", "302")
    assert begun["redirect_url"].startswith(f"{provider.url}/authorize?client_id=shop&")
    assert ended["redirect_url"] == f"https://{lab.address}:{PORT}/"
    assert (seen["actions_executed"], seen["target_status_code"]) == ("authenticate,forward", "200")
    assert (failed["elb_status_code"], failed["error_reason"]) == ("401", "AuthMissingStateParam")
    for entry in (begun, ended, failed):
        assert (entry["target:port"], entry["target_status_code"]) == ("-", "-")
