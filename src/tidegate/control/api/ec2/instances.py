"""Instances: started, described, terminated.

Every instance is a virtual container instance, since every image has an ECS agent: the host's supervisor
sees it in its document and starts an agent for it, which joins the cluster that the user data names, or
`default`. One whose user data names a cluster is running once its agent is; another is at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import missing
from tidegate.control.api.ec2.filters import boolean as boolean_values
from tidegate.control.api.ec2.instance_views import (
    instance_view,
    private_dns_name,
    public_dns_name,
    state_view,
    volume_id,
)
from tidegate.control.api.ec2.launch import Launch, launch
from tidegate.control.api.ec2.launch_request import launch_request
from tidegate.control.api.ec2.reading import Noun, described
from tidegate.control.api.ec2.requests import serves
from tidegate.control.registrations import deregister_instance
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import CONTAINER_INSTANCES, INSTANCES
from tidegate.domain.ec2 import Instance
from tidegate.wire import Call, Fault

# A terminated instance is described for a while, so that clients see it end.
TERMINATED_FOR = timedelta(hours=1)
_TERMINATED_TEXT = "Client.UserInitiatedShutdown: User initiated shutdown"


def noun(region: str) -> Noun[Instance]:
    return Noun[Instance](
        kind="instance",
        id_of=lambda row: row.id,
        filters={
            "instance-id": lambda row: (row.id,),
            "instance-state-name": lambda row: (row.state,),
            "instance-state-code": lambda row: (str(state_view(row.state)["Code"]),),
            "instance-type": lambda row: (row.instance_type,),
            "image-id": lambda row: (row.image_id,),
            "key-name": lambda row: (row.key_name,),
            "client-token": lambda row: (row.client_token,),
            "reservation-id": lambda row: (row.reservation_id,),
            "vpc-id": lambda row: (row.vpc_id,),
            "subnet-id": lambda row: (row.subnet_id,),
            "availability-zone": lambda row: (row.availability_zone,),
            "placement-availability-zone": lambda row: (row.availability_zone,),
            "private-ip-address": lambda row: (row.private_ip_address,),
            "private-dns-name": lambda row: (private_dns_name(region, row.private_ip_address),),
            "ip-address": lambda row: (row.private_ip_address,) if row.has_public_address else (),
            "dns-name": lambda row: (
                (public_dns_name(region, row.private_ip_address),) if row.has_public_address else ()
            ),
            "instance.group-id": lambda row: row.security_groups,
            "group-id": lambda row: row.security_groups,
            "network-interface.network-interface-id": lambda row: (row.network_interface_id,),
            "network-interface.subnet-id": lambda row: (row.subnet_id,),
            "network-interface.vpc-id": lambda row: (row.vpc_id,),
            "block-device-mapping.volume-id": lambda row: (volume_id(row),),
            "iam-instance-profile.arn": lambda row: (row.iam_instance_profile_arn,),
            "monitoring-state": lambda row: ("enabled" if row.is_monitored else "disabled",),
            "source-dest-check": lambda _: boolean_values(True),
            "tenancy": lambda _: ("default",),
            "architecture": lambda _: ("x86_64",),
            "root-device-type": lambda _: ("ebs",),
        },
        tags_of=lambda row: row.tags,
    )


@serves(
    "ImageId",
    "InstanceType",
    "MinCount",
    "MaxCount",
    "KeyName",
    "SecurityGroupIds",
    "SecurityGroups",
    "SubnetId",
    "UserData",
    "TagSpecifications",
    "ClientToken",
    "IamInstanceProfile",
    "NetworkInterfaces",
    "Placement",
    "Monitoring",
    "DisableApiTermination",
    "DisableApiStop",
    "InstanceInitiatedShutdownBehavior",
    "MetadataOptions",
    "CreditSpecification",
    only={"EbsOptimized": (False,)},
)
async def run_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    request = launch_request(context.settings.region, call.parameters)

    def run(tx: Transaction) -> Launch:
        forget_terminated(context, tx)
        return launch(context, tx, request)

    launched = await context.store.transact(run)
    return _reservation_view(context, context.store.snapshot, launched.instances)


@serves("Filters", "InstanceIds", "NextToken", "MaxResults")
async def describe_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    state = context.store.snapshot
    page = described(
        noun(context.settings.region),
        described_instances(context, state),
        call.parameters,
        call.parameters.get("InstanceIds"),
    )
    reservations: dict[str, list[Instance]] = {}
    for row in page.rows:
        reservations.setdefault(row.reservation_id, []).append(row)
    views = [_reservation_view(context, state, rows) for rows in reservations.values()]
    return {"Reservations": views, "NextToken": page.next_token}


def _reservation_view(context: ApiContext, state: Snapshot, rows: Sequence[Instance]) -> dict[str, Any]:
    ordered = sorted(rows, key=lambda row: row.launch_index)
    return {
        "ReservationId": ordered[0].reservation_id,
        "OwnerId": context.settings.account,
        "Groups": [],
        "Instances": [instance_view(context, state, row) for row in ordered],
    }


def described_instances(context: ApiContext, state: Snapshot) -> Iterable[Instance]:
    """The instances that are described still."""
    return (row for row in state.all(INSTANCES) if not _is_forgotten(context, row))


def forget_terminated(context: ApiContext, tx: Transaction) -> None:
    """Delete what is described no longer."""
    for row in list(tx.all(INSTANCES)):
        if _is_forgotten(context, row):
            tx.delete(INSTANCES, row.id)


def _is_forgotten(context: ApiContext, row: Instance) -> bool:
    return row.terminated_at is not None and context.clock.now() - row.terminated_at > TERMINATED_FOR


@serves("InstanceIds", only={"Force": (False, True), "SkipOsShutdown": (False, True)})
async def terminate_instances(context: ApiContext, call: Call) -> Mapping[str, Any]:
    def terminate(tx: Transaction) -> list[tuple[Instance, Instance]]:
        forget_terminated(context, tx)
        rows = [finding.instance(tx.state, one) for one in dict.fromkeys(_asked_ids(call.parameters))]
        for row in rows:
            if row.is_protected_from_termination and row.state != "terminated":
                text = f"The instance '{row.id}' may not be terminated. Modify its 'disableApiTermination'"
                raise Fault("OperationNotPermitted", f"{text} instance attribute and try again.")
        return [(row, _terminate(context, tx, row)) for row in rows]

    changes = await context.store.transact(terminate)
    return {
        "TerminatingInstances": [
            {
                "InstanceId": after.id,
                "CurrentState": state_view(after.state),
                "PreviousState": state_view(before.state),
            }
            for before, after in changes
        ]
    }


def _asked_ids(parameters: Mapping[str, Any]) -> list[str]:
    ids = [str(one) for one in parameters["InstanceIds"]]
    for one in ids:
        if not one.startswith("i-"):
            raise Fault("InvalidInstanceID.Malformed", f'Invalid id: "{one}" (expecting "i-...")')
    return ids


def _terminate(context: ApiContext, tx: Transaction, row: Instance) -> Instance:
    """One with a container instance is `shutting-down` until its controller has ended its tasks; another
    has nothing to shut down."""
    if row.state in ("shutting-down", "terminated"):
        return row
    has_agent = next(tx.by(CONTAINER_INSTANCES, "ec2_instance", row.id), None) is not None
    now = context.clock.now()
    after = replace(
        row,
        state="shutting-down" if has_agent else "terminated",
        state_reason=_TERMINATED_TEXT,
        terminated_at=None if has_agent else now,
    )
    tx.put(INSTANCES, after)
    deregister_instance(tx, row.id, now)
    return after


@serves("InstanceIds", "Filters", "IncludeAllInstances", "NextToken", "MaxResults")
async def describe_instance_status(context: ApiContext, call: Call) -> Mapping[str, Any]:
    with_all = bool(call.parameters.get("IncludeAllInstances"))
    rows = list(described_instances(context, context.store.snapshot))
    for asked in call.parameters.get("InstanceIds") or ():
        if all(row.id != asked for row in rows):
            raise missing("instance", asked)
    wanted = call.parameters.get("InstanceIds")
    rows = [row for row in rows if (with_all or row.state == "running") and (not wanted or row.id in wanted)]
    known = noun(context.settings.region)
    filters = {
        **{name: values for name, values in known.filters.items() if name != "group-id"},
        "instance-status.status": lambda row: ("ok" if row.state == "running" else "not-applicable",),
        "system-status.status": lambda row: ("ok" if row.state == "running" else "not-applicable",),
        "instance-status.reachability": lambda row: ("passed",) if row.state == "running" else (),
        "system-status.reachability": lambda row: ("passed",) if row.state == "running" else (),
    }
    page = described(replace(known, filters=filters), rows, call.parameters, None)
    return {
        "InstanceStatuses": [_status_view(row) for row in page.rows],
        "NextToken": page.next_token,
    }


def _status_view(row: Instance) -> dict[str, Any]:
    summary: dict[str, Any] = {"Status": "not-applicable"}
    if row.state == "running":
        summary = {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
    return {
        "InstanceId": row.id,
        "AvailabilityZone": row.availability_zone,
        "InstanceState": state_view(row.state),
        "InstanceStatus": summary,
        "SystemStatus": summary,
    }
