"""X.509: the only code of control that reads, checks and makes certificates.

Everything behind these functions is a function of its arguments, but for the keys: their randomness is
the operating system's, since a key that a seed reproduces is none. Making a key or reading a long
revocation list takes a tenth of a second or more, so all of it is done in a thread: in one, so that many
requests for keys at once take one core from the event loop and not every core. There too the library is
imported with the first call: it is 8 MB and much of a start, and most starts need none of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

from tidegate.control.importing import late_module
from tidegate.control.pki.results import (
    BUNDLE_BYTES_MAX,
    COMMON_NAME_LENGTH_MAX,
    REVOCATION_LIST_BYTES_MAX,
    Facts,
    KeyedCertificate,
    RevocationList,
    UnusableCertificateError,
    UnusableTrustError,
)
from tidegate.domain.acm import CertificateAuthority
from tidegate.domain.elbv2 import LoginKeys

__all__ = [
    "BUNDLE_BYTES_MAX",
    "COMMON_NAME_LENGTH_MAX",
    "REVOCATION_LIST_BYTES_MAX",
    "Facts",
    "KeyedCertificate",
    "RevocationList",
    "UnusableCertificateError",
    "UnusableTrustError",
    "checked_bundle",
    "checked_revocation_list",
    "imported_certificate",
    "issue",
    "new_authority",
    "new_login_keys",
    "public_key",
]


_THREAD = ThreadPoolExecutor(1, thread_name_prefix="pki")


async def imported_certificate(
    certificate: bytes, private_key: bytes, chain: bytes | None, now: datetime
) -> KeyedCertificate:
    """The certificate if it, its key and its chain can be imported; raises UnusableCertificateError."""
    found: KeyedCertificate = await _run(
        "imports", "imported_certificate", certificate, private_key, chain, now
    )
    return found


async def new_authority(name: str, *, label: str, serial: int, now: datetime) -> CertificateAuthority:
    """A root certificate and its key. `label` tells it from the roots of other installations in a trust
    store's list; `name` is its row's."""
    made: CertificateAuthority = await _run(
        "authority", "new_authority", name, label=label, serial=serial, now=now
    )
    return made


async def issue(
    authority: CertificateAuthority, *, names: Sequence[str], key_algorithm: str, serial: int, now: datetime
) -> KeyedCertificate:
    """A server certificate for `names`, the first of which is its common name, with a key of its own."""
    given = {"names": names, "key_algorithm": key_algorithm, "serial": serial, "now": now}
    made: KeyedCertificate = await _run("authority", "issue", authority, **given)
    return made


async def new_login_keys(name: str, *, key_id: str, secret: str) -> LoginKeys:
    """The region's keys for users' sessions, with a signing key of their own; `name` is their row's."""
    made: LoginKeys = await _run("login_keys", "new_login_keys", name, key_id=key_id, secret=secret)
    return made


async def public_key(signing_key_pem: str) -> str:
    """PEM of the public half of a key."""
    found: str = await _run("login_keys", "public_key", signing_key_pem)
    return found


async def checked_bundle(content: bytes) -> str:
    """The text of a trust store's bundle, if load balancers take it; raises UnusableTrustError."""
    text: str = await _run("trust", "checked_bundle", content)
    return text


async def checked_revocation_list(content: bytes) -> RevocationList:
    """A trust store's revocation list; raises UnusableTrustError."""
    found: RevocationList = await _run("trust", "checked_revocation_list", content)
    return found


async def _run(module: str, function: str, *given: Any, **named: Any) -> Any:
    def work() -> Any:
        return getattr(late_module(f"{__name__}.{module}"), function)(*given, **named)

    return await asyncio.get_running_loop().run_in_executor(_THREAD, work)
