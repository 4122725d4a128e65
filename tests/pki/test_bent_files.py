"""Files with wrong bytes are taken or refused in words; nothing else is raised."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from tidegate.control.pki.imports import imported_certificate
from tidegate.control.pki.results import UnusableCertificateError, UnusableTrustError
from tidegate.control.pki.trust import checked_bundle, checked_revocation_list
from tidegate.testing.certificates import a_certificate, a_revocation_list, an_authority
from tidegate.testing.clock import EPOCH

ROOT = an_authority("Root")
LEAF = a_certificate("example.com", "*.example.com", issuer=ROOT)
RSA = a_certificate("example.com", key=rsa.generate_private_key(65537, 1024))
TRIES = 150


def _bent(pem: bytes, seed: str) -> Iterator[bytes]:
    """The file with one to four wrong bytes in what its block encodes, over and over."""
    first, *lines, last = pem.strip().split(b"\n")
    content = base64.b64decode(b"".join(lines))
    random = Random(seed)
    for _ in range(TRIES):
        changed = bytearray(content)
        for _ in range(random.choice([1, 1, 2, 4])):
            changed[random.randrange(len(changed))] = random.choice(
                [0, 1, 0x7F, 0x80, 0xFF, random.randrange(256)]
            )
        text = base64.encodebytes(bytes(changed)).replace(b"\n", b"")
        wrapped = b"\n".join(text[i : i + 64] for i in range(0, len(text), 64))
        yield b"\n".join([first, wrapped, last, b""])


CASES: list[tuple[str, bytes, Callable[[bytes], object]]] = [
    ("certificate", LEAF.pem, lambda file: imported_certificate(file, LEAF.key_pem, ROOT.pem, EPOCH)),
    ("rsa certificate", RSA.pem, lambda file: imported_certificate(file, RSA.key_pem, None, EPOCH)),
    ("chain", ROOT.pem, lambda file: imported_certificate(LEAF.pem, LEAF.key_pem, file, EPOCH)),
    ("key", LEAF.key_pem, lambda file: imported_certificate(LEAF.pem, file, ROOT.pem, EPOCH)),
    ("rsa key", RSA.key_pem, lambda file: imported_certificate(RSA.pem, file, None, EPOCH)),
    ("bundle", ROOT.pem, checked_bundle),
    ("revocation list", a_revocation_list(ROOT), checked_revocation_list),
]


@pytest.mark.filterwarnings("ignore:Parsed a serial number which wasn't positive")
@pytest.mark.parametrize(("name", "file", "take"), CASES, ids=[case[0] for case in CASES])
def test_a_bent_file_is_taken_or_refused(name: str, file: bytes, take: Callable[[bytes], object]) -> None:
    seen: Counter[str] = Counter()
    for bent in _bent(file, name):
        try:
            take(bent)
            seen["taken"] += 1
        except (UnusableCertificateError, UnusableTrustError):
            seen["refused"] += 1
    assert seen["refused"] > TRIES // 10
