"""The package as its callers see it."""

from __future__ import annotations

import subprocess
import sys

from tidegate.control import pki
from tidegate.testing.clock import EPOCH


async def test_an_issued_certificate_passes_the_checks_of_an_import() -> None:
    authority = await pki.new_authority("local", label="0a", serial=1, now=EPOCH)
    made = await pki.issue(
        authority, names=["example.com"], key_algorithm="EC_prime256v1", serial=2, now=EPOCH
    )
    given = await pki.imported_certificate(
        made.certificate_pem.encode(), made.private_key_pem.encode(), made.chain_pem.encode(), EPOCH
    )
    assert given == made
    assert await pki.checked_bundle(authority.certificate_pem.encode()) == authority.certificate_pem


def test_the_library_is_not_loaded_before_it_is_needed() -> None:
    """It would delay every start of control, and most starts need none of it."""
    code = "import sys, tidegate.control.issuing; print('cryptography' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
