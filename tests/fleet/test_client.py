"""Signed calls and sockets, against a server that verifies every signature."""

from __future__ import annotations

import dataclasses

import pytest

from tidegate.domain.time import SystemClock
from tidegate.fleet.client import ApiError, SignedClient
from tidegate.fleet.http import UnreachableError
from tidegate.fleet.websocket import WebSocketRefusedError
from tidegate.testing.fake_control import KEYS, FakeControl, fake_control


def a_client(control: FakeControl) -> SignedClient:
    return SignedClient(control.url, KEYS, SystemClock())


async def test_a_call_is_signed_and_its_answer_decoded() -> None:
    async with fake_control() as control:
        answer = await a_client(control).ecs("SubmitTaskStateChange", {"task": "ä"})
    assert answer == {"acknowledgment": "ACK"}
    assert control.calls == [("SubmitTaskStateChange", {"task": "ä"})]


async def test_a_wrong_key_is_an_error_that_names_it() -> None:
    async with fake_control() as control:
        keys = dataclasses.replace(KEYS, secret_key="wrong")
        with pytest.raises(ApiError, match="SignatureDoesNotMatch"):
            await SignedClient(control.url, keys, SystemClock()).ecs("DiscoverPollEndpoint", {})


@pytest.mark.parametrize(
    ("status", "code"),
    [(500, "ServerException"), (503, ""), (429, "TooMany"), (400, "ThrottlingException")],
)
async def test_what_may_be_repeated_is_no_api_error(status: int, code: str) -> None:
    async with fake_control() as control:
        control.refusals["DiscoverPollEndpoint"] = [(status, code)]
        with pytest.raises(UnreachableError):
            await a_client(control).ecs("DiscoverPollEndpoint", {})


async def test_a_refusal_has_its_code_without_its_namespace() -> None:
    async with fake_control() as control:
        control.refusals["DiscoverPollEndpoint"] = [(400, "com.amazonaws.ecs#InvalidParameterException")]
        with pytest.raises(ApiError) as refused:
            await a_client(control).ecs("DiscoverPollEndpoint", {})
    assert refused.value.code == "InvalidParameterException"


async def test_a_control_that_is_gone_is_unreachable() -> None:
    async with fake_control() as control:
        pass
    with pytest.raises(UnreachableError):
        await a_client(control).ecs("DiscoverPollEndpoint", {})


async def test_a_sockets_query_is_signed_spaces_and_all() -> None:
    query = [
        ("dockerVersion", "DockerVersion: 20.10"),
        ("clusterArn", "arn:aws:ecs:x/y"),
        ("agentHash", "+&"),
    ]
    async with (
        fake_control() as control,
        a_client(control).websocket(f"{control.url}/acs/ws", query),
    ):
        pass
    assert control.queries == [dict(query)]


async def test_a_refused_socket_tells_why() -> None:
    async with fake_control() as control:
        control.socket_refusals = [{"InactiveInstanceException": "gone"}]
        with pytest.raises(WebSocketRefusedError, match="InactiveInstanceException"):
            async with a_client(control).websocket(f"{control.url}/acs/ws"):
                pass


def test_a_secret_does_not_show_in_a_repr() -> None:
    assert "secret" not in repr(dataclasses.replace(KEYS, secret_key="hush")).replace("secret_key", "")
