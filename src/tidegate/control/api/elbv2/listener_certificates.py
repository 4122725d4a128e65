"""The certificates that an HTTPS listener chooses from by server name, beside its default one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import certificates, faults, finding, quotas
from tidegate.control.api.honoured import honours
from tidegate.control.store import Transaction
from tidegate.control.store.tables import LISTENERS
from tidegate.wire import Call, Fault, Operation


@honours("ListenerArn", "Certificates")
async def add_listener_certificates(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Add one certificate; one that is there already stays as it is."""
    arn = certificates.single_arn(call.parameters["Certificates"])

    def add(tx: Transaction) -> None:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        if row.protocol != "HTTPS":
            raise faults.invalid("A certificate cannot be specified for HTTP listeners")
        certificates.usable(tx, arn, context.settings.region)
        if arn not in row.certificate_arns[1:]:
            tx.put(LISTENERS, replace(row, certificate_arns=(*row.certificate_arns, arn)))
            quotas.check_certificates(tx, row.load_balancer_arn)

    await context.store.transact(add)
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False}]}


@honours("ListenerArn", "Certificates")
async def remove_listener_certificates(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Remove one certificate from the list; one that is not there is fine."""
    arn = certificates.single_arn(call.parameters["Certificates"])

    def remove(tx: Transaction) -> None:
        row = finding.listener(tx, call.parameters["ListenerArn"])
        default, others = row.certificate_arns[:1], row.certificate_arns[1:]
        if arn in default and arn not in others:
            raise Fault("OperationNotPermitted", "Default certificate cannot be removed")
        kept = tuple(other for other in others if other != arn)
        tx.put(LISTENERS, replace(row, certificate_arns=(*default, *kept)))

    await context.store.transact(remove)
    return {}


@honours("ListenerArn", "Marker", "PageSize")
async def describe_listener_certificates(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """The default certificate first, and again in its place if it is in the list too."""
    row = finding.listener(context.store.snapshot, call.parameters["ListenerArn"])
    listed = [(arn, place == 0) for place, arn in enumerate(row.certificate_arns)]
    found, marker = finding.page(listed, call.parameters, lambda one: f"{not one[1]:d}{one[0]}")
    described = [{"CertificateArn": arn, "IsDefault": is_default} for arn, is_default in found]
    return {"Certificates": described, "NextMarker": marker}


OPERATIONS: Mapping[str, Operation] = {
    "AddListenerCertificates": Operation(add_listener_certificates),
    "RemoveListenerCertificates": Operation(remove_listener_certificates),
    "DescribeListenerCertificates": Operation(describe_listener_certificates),
}
