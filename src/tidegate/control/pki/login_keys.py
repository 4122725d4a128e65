"""Keys for users' sessions at load balancers."""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from tidegate.domain.elbv2 import LoginKeys


def new_login_keys(name: str, *, key_id: str, secret: str) -> LoginKeys:
    """See the package. The signing key is of the kind that load balancers of AWS sign with: ES256."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return LoginKeys(name=name, key_id=key_id, secret=secret, signing_key_pem=pem)


def public_key(signing_key_pem: str) -> str:
    """See the package."""
    key = load_pem_private_key(signing_key_pem.encode(), password=None)
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
