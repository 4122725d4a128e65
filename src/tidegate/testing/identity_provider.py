"""An OpenID Connect provider: a real HTTPS server on loopback that logs its one user in without asking.

A test changes what it does by its fields, and reads what it was asked in `requests`. To try logins by hand:
`python -m tidegate.testing.identity_provider FOLDER PORT`.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import ssl
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus, urlencode

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa

from tidegate.testing.certificates import a_certificate, an_authority

# The second is a name that glibc does not know, and a load balancer does.
HOST, OTHER_HOST = "localhost", "id.localhost"


@dataclass(frozen=True, slots=True)
class Asked:
    path: str
    query: Mapping[str, str]
    form: Mapping[str, str]
    authorization: str


@dataclass(slots=True)
class SigningKey:
    id: str
    key: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))

    @property
    def public(self) -> dict[str, Any]:
        described: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.key.public_key(), as_dict=True)
        return described | {"kid": self.id, "use": "sig", "alg": "RS256"}


@dataclass
class IdentityProvider:
    """`faults`: (status, body) by path, answered in place of what is right; `delays`: seconds by path.
    `denies`: the error that the user's browser comes back with."""

    user: dict[str, Any] = field(default_factory=lambda: {"sub": "u-1", "email": "ada@example.com"})
    client_id: str = "shop"
    client_secret: str = "a secret & more"
    access_seconds: int = 3600
    gives_refresh_tokens: bool = False
    gives_id_tokens: bool = True
    access_token_bytes: int = 32
    id_claims: dict[str, Any] = field(default_factory=dict)
    denies: str = ""
    faults: dict[str, tuple[int, str]] = field(default_factory=dict)
    delays: dict[str, float] = field(default_factory=dict)
    requests: list[Asked] = field(default_factory=list)
    keys: list[SigningKey] = field(default_factory=lambda: [SigningKey("key-1")])
    published: list[dict[str, Any]] | None = None
    port: int = 0
    authority_pem: str = ""

    def __post_init__(self) -> None:
        # What each code was issued for, and whose access and refresh tokens are good.
        self._codes: dict[str, Mapping[str, str]] = {}
        self._access: set[str] = set()
        self._refresh: set[str] = set()

    @property
    def url(self) -> str:
        return f"https://{HOST}:{self.port}"

    @property
    def jwks_url(self) -> str:
        return f"{self.url}/jwks"

    def rotate(self) -> SigningKey:
        """Sign with a new key; the set has the old ones too."""
        self.keys.append(SigningKey(f"key-{len(self.keys) + 1}"))
        return self.keys[-1]

    def token(self, key: SigningKey | None = None, headers: Any = None, **claims: Any) -> str:
        """An access token that is a JWT, good for five minutes unless `claims` say otherwise."""
        now = int(time.time())
        signer = key or self.keys[-1]
        known = {"iss": self.url, "exp": now + 300, "iat": now, **claims}
        present = {name: value for name, value in known.items() if value is not None}
        return jwt.encode(present, signer.key, "RS256", headers={"kid": signer.id, **(headers or {})})

    def asked(self, path: str) -> list[Asked]:
        return [one for one in self.requests if one.path == path]

    async def start(self, folder: Path, port: int = 0) -> None:
        """Serve until `stop`. `folder`: for its certificate, and that of the authority which issued it."""
        self._runner = web.AppRunner(self._application(), access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port, ssl_context=self._tls(folder))
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]

    async def stop(self) -> None:
        await self._runner.cleanup()

    def _tls(self, folder: Path) -> ssl.SSLContext:
        now = datetime.now(UTC).replace(microsecond=0)
        authority = an_authority("Provider CA")
        served = a_certificate(
            HOST, OTHER_HOST, issuer=authority, begins=now - timedelta(days=1), ends=now + timedelta(days=1)
        )
        self.authority_pem = authority.pem.decode()
        (folder / "authority.pem").write_bytes(authority.pem)
        path = folder / "provider.pem"
        path.write_bytes(served.pem + served.key_pem)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(path)
        return context

    def _application(self) -> web.Application:
        application = web.Application(middlewares=[self._noted])
        application.add_routes(
            [
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
                web.get("/userinfo", self._user_info),
                web.get("/jwks", self._jwks),
            ]
        )
        return application

    @web.middleware
    async def _noted(self, request: web.Request, handler: Any) -> web.StreamResponse:
        form = {key: str(value) for key, value in (await request.post()).items()}
        authorization = request.headers.get("Authorization", "")
        self.requests.append(Asked(request.path, dict(request.query), form, authorization))
        await asyncio.sleep(self.delays.get(request.path, 0))
        if request.path in self.faults:
            status, body = self.faults[request.path]
            return web.Response(status=status, text=body, content_type="application/json")
        answer: web.StreamResponse = await handler(request)
        return answer

    async def _authorize(self, request: web.Request) -> web.Response:
        query = request.query
        if query["client_id"] != self.client_id or query["response_type"] != "code":
            return web.Response(status=400)
        if self.denies:
            result = {"error": self.denies, "state": query["state"]}
        else:
            code = secrets.token_hex(8)
            self._codes[code] = dict(query)
            result = {"code": code, "state": query["state"]}
        return web.Response(status=302, headers={"Location": f"{query['redirect_uri']}?{urlencode(result)}"})

    async def _token(self, request: web.Request) -> web.Response:
        form = self.requests[-1].form
        if not self._is_client(request, form):
            return web.json_response({"error": "invalid_client"}, status=401)
        if form["grant_type"] == "client_credentials":
            token = self.token(sub=self.client_id, scope=form.get("scope", ""))
            return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": 300})
        if form["grant_type"] == "refresh_token":
            is_good = form.get("refresh_token") in self._refresh
        else:
            begun = self._codes.pop(form.get("code", ""), None)
            is_good = begun is not None and begun["redirect_uri"] == form["redirect_uri"]
        if not is_good:
            return web.json_response({"error": "invalid_grant"}, status=400)
        return web.json_response(self._tokens())

    def _is_client(self, request: web.Request, form: Mapping[str, str]) -> bool:
        given = (form.get("client_id"), form.get("client_secret", ""))
        kind, _, encoded = request.headers.get("Authorization", "").partition(" ")
        if kind == "Basic":
            name, _, secret = base64.b64decode(encoded).decode().partition(":")
            given = (unquote_plus(name), unquote_plus(secret))
        return given == (self.client_id, self.client_secret)

    def _tokens(self) -> dict[str, Any]:
        access = secrets.token_hex(self.access_token_bytes // 2)
        self._access.add(access)
        tokens = {"access_token": access, "token_type": "Bearer", "expires_in": self.access_seconds}
        if self.gives_id_tokens:
            claims = {"sub": self.user["sub"], "aud": self.client_id, **self.id_claims}
            tokens["id_token"] = self.token(**claims)
        if self.gives_refresh_tokens:
            self._refresh = {secrets.token_hex(16)}
            tokens["refresh_token"] = next(iter(self._refresh))
        return tokens

    async def _user_info(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self._access:
            return web.json_response({"error": "invalid_token"}, status=401)
        return web.json_response(self.user)

    async def _jwks(self, _: web.Request) -> web.Response:
        keys = self.published if self.published is not None else [one.public for one in self.keys]
        return web.json_response({"keys": keys})


async def _serve(folder: Path, port: int) -> None:
    provider = IdentityProvider(client_secret="a-secret")
    await provider.start(folder, port)
    print(f"{provider.url}: client {provider.client_id}, secret {provider.client_secret}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    _folder = Path(sys.argv[1])
    _folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(_serve(_folder, int(sys.argv[2])))
