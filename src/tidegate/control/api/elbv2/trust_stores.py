"""Trust stores: bundles of authorities that listeners accept client certificates of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import faults, finding
from tidegate.control.api.elbv2.trust_store_content import (
    UNVERSIONED,
    bundle_path,
    content_link,
    read_bundle,
    trust_store,
)
from tidegate.control.api.honoured import honours
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import LISTENERS, TRUST_STORES
from tidegate.domain.elbv2 import TrustStore
from tidegate.wire import Call, Fault, Operation

TRUST_STORES_MAX = 20

_SOURCE = ("CaCertificatesBundleS3Bucket", "CaCertificatesBundleS3Key")
_VERSIONS = {"CaCertificatesBundleS3ObjectVersion": UNVERSIONED}


@honours("Name", "Tags", *_SOURCE, only=_VERSIONS)
async def create_trust_store(context: ApiContext, call: Call) -> Mapping[str, Any]:
    name = call.parameters["Name"]
    tags = finding.tag_map(call.parameters.get("Tags"))
    bundle = await read_bundle(context, call.parameters)

    def create(tx: Transaction) -> TrustStore:
        if next(tx.by(TRUST_STORES, "name", name), None) is not None:
            raise Fault("DuplicateTrustStoreName", f"A trust store with the name '{name}' already exists")
        if tx.state.count(TRUST_STORES) >= TRUST_STORES_MAX:
            raise Fault("TooManyTrustStores", "The maximum number of trust stores has been reached")
        arn = context.arns.trust_store(name, context.ids.hex(16))
        row = TrustStore(arn=arn, name=name, status="ACTIVE", ca_pem=bundle, tags=tags)
        tx.put(TRUST_STORES, row)
        return row

    return {"TrustStores": [view(await context.store.transact(create))]}


@honours("TrustStoreArn", *_SOURCE, only=_VERSIONS)
async def modify_trust_store(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Replace the bundle; revocation lists stay."""
    arn = trust_store(context.store.snapshot, call.parameters["TrustStoreArn"]).arn
    bundle = await read_bundle(context, call.parameters)

    def change(tx: Transaction) -> TrustStore:
        row = replace(trust_store(tx, arn), ca_pem=bundle)
        tx.put(TRUST_STORES, row)
        return row

    return {"TrustStores": [view(await context.store.transact(change))]}


@honours("TrustStoreArns", "Names", "Marker", "PageSize")
async def describe_trust_stores(context: ApiContext, call: Call) -> Mapping[str, Any]:
    snapshot, parameters = context.store.snapshot, call.parameters
    arns, names = parameters.get("TrustStoreArns"), parameters.get("Names")
    if arns and names:
        text = "Trust store names and trust store ARNs cannot be specified at the same time"
        raise faults.invalid(text)
    if arns:
        rows = [trust_store(snapshot, arn) for arn in dict.fromkeys(arns)]
    elif names:
        rows = [_named(snapshot, name) for name in dict.fromkeys(names)]
    else:
        rows = list(snapshot.all(TRUST_STORES))
    found, marker = finding.page(rows, parameters, lambda row: row.arn)
    return {"TrustStores": [view(row) for row in found], "NextMarker": marker}


@honours("TrustStoreArn")
async def delete_trust_store(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Delete a store that no listener names; its revocation lists go with it."""

    def delete(tx: Transaction) -> None:
        row = trust_store(tx, call.parameters["TrustStoreArn"])
        if _balancers(tx, row.arn):
            # Terraform tries again on these very words.
            text = f"Trust store '{row.arn}' is currently in use by a listener"
            raise Fault("TrustStoreInUse", text)
        tx.delete(TRUST_STORES, row.arn)

    await context.store.transact(delete)
    return {}


@honours("TrustStoreArn")
async def get_bundle(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = trust_store(context.store.snapshot, call.parameters["TrustStoreArn"])
    return {"Location": content_link(context, call, bundle_path(row.arn))}


@honours("TrustStoreArn", "Marker", "PageSize")
async def describe_associations(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The load balancers whose listeners name the store."""
    snapshot = context.store.snapshot
    row = trust_store(snapshot, call.parameters["TrustStoreArn"])
    found, marker = finding.page(_balancers(snapshot, row.arn), call.parameters, lambda arn: arn)
    return {"TrustStoreAssociations": [{"ResourceArn": arn} for arn in found], "NextMarker": marker}


@honours("TrustStoreArn", "ResourceArn")
async def delete_shared_association(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Refused by AWS's own rules: an association in the store's account ends with its listener's setting,
    and there is no other account to have shared the store with."""
    snapshot = context.store.snapshot
    row = trust_store(snapshot, call.parameters["TrustStoreArn"])
    resource = call.parameters["ResourceArn"]
    if resource not in _balancers(snapshot, row.arn):
        text = f"The trust store '{row.arn}' is not associated with '{resource}'"
        raise Fault("AssociationNotFound", text)
    text = "The specified association can't be within the same account"
    raise Fault("DeleteAssociationSameAccount", text)


@honours("ResourceArn")
async def get_resource_policy(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    """A policy is what sharing makes, and nothing is shared."""
    arn = call.parameters["ResourceArn"]
    raise Fault("ResourceNotFound", f"The resource '{arn}' has no resource policy")


def view(row: TrustStore) -> dict[str, Any]:
    return {
        "Name": row.name,
        "TrustStoreArn": row.arn,
        "Status": row.status,
        "NumberOfCaCertificates": row.number_of_ca_certificates,
        "TotalRevokedEntries": row.total_revoked_entries,
    }


def _named(snapshot: Snapshot, name: str) -> TrustStore:
    row = next(snapshot.by(TRUST_STORES, "name", name), None)
    if row is None:
        raise Fault("TrustStoreNotFound", f"Trust store '{name}' not found")
    return row


def _balancers(state: finding.State, arn: str) -> list[str]:
    return sorted({listener.load_balancer_arn for listener in state.by(LISTENERS, "trust_store", arn)})


OPERATIONS: Mapping[str, Operation] = {
    "CreateTrustStore": Operation(create_trust_store, "bundles from DATA_DIR/s3/BUCKET/KEY"),
    "ModifyTrustStore": Operation(modify_trust_store, "bundles from DATA_DIR/s3/BUCKET/KEY"),
    "DescribeTrustStores": Operation(describe_trust_stores),
    "DeleteTrustStore": Operation(delete_trust_store),
    "GetTrustStoreCaCertificatesBundle": Operation(get_bundle),
    "DescribeTrustStoreAssociations": Operation(describe_associations),
    "DeleteSharedTrustStoreAssociation": Operation(
        delete_shared_association, "there is one account: never succeeds"
    ),
    "GetResourcePolicy": Operation(get_resource_policy, "nothing is shared: always ResourceNotFound"),
}
