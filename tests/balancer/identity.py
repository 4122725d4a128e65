"""What the tests of logins and tokens share: HTTPS listeners that ask an identity provider, and a client."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from tests.balancer.lab import PORT, Lab, forward, listener

from tidegate.fleet.balancing import (
    EdgeAction,
    EdgeAuthentication,
    EdgeCertificate,
    EdgeListener,
    EdgeLoginKeys,
    EdgeRule,
    EdgeTls,
)
from tidegate.testing.certificates import a_certificate
from tidegate.testing.identity_provider import IdentityProvider

NOW = datetime.now(UTC).replace(microsecond=0)
_PAIR = a_certificate("shop.test", begins=NOW - timedelta(days=1), ends=NOW + timedelta(days=1))
CERTIFICATE = EdgeCertificate(
    arn="arn:aws:acm:us-east-1:0:certificate/shop", pem=(_PAIR.pem + _PAIR.key_pem).decode()
)
TLS = EdgeTls(
    certificates=(CERTIFICATE.arn,),
    policy="p",
    protocols=("TLSv1.3", "TLSv1.2"),
    ciphers=("TLS_AES_128_GCM_SHA256", "ECDHE-ECDSA-AES128-GCM-SHA256"),
)

SIGNING_KEY = ec.generate_private_key(ec.SECP256R1())
LOGIN_KEYS = EdgeLoginKeys(
    secret="a secret",
    key_id="key-of-the-region",
    signing_key_pem=SIGNING_KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
)


def https(*rules: EdgeRule, default: EdgeAction | None = None, **of_default: Any) -> EdgeListener:
    """A listener; its default rule with these fields."""
    made = listener(*rules, default=default or forward("web"), protocol="HTTPS", tls=TLS)
    *others, last = made.rules
    return EdgeListener(
        arn=made.arn,
        port=made.port,
        protocol="HTTPS",
        tls=TLS,
        rules=(
            *others,
            EdgeRule(arn=last.arn, action=last.action, **of_default),
        ),
    )


async def serve(lab: Lab, provider: IdentityProvider, *listeners: EdgeListener, **attributes: Any) -> None:
    """Have a load balancer with these listeners, which trusts the provider, and a healthy target."""
    document = {
        "certificates": (CERTIFICATE,),
        "authority_pem": provider.authority_pem,
        "login_keys": LOGIN_KEYS,
    }
    await lab.edge(*listeners, document=document, **attributes)


@asynccontextmanager
async def providing(folder: Path, **fields: Any) -> AsyncIterator[IdentityProvider]:
    provider = IdentityProvider(**fields)
    await provider.start(folder)
    try:
        yield provider
    finally:
        await provider.stop()


def browser(lab: Lab, **more: Any) -> httpx.AsyncClient:
    """A client with a cookie jar."""
    return httpx.AsyncClient(base_url=f"https://{lab.address}:{PORT}", verify=False, timeout=20, **more)


def action(provider: IdentityProvider, **more: Any) -> EdgeAuthentication:
    return EdgeAuthentication(
        **{
            "issuer": provider.url,
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{provider.url}/token",
            "user_info_endpoint": f"{provider.url}/userinfo",
            "client_id": provider.client_id,
            "client_secret": provider.client_secret,
            **more,
        }
    )


async def guarded(lab: Lab, provider: IdentityProvider, **more: Any) -> None:
    await serve(lab, provider, https(authentication=action(provider, **more)))


async def log_in(user: httpx.AsyncClient, target: str = "/") -> httpx.Response:
    return await user.get(target, follow_redirects=True)
