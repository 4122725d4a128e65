"""Every protocol between a client and a target, through a real HAProxy, with the clients that users have."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import grpc
import grpc.aio
import httpx
import pytest
import websockets

from tidegate.fleet.balancing import GroupTarget
from tidegate.testing.balancing.certificates import self_signed, server_context
from tidegate.testing.balancing.http2_target import Http2Answer, Http2Target
from tidegate.testing.balancing.running import (
    CHECK,
    HTTP_PORT,
    HTTPS_PORT,
    RunningBalancer,
    eventually,
    running_balancer,
)
from tidegate.testing.balancing.targets import Request, Target, read_body

pytestmark = pytest.mark.timeout(60)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[RunningBalancer]:
    async with running_balancer(tmp_path) as started:
        yield started


def client(*, http2: bool = False) -> httpx.AsyncClient:
    return httpx.AsyncClient(http2=http2, verify=False, timeout=10)


def https(running: RunningBalancer, path: str = "/") -> str:
    return f"https://{running.address}:{HTTPS_PORT}{path}"


async def connected(running: RunningBalancer) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection(running.address, HTTP_PORT)


# Targets over TLS and HTTP/2


async def test_an_https_target_is_reached_whatever_its_certificate_says(
    running: RunningBalancer, tmp_path: Path
) -> None:
    tls = server_context(self_signed(tmp_path / "target.pem", "elsewhere.test"))
    target = await Target(name="secure").start(tls=tls)
    running.group(target.registered(), protocol="HTTPS")
    await running.answering()
    assert (await running.request()).body == b"secure"
    await target.stop()


@pytest.mark.parametrize("protocol", ["HTTP", "HTTPS"])
async def test_an_http2_group_is_spoken_to_in_http2(
    running: RunningBalancer, tmp_path: Path, protocol: str
) -> None:
    tls = server_context(self_signed(tmp_path / "target.pem", "a.test"), "h2")
    answer = Http2Answer([(":status", "201"), ("x-more", "1")], body=b"made", trailers=[("x-sum", "9")])
    target = await Http2Target(lambda _: answer).start(tls=tls if protocol == "HTTPS" else None)
    check = {"protocol": protocol, "protocol_version": "HTTP2"}
    running.group(target.registered(), **check)
    await running.serving(target.registered())
    async with client(http2=True) as http:
        response = await http.put(https(running, "/things?q=1"), content=b"x" * 100_000)
    assert (response.status_code, response.http_version, response.content) == (201, "HTTP/2", b"made")
    request = target.requests[-1]
    assert (request.headers[":method"], request.headers[":path"]) == ("PUT", "/things?q=1")
    assert len(request.body) == 100_000
    await target.stop()


@pytest.mark.parametrize(
    ("protocol", "version"), [("HTTPS", "HTTP1"), ("HTTP", "HTTP2"), ("HTTPS", "HTTP2"), ("HTTPS", "GRPC")]
)
async def test_a_target_added_live_is_spoken_to_as_the_others(
    running: RunningBalancer, tmp_path: Path, protocol: str, version: str
) -> None:
    alpn = [] if version == "HTTP1" else ["h2"]
    tls = server_context(self_signed(tmp_path / "target.pem", "a.test"), *alpn)
    kind = Target if version == "HTTP1" else Http2Target
    one, two = [await kind(name=name).start(tls=tls if protocol == "HTTPS" else None) for name in "ab"]
    check = replace(CHECK, protocol=protocol)
    running.group(one.registered(), protocol=protocol, protocol_version=version, health_check=check)
    await running.serving(one.registered())
    configuration = running.process.configuration
    loaded = configuration.stat().st_mtime_ns
    running.group(two.registered(), protocol=protocol, protocol_version=version, health_check=check)
    await running.serving(two.registered())
    async with client(http2=True) as http:
        assert (await http.post(https(running))).text == "b"
    assert configuration.stat().st_mtime_ns == loaded, "it was reloaded"
    await one.stop()
    await two.stop()


async def answered(
    running: RunningBalancer,
    holds: Callable[[httpx.Response], bool] = lambda response: response.status_code < 500,
) -> httpx.Response:
    """The first answer to a gRPC request that is as wanted; each on a connection of its own."""
    headers = {"content-type": "application/grpc"}
    async with asyncio.timeout(10):
        while True:
            try:
                async with client(http2=True) as http:
                    response = await http.post(
                        f"https://{running.address}:{HTTPS_PORT}/a.B/C", headers=headers
                    )
                if holds(response):
                    return response
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)


@pytest.mark.parametrize(
    ("client_version", "method", "content_type", "group_version", "status"),
    [
        ("1.1", "GET", None, "HTTP1", 200),
        ("2", "GET", None, "HTTP1", 200),
        ("2", "POST", "application/grpc", "HTTP1", 464),
        ("2", "POST", "application/grpc+proto", "HTTP1", 464),
        # What browsers speak to a gRPC-web proxy is not gRPC.
        ("2", "POST", "application/grpc-web+proto", "HTTP1", 200),
        ("1.1", "GET", None, "HTTP2", 464),
        ("1.1", "POST", "application/grpc", "HTTP2", 464),
        ("2", "GET", None, "HTTP2", 200),
        ("2", "POST", "application/grpc", "HTTP2", 200),
        ("1.1", "POST", None, "GRPC", 464),
        ("2", "GET", None, "GRPC", 464),
        ("2", "POST", None, "GRPC", 200),
        ("2", "POST", "application/grpc", "GRPC", 200),
    ],
)
@pytest.mark.proves("status:464")
async def test_what_a_groups_targets_do_not_speak_is_answered_464(
    running: RunningBalancer,
    client_version: str,
    method: str,
    content_type: str | None,
    group_version: str,
    status: int,
) -> None:
    one = await Target().start()
    two = await Http2Target().start()
    two.check_answer = Http2Answer([(":status", "200"), ("grpc-status", "12")])
    target = one if group_version == "HTTP1" else two
    running.group(target.registered(), protocol_version=group_version)
    headers = {} if content_type is None else {"content-type": content_type}
    await running.serving(target.registered())
    async with client(http2=client_version == "2") as http:
        response = await http.request(method, https(running), headers=headers)
    assert response.status_code == status
    if status == 464:
        assert response.headers["server"] == "awselb/2.0"
    await one.stop()
    await two.stop()


# gRPC


class Service(grpc.GenericRpcHandler):
    """Each kind of method: echoes what it got, and says so in its trailers."""

    def __init__(self) -> None:
        self.went_on = asyncio.Event()
        self.was_cancelled = asyncio.Event()

    def service(self, handler_call_details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler | None:
        kinds = {
            "/echo.Echo/Unary": grpc.unary_unary_rpc_method_handler(self._unary),
            "/echo.Echo/Download": grpc.unary_stream_rpc_method_handler(self._download),
            "/echo.Echo/Upload": grpc.stream_unary_rpc_method_handler(self._upload),
            "/echo.Echo/Talk": grpc.stream_stream_rpc_method_handler(self._talk),
            "/echo.Echo/Fail": grpc.unary_unary_rpc_method_handler(self._fail),
        }
        return kinds.get(handler_call_details.method)

    async def _unary(self, request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        given = dict(context.invocation_metadata() or ())
        await context.send_initial_metadata((("x-first", "1"),))
        context.set_trailing_metadata((("x-last", str(given.get("x-given"))),))
        return request

    async def _download(self, request: bytes, _: grpc.aio.ServicerContext) -> AsyncIterator[bytes]:
        yield request
        try:
            await self.went_on.wait()
        except asyncio.CancelledError:
            self.was_cancelled.set()
            raise
        yield request

    async def _upload(self, requests: AsyncIterator[bytes], _: grpc.aio.ServicerContext) -> bytes:
        return b"".join([request async for request in requests])

    async def _talk(
        self, requests: AsyncIterator[bytes], _: grpc.aio.ServicerContext
    ) -> AsyncIterator[bytes]:
        async for request in requests:
            yield request

    async def _fail(self, _: bytes, context: grpc.aio.ServicerContext) -> bytes:
        await context.abort(grpc.StatusCode.PERMISSION_DENIED, "not you")
        return b""


@asynccontextmanager
async def grpc_target(service: Service, pem: Path | None = None) -> AsyncIterator[GroupTarget]:
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((service,))
    if pem is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        content = await asyncio.to_thread(pem.read_bytes)
        port = server.add_secure_port("127.0.0.1:0", grpc.ssl_server_credentials([(content, content)]))
    await server.start()
    yield GroupTarget(id="i-1", port=port, address="127.0.0.1")
    await server.stop(None)


def channel(running: RunningBalancer) -> grpc.aio.Channel:
    trust = grpc.ssl_channel_credentials(root_certificates=running.pem.read_bytes())
    options = [("grpc.ssl_target_name_override", "lb.test")]
    return grpc.aio.secure_channel(f"{running.address}:{HTTPS_PORT}", trust, options)


async def serving_grpc(running: RunningBalancer, target: GroupTarget, protocol: str = "HTTP") -> None:
    check = replace(CHECK, path="/AWS.ALB/healthcheck", matcher="12", protocol=protocol)
    running.group(target, protocol=protocol, protocol_version="GRPC", health_check=check)
    await running.serving(target)


@pytest.mark.parametrize("is_secure", [False, True])
async def test_grpc_calls_of_every_kind_go_through(
    running: RunningBalancer, tmp_path: Path, is_secure: bool
) -> None:
    pem = self_signed(tmp_path / "target.pem", "a.test") if is_secure else None
    service = Service()
    async with grpc_target(service, pem) as target:
        await serving_grpc(running, target, "HTTPS" if is_secure else "HTTP")
        async with channel(running) as to:
            unary = to.unary_unary("/echo.Echo/Unary")(b"hello", metadata=(("x-given", "7"),))
            assert await unary == b"hello"
            assert dict(await unary.initial_metadata())["x-first"] == "1"
            assert dict(await unary.trailing_metadata())["x-last"] == "7"

            download = to.unary_stream("/echo.Echo/Download")(b"piece")
            assert await download.read() == b"piece"
            # The first piece is here while the call still waits: it is streamed, not gathered.
            service.went_on.set()
            assert await download.read() == b"piece"
            assert await download.read() is grpc.aio.EOF

            upload = to.stream_unary("/echo.Echo/Upload")(iter([b"a", b"b" * 100_000, b"c"]))
            assert len(await upload) == 100_002

            talk = to.stream_stream("/echo.Echo/Talk")()
            for word in (b"one", b"two", b"three"):
                await talk.write(word)
                assert await talk.read() == word
            await talk.done_writing()
            assert await talk.read() is grpc.aio.EOF


async def test_grpc_targets_are_replaced_without_a_failed_call(running: RunningBalancer) -> None:
    check = replace(CHECK, path="/AWS.ALB/healthcheck", matcher="12")
    group = {"protocol_version": "GRPC", "health_check": check, "drains_early": True}
    failures: list[grpc.aio.AioRpcError] = []
    calls = 0

    async def call(to: grpc.aio.Channel) -> None:
        nonlocal calls
        unary = to.unary_unary("/echo.Echo/Unary")
        while True:
            try:
                assert await unary(b"hello") == b"hello"
                calls += 1
            except grpc.aio.AioRpcError as error:
                failures.append(error)
            await asyncio.sleep(0.005)

    async with AsyncExitStack() as stack:
        old = await stack.enter_async_context(grpc_target(Service()))
        running.group(old, **group)
        await running.serving(old)
        to = await stack.enter_async_context(channel(running))
        calling = [asyncio.create_task(call(to)) for _ in range(4)]
        for number in range(2, 5):
            new = replace(await stack.enter_async_context(grpc_target(Service())), id=f"i-{number}")
            running.group(old, new, **group)
            await running.serving(old, new)
            running.group(replace(old, status="draining", drain_deadline=time.time() + 60), new, **group)
            await eventually(lambda gone=old: running.target_reports()[gone.id].is_drained)  # type: ignore[misc]
            running.group(new, **group)
            old = new
        for one in calling:
            one.cancel()
    assert failures == []
    assert calls > 100


async def test_a_call_that_the_client_cancels_ends_at_the_target(running: RunningBalancer) -> None:
    service = Service()
    async with grpc_target(service) as target, channel(running) as to:
        await serving_grpc(running, target)
        download = to.unary_stream("/echo.Echo/Download")(b"piece")
        assert await download.read() == b"piece"
        download.cancel()
        await asyncio.wait_for(service.was_cancelled.wait(), 5)


async def test_a_grpc_targets_own_error_is_passed_on(running: RunningBalancer) -> None:
    async with grpc_target(Service()) as target, channel(running) as to:
        await serving_grpc(running, target)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await to.unary_unary("/echo.Echo/Fail")(b"")
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.PERMISSION_DENIED, "not you")


async def test_a_grpc_client_is_told_of_the_load_balancers_own_error_in_grpcs_terms(
    running: RunningBalancer,
) -> None:
    running.group(protocol_version="GRPC")
    response = await answered(running, lambda response: "grpc-status" in response.headers)
    assert response.status_code == 503
    assert (response.headers["grpc-status"], response.headers["grpc-message"]) == ("14", "unavailable")


# WebSocket and streams


async def test_a_websocket_is_a_tunnel_for_both_sides(running: RunningBalancer) -> None:
    async def echo(connection: websockets.ServerConnection) -> None:
        async for message in connection:
            await connection.send(message)

    async with websockets.serve(echo, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        running.group(GroupTarget(id="i-1", port=port, address="127.0.0.1"))
        await running.serving(GroupTarget(id="i-1", port=port, address="127.0.0.1"))
        for url in (f"ws://{running.address}:{HTTP_PORT}/", f"wss://{running.address}:{HTTPS_PORT}/"):
            trust = ssl.create_default_context(cafile=running.pem) if url.startswith("wss") else None
            async with websockets.connect(url, ssl=trust, server_hostname=trust and "lb.test") as socket:
                for message in ("text", b"bytes" * 50_000):
                    await socket.send(message)
                    assert await socket.recv() == message


async def test_server_sent_events_arrive_one_by_one(running: RunningBalancer) -> None:
    heard: asyncio.Queue[None] = asyncio.Queue()

    async def events(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(
            b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        for number in range(3):
            event = b"data: %d\n\n" % number
            writer.write(b"%x\r\n%s\r\n" % (len(event), event))
            await writer.drain()
            # The next event only once the client has this one.
            await heard.get()
        writer.write(b"0\r\n\r\n")

    target = await Target(events).start()
    running.group(target.registered())
    await running.serving(target.registered())
    async with client() as http, http.stream("GET", f"http://{running.address}:{HTTP_PORT}/") as response:
        received = []
        async for line in response.aiter_lines():
            if line:
                received.append(line)
                heard.put_nowait(None)
    assert received == ["data: 0", "data: 1", "data: 2"]
    await target.stop()


async def test_chunks_and_trailers_go_both_ways(running: RunningBalancer) -> None:
    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_body(request, reader)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n")
        writer.write(b"3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n")

    target = await Target(answer).start()
    running.group(target.registered())
    await running.serving(target.registered())
    reader, writer = await connected(running)
    writer.write(b"POST /up HTTP/1.1\r\nHost: lb\r\nTransfer-Encoding: chunked\r\nTrailer: X-Md5\r\n\r\n")
    writer.write(b"5\r\nhello\r\n6\r\n world\r\n0\r\nX-Md5: abc\r\n\r\n")
    head = await reader.readuntil(b"\r\n\r\n")
    rest = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    assert b"200 OK" in head
    assert rest.lower() == b"3\r\nabc\r\n0\r\nx-sum: 3\r\n\r\n"
    request = target.requests[-1]
    assert (request.body, [line.lower() for line in request.trailers]) == (b"hello world", ["x-md5: abc"])
    await target.stop()


async def test_a_client_that_expects_to_be_told_to_continue_is_told_by_the_target(
    running: RunningBalancer,
) -> None:
    async def answer(request: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert request.header("expect") == "100-continue"
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await read_body(request, reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    target = await Target(answer).start()
    running.group(target.registered())
    await running.serving(target.registered())
    reader, writer = await connected(running)
    writer.write(b"PUT / HTTP/1.1\r\nHost: lb\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100")
    writer.write(b"body")
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert target.requests[-1].body == b"body"
    writer.close()
    await target.stop()


@pytest.mark.parametrize("is_chunked", [False, True])
async def test_a_large_answer_arrives_whole_and_in_order(
    running: RunningBalancer, *, is_chunked: bool
) -> None:
    body = b"".join(number.to_bytes(4) for number in range(1_250_000))
    said = b"Transfer-Encoding: chunked" if is_chunked else b"Content-Length: %d" % len(body)

    async def answer(_: Request, __: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n" + said + b"\r\n\r\n")
        for at in range(0, len(body), 70_000):
            piece = body[at : at + 70_000]
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece) if is_chunked else piece)
            await writer.drain()
        writer.write(b"0\r\n\r\n" if is_chunked else b"")

    target = await Target(answer).start()
    running.group(target.registered())
    await running.serving(target.registered())
    async with client() as asking:
        for _ in range(3):
            assert (await asking.get(f"http://{running.address}:{HTTP_PORT}/large")).content == body
    await target.stop()


async def test_a_large_upload_is_streamed_not_gathered(running: RunningBalancer) -> None:
    size, first = 50_000_000, 200_000
    begun, taken = asyncio.Event(), 0

    async def answer(_: Request, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        while taken < size:
            taken += len(await reader.read(1_000_000))
            if taken >= first:
                begun.set()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    target = await Target(answer).start()
    running.group(target.registered())
    await running.serving(target.registered())
    reader, writer = await connected(running)
    writer.write(b"POST / HTTP/1.1\r\nHost: lb\r\nContent-Length: %d\r\n\r\n" % size)
    writer.write(bytes(first))
    # The target has the first bytes while the client still holds the rest.
    await asyncio.wait_for(begun.wait(), 10)
    for _ in range((size - first) // 100_000):
        writer.write(bytes(100_000))
        await writer.drain()
    assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 200")
    assert taken == size
    writer.close()
    await target.stop()
