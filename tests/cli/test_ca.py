"""`tidegate ca` prints what control serves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from typer.testing import CliRunner

from tidegate.cli import settings
from tidegate.cli.commands.ca import app
from tidegate.cli.settings import Settings
from tidegate.wire import Fault
from tidegate.wire.sigv4 import SignedRequest, authenticate

PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


class _Control(BaseHTTPRequestHandler):
    """Answers with a certificate to those who sign for it, as control does."""

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        signed = SignedRequest(method="GET", path=self.path, query="", headers=headers, body=b"")
        try:
            scope = authenticate(signed, {"AKIA": "secret"}.get, datetime.now(UTC))
            status, content = 200, PEM if scope.service == "tidegate" else "another service"
        except Fault as fault:
            status, content = 403, str(fault)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content.encode())

    def log_message(self, *_: object) -> None:
        """Nothing: the test's output stays its own."""


@contextmanager
def _control() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), _Control)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def _settings(endpoint: str, secret: str = "secret") -> Settings:
    return Settings(
        endpoint=endpoint,
        region="us-east-1",
        account="000000000000",
        access_key="AKIA",
        secret_key=secret,
        network="127.80",
        runtime="process",
    )


def test_the_root_is_printed_as_it_is(tmp_path: Path) -> None:
    with _control() as endpoint:
        settings.save(tmp_path, _settings(endpoint))
        done = CliRunner().invoke(app, ["--data-dir", str(tmp_path)])
    assert done.exit_code == 0
    assert done.stdout == PEM


def test_a_refusal_is_told(tmp_path: Path) -> None:
    with _control() as endpoint:
        settings.save(tmp_path, _settings(endpoint, secret="wrong"))
        done = CliRunner().invoke(app, ["--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "control refused: SignatureDoesNotMatch" in done.stderr
    assert done.stdout == ""


def test_without_control_it_says_what_to_run(tmp_path: Path) -> None:
    with _control() as endpoint:
        pass
    settings.save(tmp_path, _settings(endpoint))
    done = CliRunner().invoke(app, ["--data-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "the API does not answer" in done.stderr
    assert f"`tidegate up --data-dir {tmp_path}` starts it" in done.stderr
