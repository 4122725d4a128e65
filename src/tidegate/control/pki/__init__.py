"""X.509: the only code of control that reads, checks and makes certificates.

Everything here is a function of its arguments, but for the keys: their randomness is the operating
system's, since a key that a seed reproduces is none. Reading and signing take a millisecond, an RSA key
a tenth of a second or more: callers on the event loop use a thread.
"""

from __future__ import annotations

from tidegate.control.pki.authority import Issued, issue, new_authority
from tidegate.control.pki.imports import ImportedCertificate, imported_certificate
from tidegate.control.pki.reading import Facts, UnusableCertificateError

__all__ = [
    "Facts",
    "ImportedCertificate",
    "Issued",
    "UnusableCertificateError",
    "imported_certificate",
    "issue",
    "new_authority",
]
