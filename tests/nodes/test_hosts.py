"""Which virtual instances a host runs, and what its supervisor reports."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from tidegate.control.nodes.context import NodeContext
from tidegate.control.nodes.hosts import HostConversations, host_document
from tidegate.control.store import Store
from tidegate.control.store.tables import INSTANCES
from tidegate.fleet.hosting import VirtualInstance
from tidegate.testing.builders import CLUSTER, an_instance
from tidegate.testing.sessions import FakeSession


async def test_the_document_has_what_an_agent_needs_on_its_command_line(store: Store, put: Any) -> None:
    await put(an_instance(1))
    assert host_document(store.snapshot).instances == (
        VirtualInstance(
            instance_id=an_instance(1).id,
            cluster_name=CLUSTER,
            address="127.80.1.1",
            availability_zone="us-east-1a",
            instance_type="t2.micro",
            cpu=1024,
            memory_mib=983,
        ),
    )


@pytest.mark.parametrize(
    ("change", "is_wanted"),
    [
        ({"state": "pending"}, True),
        ({"state": "running"}, True),
        ({"state": "shutting-down"}, False),
        ({"state": "terminated"}, False),
        ({"state": "stopped"}, False),
        ({"cluster_name": None}, False),
    ],
)
async def test_instances_run_from_their_launch_to_their_termination(
    store: Store, put: Any, change: dict[str, Any], is_wanted: bool
) -> None:
    await put(replace(an_instance(1), **change))
    assert bool(host_document(store.snapshot).instances) is is_wanted


async def test_a_supervisor_is_told_on_connection_and_on_every_change_of_its_instances(
    context: NodeContext, put: Any
) -> None:
    hosts, session = HostConversations(context), FakeSession()
    serving = asyncio.ensure_future(hosts.serve(session))
    assert await documents(session) == [[]]
    await put(an_instance(1))
    assert await documents(session) == [[an_instance(1).id]]
    # A change that its agents do not care about is not sent.
    await put(replace(an_instance(1), tags={"a": "b"}))
    await put(an_instance(2))
    assert await documents(session) == [[an_instance(1).id, an_instance(2).id]]
    hosts.close()
    await serving
    assert session.close_code == 1001


async def test_an_instance_is_running_when_its_agent_is(context: NodeContext, store: Store, put: Any) -> None:
    await put(an_instance(1, state="pending"), an_instance(2, state="pending"))
    hosts = HostConversations(context)
    await hosts.record({"generation": 1, "running": [an_instance(1).id, "i-unknown"]})
    states = {row.id: row.state for row in store.snapshot.all(INSTANCES)}
    assert states == {an_instance(1).id: "running", an_instance(2).id: "pending"}


async def test_a_killed_instance_is_not_given_up_before_its_silence_is_noticed(
    context: NodeContext, store: Store, put: Any
) -> None:
    await put(an_instance(1))
    hosts = HostConversations(context)
    await hosts.record({"generation": 1, "running": [], "killed": [an_instance(1).id]})
    assert store.snapshot.get(INSTANCES, an_instance(1).id) == an_instance(1)
    assert hosts.killed == {an_instance(1).id}


async def documents(session: FakeSession) -> list[list[str]]:
    """The instances of every document sent since the last look, once there is one."""
    for _ in range(1000):
        taken = session.take("HostDocument")
        if taken:
            return [[one["instance_id"] for one in document["instances"]] for document in taken]
        await asyncio.sleep(0)
    raise AssertionError("no document came")
