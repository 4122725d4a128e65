"""Requests inside a target that dies: whoever has sent one that is not repeated hears of it."""

from __future__ import annotations

import asyncio
import contextlib
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
from tests.balancer.lab import PORT, Lab, Request, Target, forward, listener
from tests.balancer.test_names import SHARED, load_balancer
from tests.balancer.test_tls import certificate, https

from tidegate.balancer.decisions.access_log.raw import read
from tidegate.balancer.decisions.traffic.lines import outcomes, words
from tidegate.testing.balancing.http2_target import Http2Answer, Http2Request, Http2Target

pytestmark = pytest.mark.timeout(60)

ROUNDS = 10
CERTIFICATE = certificate("a.test")
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
BAD_GATEWAY = "<center><h1>502 Bad Gateway</h1></center>"


async def dying(lab: Lab) -> None:
    """The target of `web` ends its connection, with no answer, when it has a request for /die."""

    def record(request: Request) -> None:
        lab.seen.append(request)
        if " /die" in request.line:
            raise ConnectionResetError

    lab.targets["web"] = target = Target("web", record)
    await target.start()
    lab.group("web")


async def served_by(lab: Lab, serve: Serve) -> None:
    """Each connection to the target of `web` is served so, until it ends."""

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await serve(reader, writer)
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    lab.targets["web"] = Target("web", lab.seen.append, port=server.sockets[0].getsockname()[1])
    lab.group("web")


def logged(lab: Lab) -> bytes:
    return (lab.settings.data_dir / "logs" / "access.log").read_bytes()


def port_of(answer: httpx.Response) -> int:
    """The client's: it tells connections apart."""
    port: int = answer.extensions["network_stream"].get_extra_info("client_addr")[1]
    return port


@pytest.mark.parametrize("speech", ["HTTP/1.1", "by name", "HTTP/1.1 over TLS", "HTTP/2"])
async def test_a_post_in_a_target_that_dies_is_answered_502_on_any_request_of_a_connection(
    lab: Lab, speech: str, port: int
) -> None:
    await dying(lab)
    if speech == "by name":
        await lab.edges(load_balancer(lab, "web", port))
        url = f"http://{SHARED}:{port}"
    elif speech == "HTTP/1.1":
        await lab.edge(listener(default=forward("web")))
        url = f"http://{lab.address}:{PORT}"
    else:
        await lab.edge(https(CERTIFICATE), document={"certificates": (CERTIFICATE,)})
        url = f"https://{lab.address}:{PORT}"
    ports = set()
    async with httpx.AsyncClient(base_url=url, verify=False, http2=speech == "HTTP/2") as client:
        for number in range(ROUNDS):
            answer = await client.post(f"/die/{number}", content=b"x" * 100)
            assert (answer.status_code, BAD_GATEWAY in answer.text) == (502, True)
            ports |= {port_of(answer), port_of(await client.get("/")), port_of(await client.post("/"))}
    assert len(ports) == 1, "the client had to connect again"
    lost = [request.line.split()[1] for request in lab.seen if " /die" in request.line]
    assert lost == [f"/die/{number}" for number in range(ROUNDS)], "one was repeated"
    await lab.until(lambda: len(logged(lab).splitlines()) >= 3 * ROUNDS)
    lines = [read(line) for line in logged(lab).decode("latin-1").splitlines()]
    assert Counter(said.elb_status for said in lines if said) == {"200": 2 * ROUNDS, "502": ROUNDS}
    counted = Counter[int]()
    for outcome, count in outcomes(words(logged(lab))):
        counted[outcome.status] += count
    assert counted == {200: 2 * ROUNDS, 502: ROUNDS}


@pytest.mark.parametrize("version", ["HTTP2", "GRPC"])
async def test_a_post_in_an_http2_target_that_dies_is_answered_502_too(lab: Lab, version: str) -> None:
    """And not told that it was refused: with that word a client may send it again by itself."""

    def answer(request: Http2Request) -> Http2Answer:
        if request.headers[":path"] == "/die":
            raise ConnectionResetError
        return Http2Answer(body=b"alive")

    target = await Http2Target(answer).start()
    lab.targets["web"] = Target("web", lab.seen.append, port=target.port)
    lab.group("web", protocol_version=version)
    await lab.edge(https(CERTIFICATE), document={"certificates": (CERTIFICATE,)})
    headers = {"content-type": "application/grpc"}
    url = f"https://{lab.address}:{PORT}"
    async with httpx.AsyncClient(base_url=url, verify=False, http2=True, headers=headers) as client:

        async def posted(path: str) -> httpx.Response:
            return await client.post(path, content=b"x")

        for _ in range(ROUNDS):
            living, lost, other = await asyncio.gather(posted("/"), posted("/die"), posted("/"))
            assert (living.status_code, lost.status_code, other.status_code) == (200, 502, 200)
    assert [one.headers[":path"] for one in target.requests].count("/die") == ROUNDS
    await target.stop()


async def test_only_what_is_not_repeated_has_a_connection_to_its_target_alone(lab: Lab) -> None:
    # Of each request, its first line's and its Connection header's words, and which connection brought it.
    seen: list[tuple[str, bool, int]] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            if "ELB-HealthChecker" not in head:
                closes = "connection: close" in head.lower()
                seen.append((head.split()[0], closes, writer.get_extra_info("peername")[1]))
            writer.write(OK)

    await served_by(lab, serve)
    await lab.edge(listener(default=forward("web")))
    methods = ["POST", "GET", "OPTIONS", "PUT", "HEAD", "DELETE", "PATCH", "GET"]
    for some in (methods[:4], methods[4:6], methods[6:]):
        async with httpx.AsyncClient(base_url=f"http://{lab.address}:{PORT}") as client:
            for method in some:
                assert (await client.request(method, "/")).status_code == 200
    apart = ["POST", "PUT", "DELETE", "PATCH"]
    assert [(method, closes) for method, closes, _ in seen] == [(one, one in apart) for one in methods]
    shared = {port for method, _, port in seen if method not in apart}
    assert (len(shared), len({port for *_, port in seen})) == (1, 1 + len(apart))


async def test_a_first_request_that_meets_the_end_of_a_used_connection_is_repeated(lab: Lab) -> None:
    met = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(OK)
        met.append(await reader.readuntil(b"\r\n\r\n"))

    await served_by(lab, serve)
    await lab.edge(listener(default=forward("web")))
    for _ in range(ROUNDS):
        async with httpx.AsyncClient(base_url=f"http://{lab.address}:{PORT}") as client:
            assert (await client.get("/")).status_code == 200
    assert met, "each had a new connection"


async def test_a_later_upload_is_streamed_and_answered_502_when_its_target_dies_half_way(lab: Lab) -> None:
    received = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"POST" in head:
            await reader.readexactly(500_000)
            received.set()
            await asyncio.sleep(0.05)
            writer.transport.abort()
        else:
            writer.write(OK)
            await serve(reader, writer)

    await served_by(lab, serve)
    await lab.edge(listener(default=forward("web")))

    async def upload() -> AsyncIterator[bytes]:
        yield b"x" * 1_000_000
        await received.wait()
        yield b"y" * 1_000_000

    async with httpx.AsyncClient(base_url=f"http://{lab.address}:{PORT}") as client:
        assert (await client.get("/")).status_code == 200
        assert (await client.post("/", content=upload())).status_code == 502


async def test_a_later_request_may_ask_before_it_sends_its_body_and_may_switch_protocols(lab: Lab) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        if b"expect:" in head:
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            await reader.readexactly(3)
        if b"upgrade: echo" in head and b"connection: upgrade" in head:
            writer.write(b"HTTP/1.1 101 Switching\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n")
            writer.write(await reader.readexactly(4))
        else:
            writer.write(OK)
            await serve(reader, writer)

    await served_by(lab, serve)
    await lab.edge(listener(default=forward("web")))
    async with lab.connection() as kept:
        assert (await kept.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")).status == 200
        expecting = b"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n"
        assert (await kept.ask(expecting)).status == 100
        assert (await kept.ask(b"abc")).status == 200
        switching = b"POST / HTTP/1.1\r\nHost: a\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\n"
        assert (await kept.ask(switching)).status == 101
        kept.writer.write(b"ping")
        async with asyncio.timeout(5):
            assert await kept.reader.readexactly(4) == b"ping"


async def test_a_client_that_leaves_a_later_request_is_gone_for_its_target_too(lab: Lab) -> None:
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if b"POST" in head:
            with contextlib.suppress(ConnectionResetError):
                assert await reader.read() == b""
            left.set()
        else:
            writer.write(OK)
            await serve(reader, writer)

    await served_by(lab, serve)
    await lab.edge(listener(default=forward("web")))
    async with lab.connection() as kept:
        assert (await kept.ask(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")).status == 200
        kept.writer.write(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")
        await kept.writer.drain()
        await lab.pause(0.1)
    async with asyncio.timeout(5):
        await left.wait()
    await lab.until(lambda: len(logged(lab).splitlines()) == 2)
    said = read(logged(lab).decode("latin-1").splitlines()[1])
    assert said is not None
    assert said.elb_status == "460"


async def test_the_head_of_a_body_in_pieces_does_not_wait_for_the_rest_in_the_system(lab: Lab) -> None:
    """This client says in a frame of its own that its body has ended: nothing is left to be sent then."""
    await lab.edge(https(CERTIFICATE), document={"certificates": (CERTIFICATE,)})
    took = []
    async with httpx.AsyncClient(
        base_url=f"https://{lab.address}:{PORT}", verify=False, http2=True
    ) as client:
        for _ in range(5):
            await client.get("/")
            began = time.monotonic()
            assert (await client.post("/", content=b"x")).http_version == "HTTP/2"
            took.append(time.monotonic() - began)
    assert statistics.median(took) < 0.1, "it has waited for 0.2 s"
