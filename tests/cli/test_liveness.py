from __future__ import annotations

import socket
import threading

import pytest

from tidegate.cli.liveness import answers


@pytest.mark.parametrize(
    ("status", "expected"), [(b"HTTP/1.1 200 OK\r\n\r\n", True), (b"HTTP/1.1 503 Busy\r\n\r\n", False)]
)
def test_only_a_200_is_an_answer(status: bytes, expected: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(1000)
                connection.sendall(status)

        server = threading.Thread(target=serve)
        server.start()
        assert answers(f"127.0.0.1:{listener.getsockname()[1]}", 5) is expected
        server.join()


def test_nobody_there_is_no_answer() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert not answers(f"127.0.0.1:{free.getsockname()[1]}", 1)


def test_a_socket_that_is_held_but_not_served_is_no_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        assert not answers(f"127.0.0.1:{listener.getsockname()[1]}", 0.05)
