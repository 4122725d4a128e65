"""The revocation lists of trust stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.elbv2.trust_store_content import (
    UNVERSIONED,
    content_link,
    read_revocation_list,
    revocation_path,
    trust_store,
)
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TRUST_STORES
from tidegate.domain.elbv2 import Revocation, TrustStore
from tidegate.wire import Call, Fault, Operation

LISTS_MAX = 30
REVOKED_ENTRIES_MAX = 500_000


@honours("TrustStoreArn", "RevocationContents")
async def add_revocations(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Add every list of the request, or none."""
    given = call.parameters.get("RevocationContents")
    if not given:
        raise faults.invalid("Revocation contents must be specified")
    arn = trust_store(context.store.snapshot, call.parameters["TrustStoreArn"]).arn
    _check_sources(given)
    lists = [await read_revocation_list(context, one["S3Bucket"], one["S3Key"]) for one in given]

    def add(tx: Transaction) -> list[Revocation]:
        row = trust_store(tx, arn)
        added = [
            Revocation(id=number, crl_pem=one.pem, number_of_revoked_entries=one.number_of_entries)
            for number, one in enumerate(lists, start=row.last_revocation_id + 1)
        ]
        row = replace(row, revocations=(*row.revocations, *added), last_revocation_id=added[-1].id)
        _check_count(row)
        tx.put(TRUST_STORES, row)
        return added

    added = await context.store.transact(add)
    return {"TrustStoreRevocations": [view(arn, revocation) for revocation in added]}


@honours("TrustStoreArn", "RevocationIds")
async def remove_revocations(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def remove(tx: Transaction) -> None:
        row = trust_store(tx, call.parameters["TrustStoreArn"])
        gone = {_revocation(row, number).id for number in call.parameters["RevocationIds"]}
        kept = tuple(revocation for revocation in row.revocations if revocation.id not in gone)
        tx.put(TRUST_STORES, replace(row, revocations=kept))

    await context.store.transact(remove)
    return {}


@honours("TrustStoreArn", "RevocationIds", "Marker", "PageSize")
async def describe_revocations(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = trust_store(context.store.snapshot, call.parameters["TrustStoreArn"])
    ids = call.parameters.get("RevocationIds")
    found = [_revocation(row, number) for number in dict.fromkeys(ids)] if ids else row.revocations
    # Padded, so that texts sort as their numbers do.
    page, marker = finding.page(found, call.parameters, lambda revocation: f"{revocation.id:020}")
    return {"TrustStoreRevocations": [view(row.arn, one) for one in page], "NextMarker": marker}


@honours("TrustStoreArn", "RevocationId")
async def get_revocation_content(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = trust_store(context.store.snapshot, call.parameters["TrustStoreArn"])
    revocation = _revocation(row, call.parameters["RevocationId"])
    return {"Location": content_link(context, call, revocation_path(row.arn, revocation.id))}


def view(arn: str, revocation: Revocation) -> dict[str, Any]:
    return {
        "TrustStoreArn": arn,
        "RevocationId": revocation.id,
        "RevocationType": "CRL",
        "NumberOfRevokedEntries": revocation.number_of_revoked_entries,
    }


def _revocation(row: TrustStore, number: int) -> Revocation:
    for revocation in row.revocations:
        if revocation.id == number:
            return revocation
    raise Fault("RevocationIdNotFound", f"The trust store '{row.arn}' has no revocation '{number}'")


def _check_sources(given: Sequence[Mapping[str, Any]]) -> None:
    for number, one in enumerate(given, start=1):
        for member, name in (("S3Bucket", "s3Bucket"), ("S3Key", "s3Key")):
            if not one.get(member):
                raise faults.invalid(
                    f"1 validation error detected: Value null at 'revocationContents.{number}.member.{name}' "
                    "failed to satisfy constraint: Member must not be null"
                )
        if one.get("S3ObjectVersion", UNVERSIONED[0]) not in UNVERSIONED:
            raise faults.unsupported(f"The object version {one['S3ObjectVersion']}")


def _check_count(row: TrustStore) -> None:
    text = f"The trust store '{row.arn}' has too many revocation"
    if len(row.revocations) > LISTS_MAX:
        raise Fault("TooManyTrustStoreRevocationEntries", f"{text} lists: at most {LISTS_MAX} are allowed")
    if row.total_revoked_entries > REVOKED_ENTRIES_MAX:
        most = f"at most {REVOKED_ENTRIES_MAX} are allowed"
        raise Fault("TooManyTrustStoreRevocationEntries", f"{text} entries: {most}")


OPERATIONS: Mapping[str, Operation] = {
    "AddTrustStoreRevocations": Operation(add_revocations, "lists from DATA_DIR/s3/BUCKET/KEY"),
    "RemoveTrustStoreRevocations": Operation(remove_revocations),
    "DescribeTrustStoreRevocations": Operation(describe_revocations),
    "GetTrustStoreRevocationContent": Operation(get_revocation_content),
}
