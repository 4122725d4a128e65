"""Tags of certificates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.acm import finding
from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.tag_views import tag_list
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CERTIFICATES
from tidegate.wire import Call, Operation


@honours("CertificateArn", "Tags")
async def add_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    given = finding.tag_map(call.parameters["Tags"])

    def add(tx: Transaction) -> None:
        row = finding.certificate(context, tx, call.parameters["CertificateArn"])
        tx.put(CERTIFICATES, replace(row, tags=finding.checked_count({**row.tags, **given})))

    await context.store.transact(add)
    return {}


@honours("CertificateArn", "Tags")
async def remove_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove tags by their keys; a value that is given must be the tag's."""
    given = call.parameters["Tags"]
    for tag in given:
        finding.check_tag_key(tag["Key"])

    def remove(tx: Transaction) -> None:
        row = finding.certificate(context, tx, call.parameters["CertificateArn"])
        gone = {t["Key"] for t in given if "Value" not in t or row.tags.get(t["Key"]) == t["Value"]}
        tx.put(CERTIFICATES, replace(row, tags={k: v for k, v in row.tags.items() if k not in gone}))

    await context.store.transact(remove)
    return {}


@honours("CertificateArn")
async def list_tags(context: ApiContext, call: Call) -> Mapping[str, Any]:
    row = finding.certificate(context, context.store.snapshot, call.parameters["CertificateArn"])
    return {"Tags": tag_list(row.tags)}


OPERATIONS: Mapping[str, Operation] = {
    "AddTagsToCertificate": Operation(add_tags),
    "RemoveTagsFromCertificate": Operation(remove_tags),
    "ListTagsForCertificate": Operation(list_tags),
}
