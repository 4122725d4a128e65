"""Texts that browsers keep for the load balancer, and can neither read nor change: AES-256-GCM.

A sealed text is its nonce, its tag and its content, each in base64, joined by dots: HAProxy opens it with
its converters alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
_TAG_BYTES = 16


def state_key(secret: str, balancer_arn: str) -> bytes:
    """The key of what a browser carries to the provider and back."""
    return hmac.digest(secret.encode(), f"state\0{balancer_arn}".encode(), hashlib.sha256)


def seal(key: bytes, nonce: bytes, text: str) -> str:
    """`nonce`: NONCE_BYTES, never used before with this key."""
    sealed = AESGCM(key).encrypt(nonce, text.encode(), None)
    parts = (nonce, sealed[-_TAG_BYTES:], sealed[:-_TAG_BYTES])
    return ".".join(base64.b64encode(part).decode() for part in parts)


def unsealed(key: bytes, sealed: str) -> str | None:
    """None for what this key has not sealed."""
    try:
        nonce, tag, content = (base64.b64decode(part, validate=True) for part in sealed.split("."))
        return AESGCM(key).decrypt(nonce, content + tag, None).decode()
    except (ValueError, binascii.Error, InvalidTag):
        return None


def sealed_length(text_bytes: int) -> int:
    """How long a text of so many bytes is when it is sealed."""
    return sum(4 * ((length + 2) // 3) for length in (NONCE_BYTES, _TAG_BYTES, text_bytes)) + 2
