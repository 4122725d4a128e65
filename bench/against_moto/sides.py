"""The two servers that are compared, each started as its users start it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any, Protocol

import boto3
from botocore.config import Config

from bench.measuring.http import LoadFailedError
from bench.measuring.processes import free_port
from tidegate.cli.processes import descendants
from tidegate.wire.sigv4 import sign_headers

REGION = "us-east-1"
ROOT = Path(__file__).resolve().parents[2]
MOTO = ROOT / "var" / "moto"
_STARTING_SECONDS = 60.0
_DOCKERFILE = 'FROM python:3.11\nCOPY . /app\nWORKDIR /app\nCMD ["python", "server.py"]\n'


@dataclass(frozen=True, slots=True)
class Keys:
    access_key: str = "AKIDBENCH"
    secret_key: str = "secret-of-the-bench"


class Side(Protocol):
    """A server under test. `main` is the process that answers, `processes` all that belong to it."""

    name: str
    port: int
    keys: Keys

    @property
    def main(self) -> int: ...

    @property
    def processes(self) -> list[int]: ...

    def start(self) -> float:
        """Start from nothing; seconds to the first answer. Raises LoadFailedError."""
        ...

    def prepare(self) -> None:
        """What it needs before instances can run tasks."""
        ...

    def stop(self) -> None: ...


class TidegateSide:
    """`tidegate up` on processes: control, balancer with HAProxy, and an agent for each instance."""

    name = "tidegate"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data_dir = folder / "data"
        self.keys = Keys()

    @property
    def main(self) -> int:
        return int((self._data_dir / "run" / "control.pid").read_text().split()[0])

    @property
    def processes(self) -> list[int]:
        return [self._supervisor.pid, *descendants(self._supervisor.pid)]

    def start(self) -> float:
        self.port = free_port()
        began = time.perf_counter()
        self._supervisor = self._spawn(
            *("up", "--runtime", "process", "--endpoint", f"127.0.0.1:{self.port}"),
            *("--access-key", self.keys.access_key, "--secret-key", self.keys.secret_key),
        )
        return first_answer(self, began)

    def prepare(self) -> None:
        image = self._folder / "image"
        image.mkdir(exist_ok=True)
        (image / "Dockerfile").write_text(_DOCKERFILE)
        shutil.copy(Path(__file__).with_name("application.py"), image / "server.py")
        if self._spawn("image", "build", str(image), "-t", "bench:1").wait() != 0:
            raise LoadFailedError(f"the image was not built: see {self._folder / 'tidegate.log'}")

    def stop(self) -> None:
        self._spawn("down", "--purge").wait()
        self._supervisor.wait()

    def _spawn(self, *arguments: str) -> subprocess.Popen[bytes]:
        command = [str(Path(sys.prefix) / "bin" / "tidegate"), *arguments, "--data-dir", str(self._data_dir)]
        with (self._folder / "tidegate.log").open("ab") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=_environment()
            )


class MotoSide:
    """`moto_server`, out of an environment of its own."""

    name = "moto"

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.keys = Keys()

    @property
    def main(self) -> int:
        return self._server.pid

    @property
    def processes(self) -> list[int]:
        return [self.main]

    def start(self) -> float:
        self.port = free_port()
        began = time.perf_counter()
        # One line of log for each request, to a file, is what a user of it pays too.
        with (self._folder / "moto.log").open("ab") as log:
            self._server = subprocess.Popen(
                [str(MOTO / "bin" / "moto_server"), "-p", str(self.port)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**_environment(), "MOTO_ACCOUNT_ID": "000000000000"},
            )
        return first_answer(self, began)

    def prepare(self) -> None:
        """It runs no tasks."""

    def stop(self) -> None:
        self._server.terminate()
        self._server.wait()


def client(side: Side, service: str) -> Any:
    """A boto3 client of the side."""
    return boto3.client(
        service,
        endpoint_url=f"http://127.0.0.1:{side.port}",
        region_name=REGION,
        aws_access_key_id=side.keys.access_key,
        aws_secret_access_key=side.keys.secret_key,
        config=Config(read_timeout=30, retries={"mode": "standard", "total_max_attempts": 3}),
    )


def json_request(side: Side, operation: str, parameters: dict[str, Any]) -> bytes:
    """A signed request of ECS, ready to be sent."""
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": f"AmazonEC2ContainerServiceV20141113.{operation}",
    }
    return _request(side, "ecs", headers, json.dumps(parameters).encode())


def form_request(side: Side, service: str, form: str) -> bytes:
    """A signed request of a query service, ready to be sent."""
    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    return _request(side, service, headers, form.encode())


def first_answer(side: Side, began: float) -> float:
    """Ask until it answers; seconds since `began`. Raises LoadFailedError."""
    while time.perf_counter() - began < _STARTING_SECONDS:
        with contextlib.suppress(OSError, HTTPException):
            connection = HTTPConnection("127.0.0.1", side.port, timeout=_STARTING_SECONDS)
            with contextlib.closing(connection):
                body = b"{}"
                headers = {
                    "content-type": "application/x-amz-json-1.1",
                    "x-amz-target": "AmazonEC2ContainerServiceV20141113.ListClusters",
                }
                connection.request("POST", "/", body, headers | _signature(side, "ecs", headers, body))
                if connection.getresponse().status == 200:
                    return time.perf_counter() - began
        time.sleep(0.002)
    raise LoadFailedError(f"{side.name} did not answer within {_STARTING_SECONDS:g} s")


@contextlib.contextmanager
def running(side: Side) -> Iterator[float]:
    """The side, started; gives the seconds to its first answer."""
    try:
        yield side.start()
    finally:
        side.stop()


def _environment() -> dict[str, str]:
    """Ours, but compiled code is kept: on a warm machine nobody compiles at a start."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _request(side: Side, service: str, headers: dict[str, str], body: bytes) -> bytes:
    headers = headers | _signature(side, service, headers, body)
    # The header that SDKs send, of the usual length; it is not signed by all of them.
    headers["User-Agent"] = (
        "Boto3/1.43 md/Botocore#1.43 ua/2.1 os/linux lang/python#3.11 cfg/retry-mode#standard"
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"POST / HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


def _signature(side: Side, service: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
    return sign_headers(
        method="POST",
        host=f"127.0.0.1:{side.port}",
        path="/",
        headers=headers,
        body=body,
        service=service,
        region=REGION,
        access_key_id=side.keys.access_key,
        secret_key=side.keys.secret_key,
        now=datetime.now(UTC),
    )
