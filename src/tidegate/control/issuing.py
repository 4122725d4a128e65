"""Issues certificates from the installation's own authority, which is made at first use and kept; so are the
keys for users' sessions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from tidegate.control.decisions.certificates import is_authority_fit
from tidegate.control.pki import KeyedCertificate, issue, new_authority, new_login_keys
from tidegate.control.store import Store, Transaction
from tidegate.control.store.tables import CERTIFICATE_AUTHORITIES, LOGIN_KEYS
from tidegate.domain.acm import Certificate, CertificateAuthority
from tidegate.domain.elbv2 import LoginKeys
from tidegate.domain.ids import Ids

_NAME = "local"


async def authority(store: Store, ids: Ids, now: datetime) -> CertificateAuthority:
    """The authority that issues now, durable before anything of it is shown."""
    known = store.snapshot.get(CERTIFICATE_AUTHORITIES, _NAME)
    if known is not None and is_authority_fit(known, now):
        return known
    made = await new_authority(_NAME, label=ids.hex(8), serial=new_serial(ids), now=now)

    def keep(tx: Transaction) -> CertificateAuthority:
        # Another request may have been first.
        found = tx.get(CERTIFICATE_AUTHORITIES, _NAME)
        if found is not None and is_authority_fit(found, now):
            return found
        tx.put(CERTIFICATE_AUTHORITIES, made)
        return made

    return await store.transact(keep)


async def login_keys(store: Store, ids: Ids) -> LoginKeys:
    """The keys that load balancers keep users' sessions with, durable before a listener needs them."""
    known = store.snapshot.get(LOGIN_KEYS, _NAME)
    if known is not None:
        return known
    made = await new_login_keys(_NAME, key_id=ids.uuid(), secret=ids.hex(64))

    def keep(tx: Transaction) -> LoginKeys:
        # Another request may have been first.
        found = tx.get(LOGIN_KEYS, _NAME)
        if found is not None:
            return found
        tx.put(LOGIN_KEYS, made)
        return made

    return await store.transact(keep)


async def issued(
    store: Store, ids: Ids, names: Sequence[str], key_algorithm: str, now: datetime
) -> KeyedCertificate:
    """A new certificate for `names`."""
    issuer = await authority(store, ids, now)
    return await issue(issuer, names=names, key_algorithm=key_algorithm, serial=new_serial(ids), now=now)


def renewed(row: Certificate, new: KeyedCertificate, now: datetime) -> Certificate:
    """The row with its next certificate, under the same ARN and for the same names."""
    return replace(
        row,
        certificate_pem=new.certificate_pem,
        chain_pem=new.chain_pem,
        private_key_pem=new.private_key_pem,
        not_before=new.facts.not_before,
        not_after=new.facts.not_after,
        details=new.facts.details,
        renewed_at=now,
    )


def new_serial(ids: Ids) -> int:
    """124 random bits, the first of them set: positive, and within the 20 octets that X.509 allows."""
    return int("1" + ids.hex(30), 16)
