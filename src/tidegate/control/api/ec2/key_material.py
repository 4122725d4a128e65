"""Key pairs' keys and fingerprints, in the forms that EC2 gives them."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_ssh_public_key,
)

_RSA_BITS = 2048
_RSA_BITS_ACCEPTED = (1024, 2048, 4096)


class InvalidKeyError(Exception):
    """The text is not a public key that EC2 takes."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    key_type: str
    fingerprint: str
    text: str


@dataclass(frozen=True, slots=True)
class GeneratedKey:
    """`private_text` is handed out once and kept nowhere."""

    public: PublicKey
    private_text: str


def generate(key_type: str) -> GeneratedKey:
    """A new key. Its randomness is the operating system's, since a key that a seed reproduces is none.

    An RSA key takes some 100 ms: not on the event loop.
    """
    if key_type == "ed25519":
        private = Ed25519PrivateKey.generate()
        text = private.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
        public = private.public_key()
        return GeneratedKey(PublicKey(key_type, _ssh_fingerprint(public), _ssh_text(public)), text.decode())
    rsa = generate_private_key(public_exponent=65537, key_size=_RSA_BITS)
    der = rsa.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    text = rsa.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    # AWS fingerprints the private half of the keys that it makes, and the public half of imported ones.
    fingerprint = _colons(hashlib.sha1(der, usedforsecurity=False).hexdigest())
    return GeneratedKey(PublicKey("rsa", fingerprint, _ssh_text(rsa.public_key())), text.decode())


def imported(material: bytes) -> PublicKey:
    """A public key as users import it: OpenSSH text, or RSA in DER. Raises InvalidKeyError."""
    public = _loaded(material)
    if isinstance(public, Ed25519PublicKey):
        return PublicKey("ed25519", _ssh_fingerprint(public), _ssh_text(public))
    if isinstance(public, RSAPublicKey) and public.key_size in _RSA_BITS_ACCEPTED:
        der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        fingerprint = _colons(hashlib.md5(der, usedforsecurity=False).hexdigest())
        return PublicKey("rsa", fingerprint, _ssh_text(public))
    raise InvalidKeyError


def _loaded(material: bytes) -> object:
    try:
        if material.lstrip().startswith((b"ssh-", b"ecdsa-")):
            return load_ssh_public_key(material.strip())
        return load_der_public_key(base64.b64decode(material, validate=True))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise InvalidKeyError from error


def _ssh_text(public: RSAPublicKey | Ed25519PublicKey) -> str:
    return public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def _ssh_fingerprint(public: Ed25519PublicKey) -> str:
    blob = base64.b64decode(_ssh_text(public).split()[1])
    return base64.b64encode(hashlib.sha256(blob).digest()).decode()


def _colons(digest: str) -> str:
    return ":".join(digest[i : i + 2] for i in range(0, len(digest), 2))
