"""Objects on their way to an S3-compatible endpoint."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import msgspec
import pytest
from tests.balancer.access_log.edges import LOGS, a_balancer, an_edge
from tests.balancer.logs.test_delivery import Installation

from tidegate.balancer.decisions.access_log.objects import Destination
from tidegate.balancer.logs.s3 import S3, S3Credentials, credentials
from tidegate.balancer.logs.settings import LogSettings
from tidegate.balancer.logs.upload import Outbox, UploadError, back_off
from tidegate.wire.sigv4 import SignedRequest, claimed, verify

KEYS = S3Credentials(access_key="key", secret_key="secret", region="eu-west-1")


class Endpoint(ThreadingHTTPServer):
    """Takes objects that are signed well, in order of arrival; refuses the first so many."""

    def __init__(self, refuses: int = 0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.refuses = refuses
        self.objects: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Endpoint

    def do_PUT(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.refuses:
            self.server.refuses -= 1
            self._answer(503)
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = SignedRequest(method="PUT", path=self.path, query="", headers=headers, body=body)
        verify(claimed(headers, ""), request, {"key": "secret"}.get, datetime.now(UTC))
        self.server.objects[self.path] = body
        self._answer(200)

    def _answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with Endpoint() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_an_object_is_put_under_its_bucket_and_key_and_signed(endpoint: Endpoint) -> None:
    S3(endpoint.url, KEYS).upload(Destination("logs", "my/AWSLogs/a.log.gz"), b"content")
    assert endpoint.objects == {"/logs/my/AWSLogs/a.log.gz": b"content"}


def test_a_wrong_key_is_refused(endpoint: Endpoint) -> None:
    wrong = S3Credentials(access_key="key", secret_key="wrong", region="eu-west-1")
    with pytest.raises(UploadError):
        S3(endpoint.url, wrong).upload(Destination("logs", "a"), b"content")
    assert endpoint.objects == {}


def test_an_endpoint_that_is_away_is_an_upload_error() -> None:
    with pytest.raises(UploadError):
        S3("http://127.0.0.1:9", KEYS).upload(Destination("logs", "a"), b"content")


def test_the_endpoints_keys_are_not_this_installations() -> None:
    environment = {
        "AWS_ACCESS_KEY_ID": "ours",
        "AWS_REGION": "eu-west-1",
        "TIDEGATE_S3_ACCESS_KEY_ID": "key",
        "TIDEGATE_S3_SECRET_ACCESS_KEY": "secret",
    }
    assert credentials(environment) == KEYS


class Away:
    """An endpoint that takes nothing for a while."""

    def __init__(self, refuses: int = 0) -> None:
        self.refuses = refuses
        self.taken: list[tuple[Destination, bytes]] = []

    def upload(self, place: Destination, content: bytes) -> None:
        if self.refuses:
            self.refuses -= 1
            raise UploadError("away")
        self.taken.append((place, content))


def test_objects_wait_until_they_are_taken_the_oldest_first(tmp_path: Path) -> None:
    remote = Away(refuses=1)
    outbox = Outbox(tmp_path, remote)
    places = [Destination("logs", f"{name}/x.log.gz") for name in "cab"]
    for place in places:
        outbox.put(place, b"content")
    with pytest.raises(UploadError):
        outbox.upload()
    assert len(outbox.waiting()) == 3
    outbox.upload()
    assert [place for place, _ in remote.taken] == places
    assert outbox.waiting() == []


def test_what_waits_is_found_by_the_next_one(tmp_path: Path) -> None:
    Outbox(tmp_path, Away()).put(Destination("logs", "a/b.log.gz"), b"content")
    remote = Away()
    Outbox(tmp_path, remote).upload()
    assert remote.taken == [(Destination("logs", "a/b.log.gz"), b"content")]


def test_so_much_is_kept_and_no_more(tmp_path: Path) -> None:
    outbox = Outbox(tmp_path, Away(refuses=1), bytes_max=25)
    for number in range(5):
        outbox.put(Destination("logs", f"{number}.log.gz"), b"x" * 10)
    assert [path.name for path in outbox.waiting()] == ["3.log.gz", "4.log.gz"]


def test_the_thread_uploads_what_is_put(tmp_path: Path, endpoint: Endpoint) -> None:
    endpoint.refuses = 1
    outbox = Outbox(tmp_path, S3(endpoint.url, KEYS))
    outbox.put(Destination("logs", "a.log.gz"), b"content")
    outbox.start()
    # Its last attempt is made at once.
    outbox.stop(5)
    outbox = Outbox(tmp_path, S3(endpoint.url, KEYS))
    outbox.start()
    outbox.stop(5)
    assert endpoint.objects == {"/logs/a.log.gz": b"content"}


@pytest.mark.parametrize(("failures", "seconds"), [(1, 2), (2, 4), (5, 32), (6, 60), (1000, 60)])
def test_a_busy_endpoint_is_asked_less_and_less(failures: int, seconds: int) -> None:
    assert back_off(failures) == seconds


def test_the_process_delivers_to_an_endpoint_until_its_input_ends(tmp_path: Path, endpoint: Endpoint) -> None:
    place = Installation(tmp_path)
    place.edge(an_edge(a_balancer(logs=LOGS[:1])))
    told = LogSettings(folder=str(tmp_path), buckets=str(tmp_path / "s3"), s3_endpoint=endpoint.url)
    keys = {"TIDEGATE_S3_ACCESS_KEY_ID": "key", "TIDEGATE_S3_SECRET_ACCESS_KEY": "secret"}
    process = subprocess.Popen(
        [sys.executable, "-m", "tidegate.balancer.logs", msgspec.json.encode(told).decode()],
        stdin=subprocess.PIPE,
        env=os.environ | keys,
    )
    place.ask(count=3)
    process.communicate(timeout=20)
    assert process.returncode == 0
    [(name, content)] = endpoint.objects.items()
    assert name.startswith("/logs/AWSLogs/000000000000/elasticloadbalancing/us-east-1/")
    assert gzip.decompress(content).count(b"\n") == 3
    assert not (tmp_path / "s3").exists()


class WithoutABucket:
    """An endpoint that has all buckets but `gone`."""

    def __init__(self) -> None:
        self.took: list[Destination] = []

    def upload(self, place: Destination, content: bytes) -> None:  # noqa: ARG002
        if place.bucket == "gone":
            raise UploadError("NoSuchBucket")
        self.took.append(place)


def test_a_bucket_that_is_not_there_holds_up_no_other(tmp_path: Path) -> None:
    remote = WithoutABucket()
    outbox = Outbox(tmp_path, remote)
    for bucket, key in (("gone", "a.log.gz"), ("logs", "b.log.gz"), ("gone", "c.log.gz")):
        outbox.put(Destination(bucket, key), b"content")
    with pytest.raises(UploadError, match="NoSuchBucket"):
        outbox.upload()
    assert remote.took == [Destination("logs", "b.log.gz")]
    assert sorted(path.name for path in outbox.waiting()) == ["a.log.gz", "c.log.gz"]
