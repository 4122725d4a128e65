"""The users-service with one more endpoint: a request of two seconds, long enough to span a drain.

Its answers go out in one write. gunicorn writes head and body one after the other, and a container killed
between the two leaves an answer that has begun: no load balancer can take that back, so it would say
nothing about ours. An answer here is whole or not begun.
"""

from __future__ import annotations

import time

from flask import Flask, jsonify
from flask import Response as Answer
from gunicorn.http import wsgi

from users_service import create_app as create_users_service

SLOW_SECONDS = 2.0


class _Held:
    """A socket that keeps what it is given first and sends it with what follows."""

    def __init__(self, sock: object) -> None:
        self._sock = sock
        self._first: bytes | None = None

    def sendall(self, data: bytes) -> None:
        if self._first is None:
            self._first = data
        else:
            self.flush(data)

    def flush(self, data: bytes = b"") -> None:
        first, self._first = self._first or b"", b""
        if first or data:
            self._sock.sendall(first + data)

    def __getattr__(self, name: str) -> object:
        return getattr(self._sock, name)


class _WholeResponse(wsgi.Response):
    def __init__(self, req: object, sock: object, cfg: object) -> None:
        super().__init__(req, _Held(sock), cfg)

    def close(self) -> None:
        super().close()
        self.sock.flush()


def create_app() -> Flask:
    wsgi.Response = _WholeResponse
    app = create_users_service()

    @app.get("/slow")
    def slow() -> Answer:
        time.sleep(SLOW_SECONDS)
        return jsonify(status="success", message="slept")

    return app
