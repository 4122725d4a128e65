"""What a set of keys says (JSON Web Key Set), and whether a token is signed by one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tidegate.balancer.decisions.key_sets import BYTES_MAX, Keys, UnfitKeysError

KEYS_MAX = 10
# HAProxy compares signatures of shorter keys too, and RFC 7518 has none.
_KEY_BITS_MIN = 2048


@dataclass(frozen=True, slots=True)
class _Set:
    keys: list[dict[str, Any]]


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
