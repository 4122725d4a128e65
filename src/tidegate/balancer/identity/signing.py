"""Signatures of the load balancer's own."""

from __future__ import annotations

from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key


def sign(key_pem: str, content: str) -> tuple[int, int]:
    """The two numbers of an ECDSA signature on P-256 with SHA-256."""
    return decode_dss_signature(_key(key_pem).sign(content.encode(), ec.ECDSA(SHA256())))


@lru_cache(maxsize=4)
def _key(pem: str) -> ec.EllipticCurvePrivateKey:
    key = load_pem_private_key(pem.encode(), password=None)
    assert isinstance(key, ec.EllipticCurvePrivateKey), "control makes no others"
    return key
