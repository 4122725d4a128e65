"""Sets of keys of token issuers (JSON Web Key Sets): what one says, and when it is fetched.

A set that cannot be had leaves the one before in force: an issuer that is away for a while locks out nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

BYTES_MAX = 150 * 1024
KEYS_MAX = 10
# HAProxy compares signatures of shorter keys too, and RFC 7518 has none.
_KEY_BITS_MIN = 2048

REFRESH_SECONDS = 300.0
RETRY_SECONDS = 15.0
# Whoever sends tokens with made-up key ids must not make the issuer's requests.
ASK_AGAIN_SECONDS = 10.0

# PEM of RSA public keys by their ids; one without an id is the only one of its set, under "".
Keys = Mapping[str, str]


class UnfitKeysError(Exception):
    """An issuer's answer is no set of keys, or a larger one than a load balancer takes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySet:
    """`keys` None: there never was an answer. `asked_at`: of the last attempt, `fault` what came of it; empty
    when it brought keys."""

    keys: Keys | None = None
    asked_at: float | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class _Set:
    keys: list[dict[str, Any]] = field(default_factory=list)


def read_keys(content: bytes) -> Keys:
    """The keys of a set that can check RS256. Raises UnfitKeysError."""
    if len(content) > BYTES_MAX:
        raise UnfitKeysError(f"more than {BYTES_MAX} bytes")
    try:
        found = msgspec.json.decode(content, type=_Set).keys
    except msgspec.DecodeError as error:
        raise UnfitKeysError("no set of keys") from error
    if len(found) > KEYS_MAX:
        raise UnfitKeysError(f"more than {KEYS_MAX} keys")
    return dict(_usable(found))


def _usable(keys: list[dict[str, Any]]) -> Iterable[tuple[str, str]]:
    for one in keys:
        key_id = one.get("kid", "" if len(keys) == 1 else None)
        if not isinstance(key_id, str) or one.get("use", "sig") != "sig":
            continue
        pem = _pem(one)
        if pem is not None:
            yield key_id, pem


def _pem(one: Mapping[str, Any]) -> str | None:
    """None for keys of other kinds: sets may hold them."""
    if one.get("kty") != "RSA" or one.get("alg", "RS256") != "RS256":
        return None
    try:
        key = jwt.PyJWK(dict(one), algorithm="RS256").key
    except jwt.PyJWTError:
        return None
    if not isinstance(key, RSAPublicKey) or key.key_size < _KEY_BITS_MIN:
        return None
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def is_signed(token: bytes, pem: str) -> bool:
    """Whether a token is signed with RS256 by this key. Nothing of what it claims is looked at."""
    try:
        jwt.PyJWS().decode(token, pem, algorithms=["RS256"])
    except jwt.PyJWTError:
        return False
    return True


def key_id_of(token: bytes) -> str:
    """The id of the key that a token says it is signed by, "" when it says none. Raises ValueError."""
    try:
        key_id = jwt.get_unverified_header(token).get("kid", "")
    except jwt.PyJWTError as error:
        raise ValueError("no token") from error
    return str(key_id)


def is_due(known: KeySet, now: float) -> bool:
    """Whether a set is to be fetched by itself."""
    if known.asked_at is None:
        return True
    return now - known.asked_at >= (RETRY_SECONDS if known.fault else REFRESH_SECONDS)


def may_ask(known: KeySet, now: float) -> bool:
    """Whether a set is to be fetched because a token names a key that is not in it."""
    return known.asked_at is None or now - known.asked_at >= ASK_AGAIN_SECONDS


def answered(known: KeySet, content: bytes, now: float) -> KeySet:
    """A set after an answer."""
    try:
        return KeySet(keys=read_keys(content), asked_at=now)
    except UnfitKeysError as error:
        return failed(known, str(error), now)


def failed(known: KeySet, fault: str, now: float) -> KeySet:
    """A set after an attempt that brought nothing."""
    return replace(known, asked_at=now, fault=fault)
