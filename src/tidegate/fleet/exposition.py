"""What a process tells its operators over HTTP: `/metrics`, `/health/live` and `/health/ready`.

It answers on loopback unless told otherwise, on a free port that it keeps over restarts: the address is in
`metrics.url` in the process's folder, for `tidegate status` and for whoever configures a scrape. Nobody is
asked for credentials; nothing that it says is a secret.

The event loop accepts, so that a process whose loop is held does not count as alive; a thread of its own
answers, so that a scrape of a large region holds nobody up.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import threading
from collections.abc import Callable, Iterator, Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import AF_INET, AF_INET6
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

import structlog

from tidegate.fleet.files import write_whole

URL_FILE = "metrics.url"
METRICS_PATH, LIVE_PATH, READY_PATH = "/metrics", "/health/live", "/health/ready"
# As Prometheus asks for it.
_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
# Of a client that says nothing, or reads nothing.
_PATIENCE_SECONDS = 10.0
# Clients that are answered at a time: a scraper, some probes. Whoever opens more takes no threads more.
_CLIENTS_MAX = 32

_log = structlog.get_logger(__name__)


def readiness(waits_for: Sequence[str]) -> tuple[int, bytes]:
    """The answer to `/health/ready`; `waits_for`: what is missing, in words."""
    status = HTTPStatus.SERVICE_UNAVAILABLE if waits_for else HTTPStatus.OK
    return status, json.dumps({"ready": not waits_for, "waitsFor": list(waits_for)}).encode()


class Exposition:
    """`text` gives a scrape's answer and `waits_for` what the process is not ready for, both on any thread.
    `listen`: HOST:PORT; None: loopback, and the last port or a free one."""

    def __init__(
        self,
        folder: Path,
        listen: str | None,
        text: Callable[[], bytes],
        waits_for: Callable[[], Sequence[str]],
    ) -> None:
        self._file = folder / URL_FILE
        self._listen = listen
        self._text = text
        self._waits_for = waits_for
        self._one_at_a_time = threading.Lock()

    async def run(self) -> None:
        """Serve until cancelled. A port that somebody else has is told, and the process does its work."""
        server = await asyncio.to_thread(self._bound)
        if server is None:
            await asyncio.Event().wait()
            return
        loop = asyncio.get_running_loop()
        loop.add_reader(server.fileno(), server.handle_request)
        try:
            await asyncio.Event().wait()
        finally:
            loop.remove_reader(server.fileno())
            server.server_close()

    def answer(self, path: str) -> tuple[int, str, bytes]:
        """Status, content type and content for a GET."""
        if path == METRICS_PATH:
            with self._one_at_a_time:
                return HTTPStatus.OK, _CONTENT_TYPE, self._text()
        if path == LIVE_PATH:
            return HTTPStatus.OK, "application/json", b'{"live": true}'
        if path == READY_PATH:
            status, content = readiness(self._waits_for())
            return status, "application/json", content
        return HTTPStatus.NOT_FOUND, "text/plain", b"There are /metrics, /health/live and /health/ready.\n"

    def _bound(self) -> _Server | None:
        for host, port in self._places():
            try:
                server = _Server(host, port, self.answer)
            except OSError as error:
                _log.warning("metrics cannot be read there", address=f"{host}:{port}", error=str(error))
                continue
            self._write_url(str(server.server_address[0]), server.server_address[1])
            return server
        self._file.unlink(missing_ok=True)
        return None

    def _write_url(self, host: str, port: int) -> None:
        url = f"http://{f'[{host}]' if ':' in host else host}:{port}{METRICS_PATH}".encode()
        try:
            if not self._file.exists() or self._file.read_bytes() != url:
                write_whole(self._file, url)
        except OSError as error:
            _log.warning("where metrics are read is not written down", error=str(error))

    def _places(self) -> Iterator[tuple[str, int]]:
        if self._listen is not None:
            host, _, port = self._listen.rpartition(":")
            yield host.strip("[]"), int(port)
            return
        with contextlib.suppress(OSError, ValueError):
            last = urlsplit(self._file.read_text())
            if last.port and last.hostname == "127.0.0.1":
                yield "127.0.0.1", last.port
        yield "127.0.0.1", 0


Answer = Callable[[str], tuple[int, str, bytes]]


class _Server(ThreadingHTTPServer):
    """One thread a request; `handle_request` takes whoever waits, and waits for nobody."""

    timeout = 0
    daemon_threads = True
    # A thread that answers a slow reader is left behind at the end, not waited for.
    block_on_close = False

    def __init__(self, host: str, port: int, answer: Answer) -> None:
        self.address_family = AF_INET6 if ":" in host else AF_INET
        self.answer = answer
        self._room = threading.BoundedSemaphore(_CLIENTS_MAX)
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        # Without the look-up of our own name that HTTPServer makes.
        TCPServer.server_bind(self)
        # Who left between knock and accept must not have the loop wait for the next one.
        self.socket.setblocking(False)

    def process_request(self, request: Any, client_address: Any) -> None:
        if self._room.acquire(blocking=False):
            try:
                super().process_request(request, client_address)
            except Exception as error:
                self._room.release()
                _log.warning("there is no thread for a client", error=str(error))
                raise
        else:
            self.shutdown_request(request)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away; what a scrape raises is told where it is raised."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _PATIENCE_SECONDS
    server: _Server

    def do_GET(self) -> None:
        try:
            status, content_type, content = self.server.answer(urlsplit(self.path).path)
        except Exception:
            _log.exception("operators' page failed", path=self.path)
            status, content_type, content = HTTPStatus.INTERNAL_SERVER_ERROR, "text/plain", b"see the log\n"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """Scrapes are no news."""

    def version_string(self) -> str:
        return "tidegate"
