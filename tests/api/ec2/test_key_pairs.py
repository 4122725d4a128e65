"""Key pairs: real keys."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
    load_ssh_private_key,
)


def test_a_created_key_is_a_real_one_and_its_private_half_is_given_once(client: Any) -> None:
    created = client.create_key_pair(KeyName="ecs")
    private = load_pem_private_key(created["KeyMaterial"].encode(), None)
    assert private.key_size == 2048  # type: ignore[union-attr]
    assert len(created["KeyFingerprint"].split(":")) == 20
    (found,) = client.describe_key_pairs(KeyNames=["ecs"], IncludePublicKey=True)["KeyPairs"]
    assert found["KeyPairId"] == created["KeyPairId"]
    assert found["KeyFingerprint"] == created["KeyFingerprint"]
    public = private.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()
    assert found["PublicKey"] == public
    assert "KeyMaterial" not in found


def test_an_ed25519_key_comes_in_openssh_form(client: Any) -> None:
    created = client.create_key_pair(KeyName="ecs", KeyType="ed25519")
    assert isinstance(load_ssh_private_key(created["KeyMaterial"].encode(), None), Ed25519PrivateKey)
    assert client.describe_key_pairs()["KeyPairs"][0]["KeyType"] == "ed25519"


def test_an_imported_key_keeps_its_kind(client: Any) -> None:
    public = Ed25519PrivateKey.generate().public_key()
    text = public.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH) + b" me@example.org\n"
    imported = client.import_key_pair(KeyName="mine", PublicKeyMaterial=text)
    assert imported["KeyFingerprint"].endswith("=")
    assert client.describe_key_pairs(KeyNames=["mine"])["KeyPairs"][0]["KeyType"] == "ed25519"


@pytest.mark.parametrize("material", [b"nonsense", b"ssh-rsa AAAA", b"ecdsa-sha2-nistp256 AAAA"])
def test_what_is_no_key_is_not_imported(client: Any, refused: Any, material: bytes) -> None:
    with refused("InvalidKey.Format"):
        client.import_key_pair(KeyName="mine", PublicKeyMaterial=material)


def test_a_name_is_used_once(client: Any, refused: Any) -> None:
    client.create_key_pair(KeyName="ecs", KeyType="ed25519")
    with refused("InvalidKeyPair.Duplicate"):
        client.create_key_pair(KeyName="ecs", KeyType="ed25519")


def test_deleting_a_key_twice_succeeds(client: Any, refused: Any) -> None:
    client.create_key_pair(KeyName="ecs", KeyType="ed25519")
    client.delete_key_pair(KeyName="ecs")
    client.delete_key_pair(KeyName="ecs")
    with refused("InvalidKeyPair.NotFound"):
        client.describe_key_pairs(KeyNames=["ecs"])


def test_a_key_format_that_is_not_made_is_refused(client: Any, refused: Any) -> None:
    with refused("UnsupportedOperation"):
        client.create_key_pair(KeyName="ecs", KeyFormat="ppk")
