"""Listeners whose queue is full, as the kernel knows them."""

from __future__ import annotations

import socket

from tidegate.balancer.rejections import Rejections
from tidegate.balancer.sock_diag import refusals
from tidegate.balancer.void import Void
from tidegate.fleet.balancing import ListenerBinding
from tidegate.testing.balancing.running import eventually


def ask_in_vain(place: tuple[str, int]) -> socket.socket:
    asking = socket.socket()
    asking.setblocking(False)
    asking.connect_ex(place)
    return asking


async def test_who_finds_the_queue_full_is_counted() -> None:
    void, rejections = Void(), Rejections()
    listener = ListenerBinding(listener_arn="l", address=void.place[0], port=void.place[1])
    first = rejections.grown([listener]).get("l", 0)
    assert first == 0, "what a listener that was taken over had turned away before does not count"
    before = refusals()[void.place]
    asking = [ask_in_vain(void.place) for _ in range(3)]
    await eventually(lambda: refusals()[void.place] >= before + 3)
    assert rejections.grown([listener])["l"] >= 3
    for one in asking:
        one.close()
    void.close()


async def test_a_listener_with_room_turns_nobody_away() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        with socket.create_connection(listening.getsockname()):
            assert refusals()[listening.getsockname()] == 0
