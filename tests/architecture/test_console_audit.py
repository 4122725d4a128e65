"""`scripts/console --audit` tells an advisory, a clean lock, and a registry that does not answer apart."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REACT = {
    "id": 1,
    "url": "https://advisories.test/1",
    "title": "It runs what it is sent",
    "severity": "high",
    "vulnerable_versions": "*",
}
NODE_MIN = 20


def has_node() -> bool:
    """As `scripts/console` asks: else it takes Node from the network first."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        return False
    told = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout
    return int(told.strip().removeprefix("v").split(".")[0] or 0) >= NODE_MIN


needs_npm = pytest.mark.skipif(not has_node(), reason=f"needs npm and Node {NODE_MIN} or newer")


@contextmanager
def registry(status: HTTPStatus, advisories: object) -> Iterator[str]:
    """A registry that answers every audit so, and knows no package; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._answer(status, json.dumps(advisories).encode())

        def do_GET(self) -> None:
            self._answer(HTTPStatus.NOT_FOUND, b"{}")

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.rfile.read(int(self.headers.get("content-length", 0)))
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def audit(address: str, cache: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "npm_config_registry": address, "npm_config_cache": str(cache), **settings}
    command = [ROOT / "scripts" / "console", "--audit"]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


@needs_npm
def test_a_serious_advisory_is_told(tmp_path: Path) -> None:
    with registry(HTTPStatus.OK, {"react": [REACT]}) as address:
        told = audit(address, tmp_path)
    assert told.returncode == 1, told.stderr
    assert "It runs what it is sent" in told.stdout


@needs_npm
def test_a_lesser_one_fails_nothing_and_is_asked_for_where_npm_is_set_to_be_offline(tmp_path: Path) -> None:
    with registry(HTTPStatus.OK, {"react": [{**REACT, "severity": "moderate"}]}) as address:
        told = audit(address, tmp_path, npm_config_offline="true")
    assert told.returncode == 0, told.stderr
    assert "It runs what it is sent" in told.stdout


@needs_npm
def test_a_registry_that_does_not_answer_is_no_success(tmp_path: Path) -> None:
    with registry(HTTPStatus.METHOD_NOT_ALLOWED, {}) as address:
        told = audit(address, tmp_path)
    assert told.returncode == 2, told.stdout
    assert "Not checked" in told.stderr
