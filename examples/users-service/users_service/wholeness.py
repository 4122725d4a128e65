"""An answer leaves gunicorn in one write: a replica that is killed leaves it whole or not begun.

gunicorn writes an answer's head and body one after the other. A SIGKILL between the two leaves a client
with half an answer, which no load balancer can take back; one that has not begun it may ask another
replica for. gunicorn has no setting for this, so its class of responses is replaced.
"""

from __future__ import annotations

from typing import Any

from gunicorn.http import wsgi


class _HeadFirst:
    """A socket that keeps the head, which comes first, and sends it with what follows."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock
        self._head: bytes | None = None

    def sendall(self, data: bytes) -> None:
        if self._head is None:
            self._head = data
        else:
            self.flush(data)

    def sendfile(self, *arguments: Any, **options: Any) -> int:
        self.flush()
        sent: int = self._sock.sendfile(*arguments, **options)
        return sent

    def flush(self, data: bytes = b"") -> None:
        head, self._head = self._head or b"", b""
        if head or data:
            self._sock.sendall(head + data)


class _WholeResponse(wsgi.Response):  # type: ignore[misc]
    def __init__(self, req: Any, sock: Any, cfg: Any) -> None:
        super().__init__(req, _HeadFirst(sock), cfg)

    def close(self) -> None:
        super().close()
        # Without a body nothing has taken the head along.
        self.sock.flush()


def answer_in_one_write() -> None:
    """Make gunicorn write so, in this process and in the workers that it forks."""
    wsgi.Response = _WholeResponse
