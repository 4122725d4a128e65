"""The launch itself: everything that a RunInstances request names is looked up and instances are put."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ec2 import finding
from tidegate.control.api.ec2.faults import invalid, missing
from tidegate.control.api.ec2.launch_request import LaunchRequest
from tidegate.control.api.ec2.launching import free_addresses, subnet_for_launch
from tidegate.control.store import Snapshot, Transaction
from tidegate.control.store.tables import (
    INSTANCE_PROFILES,
    INSTANCES,
    KEY_PAIRS,
    LOAD_BALANCERS,
    SUBNETS,
    TARGETS,
)
from tidegate.domain.ec2 import Instance, Subnet
from tidegate.domain.ecs import DEFAULT_CLUSTER
from tidegate.wire import Fault


@dataclass(frozen=True, slots=True)
class Launch:
    """A reservation's instances."""

    instances: Sequence[Instance]


def launch(context: ApiContext, tx: Transaction, request: LaunchRequest) -> Launch:
    """Start what is asked for; the same client token gives the same instances."""
    known = _launched_before(tx.state, request)
    if known:
        return Launch(known)
    state = tx.state
    if request.key_name is not None and state.get(KEY_PAIRS, request.key_name) is None:
        raise missing("key-pair", request.key_name)
    subnet = _subnet(state, request)
    groups = _groups(state, subnet, request)
    profile_arn = _profile_arn(state, request)
    addresses = _addresses(context, state, request)
    is_public = request.associate_public_address
    reservation_id = f"r-{context.ids.hex(17)}"
    instances = []
    for index, address in enumerate(addresses):
        row = Instance(
            id=f"i-{context.ids.hex(17)}",
            reservation_id=reservation_id,
            instance_type=request.instance_type,
            image_id=request.image_id,
            # Who names a cluster waits for room in it; EC2 itself waits for nothing inside an instance.
            state="pending" if request.cluster_name else "running",
            private_ip_address=address,
            subnet_id=subnet.id,
            vpc_id=subnet.vpc_id,
            availability_zone=subnet.availability_zone,
            key_name=request.key_name,
            security_groups=groups,
            user_data=request.user_data,
            cluster_name=request.cluster_name or DEFAULT_CLUSTER,
            iam_instance_profile_arn=profile_arn,
            network_interface_id=f"eni-{context.ids.hex(17)}",
            launched_at=context.clock.now(),
            client_token=request.client_token,
            launch_index=index,
            has_public_address=subnet.map_public_ip_on_launch if is_public is None else is_public,
            is_monitored=request.is_monitored,
            is_protected_from_termination=request.is_protected_from_termination,
            is_protected_from_stop=request.is_protected_from_stop,
            shutdown_behavior=request.shutdown_behavior,
            cpu_credits=request.cpu_credits,
            metadata_options=request.metadata_options,
            tags=request.tags,
        )
        tx.put(INSTANCES, row)
        instances.append(row)
    return Launch(instances)


def _launched_before(state: Snapshot, request: LaunchRequest) -> list[Instance]:
    if not request.client_token:
        return []
    found = [row for row in state.all(INSTANCES) if row.client_token == request.client_token]
    if found and (found[0].instance_type, found[0].image_id) != (request.instance_type, request.image_id):
        text = "Arguments on this idempotent request are inconsistent with arguments used in previous"
        raise Fault("IdempotentParameterMismatch", f"{text} request(s).")
    return found


def _subnet(state: Snapshot, request: LaunchRequest) -> Subnet:
    if request.subnet_id is not None:
        subnet = finding.subnet(state, request.subnet_id)
        if request.availability_zone not in (None, subnet.availability_zone):
            text = f"The availability zone {request.availability_zone} is not that of {subnet.id}."
            raise Fault("InvalidParameterCombination", text)
        return subnet
    home = finding.default_vpc(state)
    candidates = [
        row
        for row in (state.by(SUBNETS, "vpc", home.id) if home else ())
        if request.availability_zone in (None, row.availability_zone)
    ]
    live = Counter(row.subnet_id for row in state.all(INSTANCES) if row.state != "terminated")
    chosen = subnet_for_launch(candidates, live, _balanced_zones(state, home.id) if home else ())
    if chosen is None and home is None:
        text = "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC."
        raise Fault("VPCIdNotSpecified", text)
    if chosen is None:
        where = f" in availability zone '{request.availability_zone}'" if request.availability_zone else ""
        raise Fault("MissingInput", f"No default subnet{where} for this user")
    return chosen


def _balanced_zones(state: Snapshot, vpc_id: str) -> set[str]:
    rows = (row for row in state.all(LOAD_BALANCERS) if row.vpc_id == vpc_id)
    return {zone.zone_name for row in rows for zone in row.zones}


def _groups(state: Snapshot, subnet: Subnet, request: LaunchRequest) -> tuple[str, ...]:
    ids = list(request.security_group_ids)
    for name in request.security_group_names:
        named = finding.security_group_named(state, subnet.vpc_id, name)
        if named is None:
            raise Fault("InvalidGroup.NotFound", f"The security group '{name}' does not exist")
        ids.append(named.id)
    return finding.groups_of_vpc(state, subnet.vpc_id, ids)


def _profile_arn(state: Snapshot, request: LaunchRequest) -> str | None:
    name = request.profile_name or (request.profile_arn or "").rsplit("/", 1)[-1]
    if not name:
        return None
    profile = state.get(INSTANCE_PROFILES, name)
    if profile is None:
        member = "iamInstanceProfile.name" if request.profile_name else "iamInstanceProfile.arn"
        asked = request.profile_name or request.profile_arn
        what = "name" if request.profile_name else "ARN"
        raise invalid(
            f"Value ({asked}) for parameter {member} is invalid. Invalid IAM Instance Profile {what}"
        )
    return profile.arn


def _addresses(context: ApiContext, state: Snapshot, request: LaunchRequest) -> list[str]:
    """One address for each instance. A target may outlive its instance by its draining, and would send its
    requests to whoever gets its address."""
    used = {row.private_ip_address for row in state.all(INSTANCES) if row.state != "terminated"}
    used |= {target.address for target in state.all(TARGETS) if target.address is not None}
    resting = {row.private_ip_address for row in state.all(INSTANCES) if row.state == "terminated"}
    free = free_addresses(context.settings.network, used, resting)
    if len(free) < request.count_min:
        text = f"There are no {request.count_min} free addresses left in {context.settings.network}.1.0/24."
        raise Fault("InsufficientInstanceCapacity", text)
    return free[: request.count_max]
