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


@pytest.fixture(autouse=True, scope="module")
def npm() -> None:
    """The script takes a Node of its own, for minutes, where there is none that is new enough."""
    if shutil.which("npm") is None or node_version() < NODE_MIN:
        pytest.skip(f"needs npm and Node {NODE_MIN}")


def node_version() -> int:
    """The major version of the Node that there is; 0 for none."""
    if shutil.which("node") is None:
        return 0
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    return int(said.removeprefix("v").split(".")[0])


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


def test_a_serious_advisory_is_told(tmp_path: Path) -> None:
    with registry(HTTPStatus.OK, {"react": [REACT]}) as address:
        told = audit(address, tmp_path)
    assert told.returncode == 1, told.stderr
    assert "It runs what it is sent" in told.stdout


def test_a_lesser_one_fails_nothing_and_is_asked_for_where_npm_is_set_to_be_offline(tmp_path: Path) -> None:
    with registry(HTTPStatus.OK, {"react": [{**REACT, "severity": "moderate"}]}) as address:
        told = audit(address, tmp_path, npm_config_offline="true")
    assert told.returncode == 0, told.stderr
    assert "It runs what it is sent" in told.stdout


def test_a_registry_that_does_not_answer_is_no_success(tmp_path: Path) -> None:
    with registry(HTTPStatus.METHOD_NOT_ALLOWED, {}) as address:
        told = audit(address, tmp_path)
    assert told.returncode == 2, told.stdout
    assert "Not checked" in told.stderr
