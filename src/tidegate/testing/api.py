"""The front ends in one process, called by real AWS clients: no socket, no server, no waiting.

The clients serialise, sign and parse as always; only the bytes go to the application by a call. Each call
runs on an event loop of its own, which the store allows while its database is in memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import boto3
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.config import Config
from botocore.loaders import Loader
from botocore.session import get_session

from tidegate.control.api.context import ApiContext
from tidegate.control.buckets import Buckets, NoBuckets
from tidegate.control.links import Links
from tidegate.control.sessions import Sessions
from tidegate.control.settings import RegionSettings
from tidegate.control.store import MemoryDatabase, Store
from tidegate.control.store.logs import LogFile, LogStore
from tidegate.control.store.series import SeriesFile, SeriesStore
from tidegate.control.store.tables import ALL
from tidegate.domain.time import Clock, SystemClock
from tidegate.testing.ids import SeededIds
from tidegate.wire import AwsApplication, FrontEnd, among
from tidegate.wire.application import Note
from tidegate.wire.models import OWN_MODELS

REGION = "us-east-1"
ACCOUNT = "000000000000"
ACCESS_KEY, SECRET_KEY = "AKIATIDEGATETESTS", "secret-of-the-tests"
_ENDPOINT = "http://tidegate.test"


def series_in_memory(clock: Clock) -> SeriesStore:
    """An installation's metrics, of which nothing is kept."""
    return SeriesStore(SeriesFile(None), clock)


def logs_in_memory(clock: Clock) -> LogStore:
    """An installation's logs, of which nothing is kept."""
    return LogStore(LogFile(None), clock)


def api_context(
    clock: Clock | None = None, region: str = REGION, buckets: Buckets | None = None
) -> ApiContext:
    """What handlers are given: an empty region."""
    clock = clock or SystemClock()
    return ApiContext(
        store=Store(MemoryDatabase(), ALL),
        series=series_in_memory(clock),
        logs=logs_in_memory(clock),
        clock=clock,
        ids=SeededIds(),
        settings=RegionSettings(region=region, account=ACCOUNT, network="127.80", endpoint="127.0.0.1:1"),
        buckets=buckets or NoBuckets(),
        links=Links(region=region, access_key=ACCESS_KEY, secret_key=SECRET_KEY),
        sessions=Sessions(access_key=ACCESS_KEY, secret_key=SECRET_KEY, ids=SeededIds()),
    )


@dataclass
class Api:
    """Front ends over one context; `client(service)` is a boto3 client for them. `note` hears of answers."""

    context: ApiContext
    front_ends: Iterable[FrontEnd]
    note: Note | None = None

    @cached_property
    def application(self) -> AwsApplication:
        return AwsApplication(
            among(self.front_ends),
            credentials={ACCESS_KEY: SECRET_KEY},
            context=self.context,
            account=self.context.settings.account,
            # Signatures carry the real time, whatever the region's clock says.
            clock=SystemClock(),
            ids=self.context.ids,
            note=self.note,
        )

    def client(
        self, service: str, protocol: str | None = None, signer: Mapping[str, Any] | None = None
    ) -> Any:
        """A boto3 client. `protocol`: as a client speaks that knows no other of the service's protocols.
        `signer`: temporary credentials as STS hands them out, instead of the installation's key."""
        signer = signer or {"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}
        client = _session(protocol).client(
            service,
            endpoint_url=_ENDPOINT,
            region_name=self.context.settings.region,
            aws_access_key_id=signer["AccessKeyId"],
            aws_secret_access_key=signer["SecretAccessKey"],
            aws_session_token=signer.get("SessionToken"),
            config=Config(retries={"max_attempts": 0}),
        )
        client.meta.events.register("before-send", self._send)
        return client

    def _send(self, request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Answers instead of the network: what a `before-send` handler returns is the response."""
        return asyncio.run(_exchange(self.application, request))


class _OneProtocol(Loader):  # type: ignore[misc] # botocore says nothing of its types
    """Models as clients have them that are older, or younger, than this botocore."""

    def __init__(self, protocol: str) -> None:
        super().__init__()
        self._protocol = protocol

    def load_service_model(self, service: str, type_name: str, api_version: str | None = None) -> Any:
        model = super().load_service_model(service, type_name, api_version)
        if type_name == "service-2":
            metadata = {**model["metadata"], "protocol": self._protocol, "protocols": [self._protocol]}
            return {**model, "metadata": metadata}
        return model


@cache
def _session(protocol: str | None) -> boto3.Session:
    """One for all tests: what a session reads of botocore's takes longer than most of them."""
    session = get_session()
    loader = Loader() if protocol is None else _OneProtocol(protocol)
    loader.search_paths.append(str(OWN_MODELS))
    session.register_component("data_loader", loader)
    return boto3.Session(botocore_session=session)


async def _exchange(application: AwsApplication, request: AWSPreparedRequest) -> AWSResponse:
    url = urlsplit(request.url)
    body = request.body or b""
    content = body.encode() if isinstance(body, str) else bytes(body)
    headers = {
        name.lower(): value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in request.headers.items()
    }
    headers.setdefault("host", url.netloc)
    scope = {
        "type": "http",
        "method": request.method,
        "path": url.path or "/",
        "query_string": url.query.encode(),
        "headers": [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
    }
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content, "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    await application(scope, receive, send)
    start = sent[0]
    answered = {name.decode("latin-1"): value.decode("latin-1") for name, value in start["headers"]}
    raw = _Raw(b"".join(message.get("body", b"") for message in sent[1:]))
    return AWSResponse(request.url, start["status"], answered, raw)


class _Raw(BytesIO):
    """A body as botocore reads one from the network."""

    def stream(self, **_: Any) -> Iterable[bytes]:
        yield self.read()
