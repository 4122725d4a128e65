"""TLS policies of listeners: protocols and ciphers (OpenSSL's names) by preference.

The order of ciphers is the load balancer's preference, not the client's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DEFAULT_SSL_POLICY = "ELBSecurityPolicy-2016-08"


@dataclass(frozen=True, slots=True)
class SslPolicy:
    """`protocols`: newest first, as in `TLSv1.2`."""

    name: str
    protocols: tuple[str, ...]
    ciphers: tuple[str, ...]

    @property
    def is_fips(self) -> bool:
        return "FIPS" in self.name


_TLS13 = ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256")
_FIPS13 = _TLS13[:2]
_GCM128 = ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256")
_GCM256 = ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384")
_CBC128 = ("ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256")
_CBC256 = ("ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384")
_SHA128 = ("ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA")
_SHA256 = ("ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA")

# With forward secrecy: GCM alone; with CBC and SHA-2; with SHA-1 too.
_GCM = (*_GCM128, *_GCM256)
_SHA2 = (*_GCM128, *_CBC128, *_GCM256, *_CBC256)
_SHA1 = (*_GCM128, *_CBC128, *_SHA128, *_GCM256, *_CBC256, *_SHA256)
# Without it.
_RSA_SHA2 = ("AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256")
_RSA_SHA1 = (*_RSA_SHA2[:2], "AES128-SHA", *_RSA_SHA2[2:], "AES256-SHA")

_VERSIONS = ("TLSv1.3", "TLSv1.2", "TLSv1.1", "TLSv1")
_ONLY_13, _FROM_12, _FROM_11, _FROM_10 = (_VERSIONS[:count] for count in (1, 2, 3, 4))
_ONLY_12, _11_TO_12, _10_TO_12 = (_VERSIONS[1:count] for count in (2, 3, 4))

_OLD = (*_SHA1, *_RSA_SHA1)
_PLAIN: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "2016-08": (_10_TO_12, _OLD),
    "2015-05": (_10_TO_12, _OLD),
    "TLS-1-0-2015-04": (_10_TO_12, (*_OLD, "DES-CBC3-SHA")),
    "TLS-1-1-2017-01": (_11_TO_12, _OLD),
    "TLS-1-2-2017-01": (_ONLY_12, (*_SHA2, *_RSA_SHA2)),
    "TLS-1-2-Ext-2018-06": (_ONLY_12, _OLD),
    "FS-2018-06": (_10_TO_12, _SHA1),
    "FS-1-1-2019-08": (_11_TO_12, _SHA1),
    "FS-1-2-2019-08": (_ONLY_12, _SHA1),
    "FS-1-2-Res-2019-08": (_ONLY_12, _SHA2),
    "FS-1-2-Res-2020-10": (_ONLY_12, _GCM),
    "TLS13-1-0-2021-06": (_FROM_10, (*_TLS13, *_OLD)),
    "TLS13-1-1-2021-06": (_FROM_11, (*_TLS13, *_OLD)),
    "TLS13-1-2-2021-06": (_FROM_12, (*_TLS13, *_SHA2)),
    "TLS13-1-2-Res-2021-06": (_FROM_12, (*_TLS13, *_GCM)),
    "TLS13-1-2-Ext1-2021-06": (_FROM_12, (*_TLS13, *_SHA2, *_RSA_SHA2)),
    "TLS13-1-2-Ext2-2021-06": (_FROM_12, (*_TLS13, *_OLD)),
    "TLS13-1-3-2021-06": (_ONLY_13, _TLS13),
    "TLS13-1-0-FIPS-2023-04": (_FROM_10, (*_FIPS13, *_OLD)),
    "TLS13-1-1-FIPS-2023-04": (_FROM_11, (*_FIPS13, *_OLD)),
    "TLS13-1-2-FIPS-2023-04": (_FROM_12, (*_FIPS13, *_SHA2)),
    "TLS13-1-2-Res-FIPS-2023-04": (_FROM_12, (*_FIPS13, *_GCM)),
    "TLS13-1-2-Ext0-FIPS-2023-04": (_FROM_12, (*_FIPS13, *_SHA1)),
    "TLS13-1-2-Ext1-FIPS-2023-04": (_FROM_12, (*_FIPS13, *_SHA2, *_RSA_SHA2)),
    "TLS13-1-2-Ext2-FIPS-2023-04": (_FROM_12, (*_FIPS13, *_OLD)),
    "TLS13-1-3-FIPS-2023-04": (_ONLY_13, _FIPS13),
}
# The policies with post-quantum key exchange have the protocols and ciphers of an older one.
_POST_QUANTUM = {
    "TLS13-1-0-PQ-2025-09": "TLS13-1-0-2021-06",
    "TLS13-1-2-PQ-2025-09": "TLS13-1-2-2021-06",
    "TLS13-1-2-Res-PQ-2025-09": "TLS13-1-2-Res-2021-06",
    "TLS13-1-2-Ext1-PQ-2025-09": "TLS13-1-2-Ext1-2021-06",
    "TLS13-1-2-Ext2-PQ-2025-09": "TLS13-1-2-Ext2-2021-06",
    "TLS13-1-3-PQ-2025-09": "TLS13-1-3-2021-06",
    "TLS13-1-2-FIPS-PQ-2025-09": "TLS13-1-2-FIPS-2023-04",
    "TLS13-1-2-Res-FIPS-PQ-2025-09": "TLS13-1-2-Res-FIPS-2023-04",
    "TLS13-1-2-Ext0-FIPS-PQ-2025-09": "TLS13-1-2-Ext0-FIPS-2023-04",
    "TLS13-1-2-Ext1-FIPS-PQ-2025-09": "TLS13-1-2-Ext1-FIPS-2023-04",
    "TLS13-1-2-Ext2-FIPS-PQ-2025-09": "TLS13-1-2-Ext2-FIPS-2023-04",
    "TLS13-1-3-FIPS-PQ-2025-09": "TLS13-1-3-FIPS-2023-04",
}


def _policies() -> dict[str, SslPolicy]:
    settings = {**_PLAIN, **{name: _PLAIN[older] for name, older in _POST_QUANTUM.items()}}
    named = ((f"ELBSecurityPolicy-{name}", setting) for name, setting in settings.items())
    return {name: SslPolicy(name, *setting) for name, setting in named}


SSL_POLICIES: Mapping[str, SslPolicy] = _policies()
