"""What HAProxy asks the balancer: about tokens by keys that it does not have, to log a user in, to refresh a
session. The first and the last are asked by scripts, which wait for the answer; a login is a request that
HAProxy sends here as it is, with what it is about in headers of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import parse_qsl

import structlog
from aiohttp import web

from tidegate.balancer.decisions.configuration import HEADER_KIB_MAX
from tidegate.balancer.decisions.configuration.answers import LOCATION_BYTES_MAX
from tidegate.balancer.decisions.json_web_keys import is_signed, key_id_of
from tidegate.balancer.decisions.logins.faults import LoginFailedError
from tidegate.balancer.decisions.logins.sessions import NONCE_COOKIE, cookies_of, nonce_cookie
from tidegate.balancer.decisions.logins.tally import LoginTally
from tidegate.balancer.decisions.pages import page
from tidegate.balancer.identity.asked import Asked
from tidegate.balancer.identity.key_keeper import KeyKeeper
from tidegate.balancer.identity.logins import Logins
from tidegate.balancer.identity.provider import Providers
from tidegate.fleet.balancing import EdgeTokenValidation

# What HAProxy takes of a request at most, and sends here in its headers or in a body.
_BYTES_MAX = (HEADER_KIB_MAX + 1) * 1024

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def serving(
    socket: Path, asked: Asked, keeper: KeyKeeper, providers: Providers, tally: LoginTally
) -> AsyncIterator[None]:
    """Serve at a socket; one that an earlier balancer has left there goes."""
    logins = Logins(asked.logins.get, lambda: asked.login_keys, providers, tally)
    service = _Service(asked, keeper, logins)
    application = web.Application(client_max_size=_BYTES_MAX)
    application.add_routes(
        [
            web.post("/tokens/{check}", service.token),
            web.post("/sessions/{login}", service.session),
            web.route("*", "/login", service.login),
            web.route("*", "/callback", service.callback),
        ]
    )
    runner = web.AppRunner(application, access_log=None, max_line_size=_BYTES_MAX, max_field_size=_BYTES_MAX)
    await runner.setup()
    try:
        await web.UnixSite(runner, socket).start()
        yield
    finally:
        await runner.cleanup()


class _Service:
    def __init__(self, asked: Asked, keeper: KeyKeeper, logins: Logins) -> None:
        self._asked = asked
        self._keeper = keeper
        self._logins = logins

    async def token(self, request: web.Request) -> web.Response:
        """Whether a token's signature is good: `good`, or the reason why not."""
        validation = self._asked.validations.get(request.match_info["check"])
        if validation is None:
            return web.Response(text="JWKSNotKnown")
        return web.Response(text=await self._judged(validation, await request.read()))

    async def _judged(self, validation: EdgeTokenValidation, token: bytes) -> str:
        try:
            key_id = key_id_of(token)
        except ValueError:
            return "JWTRequestFormatInvalid"
        pem, fault = await self._keeper.find(validation.jwks_endpoint, key_id)
        if pem is not None:
            return "good" if is_signed(token, pem) else "JWTSignatureValidationError"
        return "JWKSRequestFailed" if fault else "JWTSignatureValidationError"

    async def session(self, request: web.Request) -> web.Response:
        """A session whose claims are to be asked for again: its new text, and values of Set-Cookie, a line
        each."""
        text = (await request.read()).decode()
        try:
            lines = await self._logins.refresh(_balancer(request), request.match_info["login"], text)
        except LoginFailedError as error:
            _log.info("session not refreshed", reason=error.reason)
            return web.Response(status=401, text=error.reason)
        return web.Response(text="\n".join(lines))

    async def login(self, request: web.Request) -> web.Response:
        """The way to the provider."""
        try:
            url, nonce = self._logins.begin(
                _balancer(request),
                request.headers.get("tidegate-login", ""),
                host=_host(request),
                target=request.headers.get("tidegate-target", "/"),
                nonce=_cookies(request).get(NONCE_COOKIE),
                is_cross_site="Origin" in request.headers,
            )
        except LoginFailedError as error:
            return _refusal(error)
        return _redirect(url, [nonce])

    async def callback(self, request: web.Request) -> web.Response:
        """The way back: a session, and what the user asked for at first."""
        try:
            host = _host(request)
            state, cookies = await self._logins.complete(
                _balancer(request),
                host=host,
                query=_query(request),
                cookies=_cookies(request),
            )
        except LoginFailedError as error:
            return _refusal(error)
        return _redirect(f"https://{host}{state.target}", [*cookies, nonce_cookie("", 0)])


def _balancer(request: web.Request) -> str:
    return request.headers.get("tidegate-balancer", "")


def _host(request: web.Request) -> str:
    """Raises LoginFailedError for a request that says none."""
    host = request.headers.get("tidegate-host", "")
    if not host:
        raise LoginFailedError(401, "AuthMissingHostHeader")
    return host


def _cookies(request: web.Request) -> Mapping[str, str]:
    return cookies_of(request.headers.get("Cookie", ""))


def _query(request: web.Request) -> Mapping[str, str]:
    """Of what the browser asked for: here the path says what is to be done."""
    target = request.headers.get("tidegate-target", "")
    return dict(parse_qsl(target.partition("?")[2]))


def _refusal(error: LoginFailedError) -> web.Response:
    _log.info("login refused", status=error.status, reason=error.reason)
    return _answer(error.status, {"tidegate-reason": error.reason})


def _redirect(url: str, cookies: list[str]) -> web.Response:
    if len(url) > LOCATION_BYTES_MAX:
        return _answer(507, {})
    answer = _answer(302, {"Location": url})
    for cookie in cookies:
        answer.headers.add("Set-Cookie", cookie)
    return answer


def _answer(status: int, headers: Mapping[str, str]) -> web.Response:
    own = {"Server": "awselb/2.0", "Cache-Control": "no-store", **headers}
    return web.Response(status=status, text=page(status), content_type="text/html", headers=own)
