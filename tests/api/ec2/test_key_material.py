"""Fingerprints, against OpenSSH's and OpenSSL's own."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tidegate.control.api.ec2.key_material import imported

# Made by `ssh-keygen -t ed25519`; the fingerprint is what `ssh-keygen -l` prints, less its padding.
ED25519 = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f test"


def test_an_ed25519_key_has_the_fingerprint_of_its_ssh_form() -> None:
    found = imported(ED25519)
    assert found.key_type == "ed25519"
    assert len(found.fingerprint) == 44
    assert found.text.split()[:2] == ED25519.decode().split()[:2]


def test_an_imported_rsa_key_has_the_md5_of_its_public_half() -> None:
    public = generate_private_key(public_exponent=65537, key_size=2048).public_key()
    found = imported(public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH))
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert found.fingerprint.replace(":", "") == hashlib.md5(der, usedforsecurity=False).hexdigest()
