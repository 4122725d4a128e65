"""The ACM front end: certificates imported, or issued at once by the installation's own authority."""

from __future__ import annotations

from tidegate.control.api.acm import certificates, imports, listing, requests, tags
from tidegate.wire import FrontEnd

_NO_ACME = "Tidegate has no ACME endpoints."
_NO_EVENTS = "The configuration sets when expiry events are sent, and Tidegate sends none."

FRONT_END = FrontEnd(
    service="acm",
    operations={
        **imports.OPERATIONS,
        **requests.OPERATIONS,
        **certificates.OPERATIONS,
        **listing.OPERATIONS,
        **tags.OPERATIONS,
    },
    refusals={
        "ExportCertificate": "Private keys do not leave Tidegate.",
        "GetAccountConfiguration": _NO_EVENTS,
        "PutAccountConfiguration": _NO_EVENTS,
        "RevokeCertificate": "Tidegate's authority publishes no revocation list.",
        "SearchCertificates": "Use ListCertificates.",
        "ListCertificateDomainValidations": "Use DescribeCertificate.",
        **dict.fromkeys(("TagResource", "UntagResource", "ListTagsForResource"), _NO_ACME),
    },
)

__all__ = ["FRONT_END"]
