"""Whether the API answers."""

from __future__ import annotations

import socket


def answers(endpoint: str, timeout_seconds: float) -> bool:
    """Ask once. While control restarts the request waits in the socket that its supervisor holds."""
    host, _, port = endpoint.rpartition(":")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), timeout=timeout_seconds) as connection:
            connection.sendall(b"GET /health HTTP/1.0\r\n\r\n")
            return b" 200 " in connection.recv(64)
    except OSError:
        return False
