from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tidegate.cli.runtimes import RuntimeMissingError, choose_runtime, docker_version


@pytest.fixture
def engine_socket(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where DOCKER_HOST says that an engine is: nobody listens yet."""
    with TemporaryDirectory(prefix="tg-") as folder:
        path = Path(folder) / "docker.sock"
        monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
        yield path


def serve(path: Path, *pieces: bytes) -> threading.Thread:
    """Answer one connection."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen()

    def answer() -> None:
        connection, _ = listener.accept()
        connection.recv(1000)
        for piece in pieces:
            connection.sendall(piece)
        connection.close()
        listener.close()

    thread = threading.Thread(target=answer)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("pieces", "expected"),
    [
        ((b"HTTP/1.0 200 OK\r\nServer: Docker/20.10.24+dfsg1 (linux)\r\n\r\nOK",), "20.10.24+dfsg1"),
        ((b"HTTP/1.0 200 OK\r\nServer: Lib", b"pod/4.3.1 (linux)\r\n\r\nOK"), "4.3.1"),
        ((b"HTTP/1.0 200 OK\r\n\r\nOK",), "of an unknown version"),
        ((b"HTTP/1.0 503 Busy\r\nServer: Docker/20.10.24\r\n\r\n",), None),
        ((b"",), None),
    ],
)
def test_the_engine_says_its_version(
    engine_socket: Path, pieces: tuple[bytes, ...], expected: str | None
) -> None:
    thread = serve(engine_socket, *pieces)
    assert docker_version() == expected
    thread.join()


def test_auto_takes_docker_where_it_answers_and_processes_elsewhere(engine_socket: Path) -> None:
    assert choose_runtime("auto") == "process"
    thread = serve(engine_socket, b"HTTP/1.0 200 OK\r\n\r\nOK")
    assert choose_runtime("auto") == "docker"
    thread.join()


def test_what_is_known_stays_unless_something_else_is_asked_for(engine_socket: Path) -> None:
    for known in ("docker", "process"):
        assert choose_runtime(None, known) == known
        assert choose_runtime(known, known) == known
    assert choose_runtime("process", "docker") == "process"
    assert choose_runtime("auto", "docker") == "process"
    thread = serve(engine_socket, b"HTTP/1.0 200 OK\r\n\r\nOK")
    assert choose_runtime("auto", "process") == "docker"
    thread.join()


def test_a_runtime_that_is_not_there_is_named_with_a_way_out(engine_socket: Path) -> None:
    with pytest.raises(RuntimeMissingError, match=rf"answers on {engine_socket}: .* --runtime process"):
        choose_runtime("docker")


def test_processes_need_no_engine_and_nothing_else_is_known(engine_socket: Path) -> None:
    assert choose_runtime("process") == "process"
    with pytest.raises(RuntimeMissingError, match="auto, docker or process, not podman"):
        choose_runtime("podman")
    assert not engine_socket.exists()
