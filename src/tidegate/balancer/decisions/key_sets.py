"""Sets of keys of token issuers: when they are fetched, and which are in force.

A set that cannot be had leaves the one before in force: an issuer that is away for a while locks out nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

BYTES_MAX = 150 * 1024

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


def is_due(known: KeySet, now: float) -> bool:
    """Whether a set is to be fetched by itself."""
    if known.asked_at is None:
        return True
    return now - known.asked_at >= (RETRY_SECONDS if known.fault else REFRESH_SECONDS)


def may_ask(known: KeySet, now: float) -> bool:
    """Whether a set is to be fetched because a token names a key that is not in it."""
    return known.asked_at is None or now - known.asked_at >= ASK_AGAIN_SECONDS


def answered(keys: Keys, now: float) -> KeySet:
    """A set after an answer."""
    return KeySet(keys=keys, asked_at=now)


def failed(known: KeySet, fault: str, now: float) -> KeySet:
    """A set after an attempt that brought nothing."""
    return replace(known, asked_at=now, fault=fault)
