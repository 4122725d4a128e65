"""The operations that only agents call: register, find the sockets, report states.

Every report is on disk before it is answered, since the agent then forgets it. Repeating any of these
calls changes nothing: agents and their HTTP clients repeat them whenever an answer is late. A report of
a task that is not known here is an InvalidParameterException, on which the agent drops it; any other
error would have it repeated for ever (`agent/api/ecsclient` and `agent/eventhandler` of Amazon's agent).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.ecs.tag_input import tag_map
from tidegate.control.decisions.instances import forgotten
from tidegate.control.decisions.task_reports import (
    REPORTED_STATUSES,
    ContainerReport,
    TaskReport,
    reported_task,
)
from tidegate.control.store import Transaction
from tidegate.control.store.tables import CLUSTERS, CONTAINER_INSTANCES, INSTANCES, TASKS
from tidegate.domain.ec2 import Instance
from tidegate.domain.ecs import (
    DEFAULT_CLUSTER,
    Attribute,
    Cluster,
    ContainerInstance,
    NetworkBinding,
    Resources,
    Task,
    VersionInfo,
)
from tidegate.wire import Call, Fault, Operation

Parameters = Mapping[str, Any]


async def register_container_instance(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Register an agent, or again one that gives its ARN."""
    row = await context.store.transact(lambda tx: _register(tx, context, call.parameters))
    return {"containerInstance": _view(row)}


def _register(tx: Transaction, context: ApiContext, parameters: Parameters) -> ContainerInstance:
    cluster = _cluster(tx, context, parameters.get("cluster"))
    document = _identity(parameters.get("instanceIdentityDocument") or "")
    instance = tx.get(INSTANCES, document.get("instanceId", ""))
    if instance is not None and instance.state not in ("pending", "running"):
        raise Fault("ClientException", f"The instance {instance.id} is {instance.state}.")
    known = _known(tx, cluster, parameters.get("containerInstanceArn"), document.get("instanceId"))
    now = context.clock.now()
    row = known or _new_instance(context, cluster, document, instance, now)
    if known is not None and not parameters.get("containerInstanceArn") and known.connected_at is not None:
        # An agent was connected as this instance, and does not know it.
        for task in forgotten(list(tx.by(TASKS, "live_on_instance", known.arn)), now):
            tx.put(TASKS, task)
    row = _described(row, parameters, instance, document)
    _check_room(tx, row)
    tx.put(CONTAINER_INSTANCES, row)
    return row


def _known(
    tx: Transaction, cluster: Cluster, arn: str | None, ec2_instance_id: str | None
) -> ContainerInstance | None:
    """The registration that this one repeats or renews."""
    if arn:
        row = tx.get(CONTAINER_INSTANCES, arn)
        if row is None or row.cluster_arn != cluster.arn or row.status == "INACTIVE":
            raise Fault("ClientException", "The referenced container instance is not registered.")
        return row
    if not ec2_instance_id:
        return None
    rows = tx.by(CONTAINER_INSTANCES, "ec2_instance", ec2_instance_id)
    return next((r for r in rows if r.cluster_arn == cluster.arn and r.status != "INACTIVE"), None)


def _new_instance(
    context: ApiContext, cluster: Cluster, document: Parameters, instance: Instance | None, now: datetime
) -> ContainerInstance:
    zone = instance.availability_zone if instance else document.get("availabilityZone")
    return ContainerInstance(
        arn=context.arns.container_instance(cluster.name, context.ids.hex(32)),
        cluster_arn=cluster.arn,
        ec2_instance_id=document.get("instanceId"),
        address=instance.private_ip_address if instance else document.get("privateIp"),
        availability_zone=zone or f"{context.settings.region}a",
        resources=Resources(cpu=0, memory_mib=0),
        registered_at=now,
    )


def _described(
    row: ContainerInstance, parameters: Parameters, instance: Instance | None, document: Parameters
) -> ContainerInstance:
    """The row with what the agent says of itself; equal when it says nothing new."""
    versions = parameters.get("versionInfo")
    described = replace(
        row,
        resources=_resources(parameters.get("totalResources") or ()),
        attributes=_attributes(row, parameters.get("attributes") or (), instance, document),
        version_info=_version_info(versions) if versions else row.version_info,
        tags={**row.tags, **tag_map(parameters.get("tags"))},
    )
    return row if described == row else replace(described, version=row.version + 1)


def _attributes(
    row: ContainerInstance,
    sent: Iterable[Mapping[str, Any]],
    instance: Instance | None,
    document: Parameters,
) -> tuple[Attribute, ...]:
    """What was sent, value for value (the agent ends itself when one comes back changed), what control
    knows of the instance, and custom attributes that were put through the API."""
    attributes = {"ecs.availability-zone": row.availability_zone}
    if instance is not None:
        attributes |= {
            "ecs.ami-id": instance.image_id,
            "ecs.instance-type": instance.instance_type,
            "ecs.subnet-id": instance.subnet_id,
            "ecs.vpc-id": instance.vpc_id,
        }
    elif document.get("instanceType"):
        attributes["ecs.instance-type"] = document["instanceType"]
    merged: dict[str, str | None] = {**attributes}
    merged |= {str(one["name"]): one.get("value") for one in sent}
    for one in row.attributes:
        if not one.name.startswith(("ecs.", "com.amazonaws.ecs.")):
            merged.setdefault(one.name, one.value)
    return tuple(Attribute(name=name, value=value) for name, value in merged.items())


def _resources(sent: Iterable[Mapping[str, Any]]) -> Resources:
    named = {one.get("name"): one for one in sent}

    def ports(name: str) -> tuple[int, ...]:
        return tuple(int(port) for port in named.get(name, {}).get("stringSetValue") or ())

    try:
        return Resources(
            cpu=int(named["CPU"]["integerValue"]),
            memory_mib=int(named["MEMORY"]["integerValue"]),
            reserved_tcp_ports=ports("PORTS"),
            reserved_udp_ports=ports("PORTS_UDP"),
        )
    except (KeyError, ValueError) as error:
        text = "totalResources must have CPU and MEMORY, of type INTEGER, and ports that are numbers."
        raise Fault("InvalidParameterException", text) from error


def _check_room(tx: Transaction, row: ContainerInstance) -> None:
    tasks = list(tx.by(TASKS, "live_on_instance", row.arn))
    if (
        sum(task.cpu for task in tasks) > row.resources.cpu
        or sum(task.memory_mib for task in tasks) > row.resources.memory_mib
    ):
        raise Fault("ClientException", "Running tasks reserve more than the resources registered.")


def _version_info(sent: Parameters) -> VersionInfo:
    return VersionInfo(
        agent_version=sent.get("agentVersion", ""),
        agent_hash=sent.get("agentHash", ""),
        docker_version=sent.get("dockerVersion", ""),
    )


def _identity(text: str) -> dict[str, str]:
    """The instance identity document; empty in the agent's external mode."""
    if not text:
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Fault("InvalidParameterException", "The instance identity document is not JSON.") from error
    if not isinstance(document, dict):
        raise Fault("InvalidParameterException", "The instance identity document is not a JSON object.")
    return {name: value for name, value in document.items() if isinstance(value, str) and value}


def _cluster(tx: Transaction, context: ApiContext, named: str | None) -> Cluster:
    name = named or DEFAULT_CLUSTER
    row = tx.get(CLUSTERS, name if name.startswith("arn:") else context.arns.cluster(name))
    if row is None or row.status != "ACTIVE":
        raise Fault("ClusterNotFoundException", "Cluster not found.")
    return row


def _view(row: ContainerInstance) -> dict[str, Any]:
    """What the agent reads of its registration. `DescribeContainerInstances` tells users more."""
    resources = [
        {"name": "CPU", "type": "INTEGER", "integerValue": row.resources.cpu},
        {"name": "MEMORY", "type": "INTEGER", "integerValue": row.resources.memory_mib},
        {
            "name": "PORTS",
            "type": "STRINGSET",
            "stringSetValue": [str(port) for port in row.resources.reserved_tcp_ports],
        },
        {
            "name": "PORTS_UDP",
            "type": "STRINGSET",
            "stringSetValue": [str(port) for port in row.resources.reserved_udp_ports],
        },
    ]
    view: dict[str, Any] = {
        "containerInstanceArn": row.arn,
        "status": row.status,
        "agentConnected": row.agent_connected,
        "version": row.version,
        "registeredAt": row.registered_at,
        "registeredResources": resources,
        "attributes": [
            {"name": one.name} if one.value is None else {"name": one.name, "value": one.value}
            for one in row.attributes
        ],
        "tags": [{"key": key, "value": value} for key, value in row.tags.items()],
    }
    if row.ec2_instance_id:
        view["ec2InstanceId"] = row.ec2_instance_id
    return view


async def discover_poll_endpoint(context: ApiContext, call: Call) -> Mapping[str, Any]:  # noqa: ARG001
    """Where the agent opens its sockets: on the very host that it called."""
    return {"endpoint": f"http://{call.host}/acs/", "telemetryEndpoint": f"http://{call.host}/tcs/"}


async def submit_task_state_change(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Merge a task's report."""
    sent = call.parameters
    report = TaskReport(
        status=_status(sent.get("status")),
        reason=sent.get("reason", ""),
        containers=[_container_report(one) for one in sent.get("containers") or ()],
        pull_started_at=sent.get("pullStartedAt"),
        pull_stopped_at=sent.get("pullStoppedAt"),
        execution_stopped_at=sent.get("executionStoppedAt"),
    )
    return await _merge(context, sent.get("task"), report)


async def submit_container_state_change(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Merge one container's report."""
    return await _merge(
        context, call.parameters.get("task"), TaskReport(containers=[_container_report(call.parameters)])
    )


async def submit_attachment_state_changes(
    context: ApiContext,  # noqa: ARG001
    call: Call,  # noqa: ARG001
) -> Mapping[str, Any]:
    """Acknowledge: no task here has an attachment, so there is nothing that a change could be of."""
    return {"acknowledgment": "ACK"}


async def _merge(context: ApiContext, arn: str | None, report: TaskReport) -> Mapping[str, Any]:
    def merge(tx: Transaction) -> None:
        tx.put(TASKS, reported_task(_task(tx, arn), report, context.clock.now()))

    await context.store.transact(merge)
    return {"acknowledgment": "ACK"}


def _task(tx: Transaction, arn: str | None) -> Task:
    task = tx.get(TASKS, arn or "")
    if task is None:
        raise Fault("InvalidParameterException", "The referenced task was not found.")
    return task


def _status(sent: str | None) -> str:
    if sent not in REPORTED_STATUSES:
        raise Fault("InvalidParameterException", f"An agent reports PENDING, RUNNING or STOPPED, not {sent}.")
    return sent


def _container_report(sent: Parameters) -> ContainerReport:
    return ContainerReport(
        name=sent.get("containerName", ""),
        status=_status(sent["status"]) if sent.get("status") else None,
        runtime_id=sent.get("runtimeId"),
        exit_code=sent.get("exitCode"),
        reason=sent.get("reason"),
        image_digest=sent.get("imageDigest"),
        network_bindings=tuple(
            NetworkBinding(
                bind_ip=one.get("bindIP", ""),
                container_port=one["containerPort"],
                host_port=one["hostPort"],
                protocol=one.get("protocol", "tcp"),
            )
            for one in sent.get("networkBindings") or ()
            if "containerPort" in one and "hostPort" in one
        ),
    )


AGENT_OPERATIONS: Mapping[str, Operation] = {
    "RegisterContainerInstance": Operation(
        register_container_instance, partial="platformDevices (GPUs) are ignored"
    ),
    "DiscoverPollEndpoint": Operation(
        discover_poll_endpoint, partial="no serviceConnectEndpoint: Service Connect is not served"
    ),
    "SubmitTaskStateChange": Operation(
        submit_task_state_change, partial="attachments and managedAgents are ignored"
    ),
    "SubmitContainerStateChange": Operation(submit_container_state_change),
    "SubmitAttachmentStateChanges": Operation(
        submit_attachment_state_changes, partial="acknowledged: tasks have no attachments"
    ),
}
