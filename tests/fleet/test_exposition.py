"""The operators' port of a process, asked as Prometheus and probes ask it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from tidegate.fleet.exposition import URL_FILE, Exposition

pytestmark = pytest.mark.timeout(30)


@dataclass
class Told:
    """What the process says, and how often it was asked."""

    waits_for: Sequence[str] = ()
    scrapes: int = 0
    failures: list[Exception] = field(default_factory=list)

    def text(self) -> bytes:
        self.scrapes += 1
        if self.failures:
            raise self.failures[0]
        return b"up 1\n"


@contextlib.asynccontextmanager
async def served(folder: Path, told: Told, listen: str | None = None) -> AsyncIterator[str]:
    """The address of a running exposition."""
    exposition = Exposition(folder, listen, told.text, lambda: told.waits_for)
    job = asyncio.create_task(exposition.run())
    try:
        while not (folder / URL_FILE).exists():  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        yield (folder / URL_FILE).read_text().removesuffix("/metrics")
    finally:
        job.cancel()
        await asyncio.gather(job, return_exceptions=True)


async def asked(url: str) -> httpx.Response:
    async with httpx.AsyncClient(timeout=5) as client:
        return await client.get(url)


async def test_a_scrape_gets_text_that_prometheus_reads(tmp_path: Path) -> None:
    async with served(tmp_path, Told()) as url:
        answer = await asked(f"{url}/metrics")
    assert (answer.status_code, answer.text) == (200, "up 1\n")
    assert answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"


async def test_a_process_lives_that_is_not_ready_and_says_what_it_waits_for(tmp_path: Path) -> None:
    told = Told(waits_for=["a session with control"])
    async with served(tmp_path, told) as url:
        assert (await asked(f"{url}/health/live")).status_code == 200
        answer = await asked(f"{url}/health/ready")
        assert answer.status_code == 503
        assert answer.json() == {"ready": False, "waitsFor": ["a session with control"]}
        told.waits_for = ()
        answer = await asked(f"{url}/health/ready")
        assert (answer.status_code, answer.json()) == (200, {"ready": True, "waitsFor": []})


async def test_a_process_whose_event_loop_is_held_does_not_count_as_alive(tmp_path: Path) -> None:
    async with served(tmp_path, Told()) as url:
        address = url.removeprefix("http://")
        host, _, port = address.rpartition(":")
        with socket.create_connection((host, int(port)), timeout=0.3) as connection:
            connection.sendall(b"GET /health/live HTTP/1.0\r\n\r\n")
            # This call holds the loop that would accept.
            with pytest.raises(TimeoutError):
                connection.recv(64)


async def test_other_paths_are_not_there_and_what_fails_is_an_error(tmp_path: Path) -> None:
    told = Told(failures=[ValueError("secret")])
    async with served(tmp_path, told) as url:
        assert (await asked(f"{url}/")).status_code == 404
        answer = await asked(f"{url}/metrics")
        assert answer.status_code == 500
        assert "secret" not in answer.text
        told.failures.clear()
        assert (await asked(f"{url}/metrics?x=1")).status_code == 200


async def test_a_client_that_says_nothing_keeps_nobody_else_waiting(tmp_path: Path) -> None:
    async with served(tmp_path, Told()) as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        with socket.create_connection((host, int(port))), socket.create_connection((host, int(port))):
            assert (await asked(f"{url}/health/live")).json() == {"live": True}


async def test_clients_that_are_too_many_are_turned_away_and_those_that_leave_make_room(
    tmp_path: Path,
) -> None:
    async with served(tmp_path, Told()) as url:
        host, _, port = url.removeprefix("http://").rpartition(":")
        silent = [await asyncio.open_connection(host, int(port)) for _ in range(40)]
        # The ends of those that found no room are seen at once; the others would be waited for.
        ended = [reader for reader, _ in silent if await _has_ended(reader)]
        assert len(ended) == 8
        for _, writer in silent:
            writer.close()
        for _ in range(100):
            with contextlib.suppress(httpx.TransportError):
                if (await asked(f"{url}/health/live")).status_code == 200:
                    return
            await asyncio.sleep(0.05)
        raise AssertionError("there is no room")


async def _has_ended(reader: asyncio.StreamReader) -> bool:
    try:
        async with asyncio.timeout(0.1):
            return await reader.read(1) == b""
    except TimeoutError:
        return False


async def test_the_port_is_kept_over_restarts(tmp_path: Path) -> None:
    async with served(tmp_path, Told()) as first:
        pass
    async with served(tmp_path, Told()) as second:
        assert second == first


async def test_a_port_that_somebody_else_has_is_nobodys_end(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        exposition = Exposition(tmp_path, f"127.0.0.1:{other.getsockname()[1]}", Told().text, tuple[str, ...])
        job = asyncio.create_task(exposition.run())
        await asyncio.sleep(0.1)
        assert not job.done()
        assert not (tmp_path / URL_FILE).exists()
        job.cancel()


async def test_the_address_is_ipv6_where_one_is_asked_for(tmp_path: Path) -> None:
    async with served(tmp_path, Told(), listen="[::1]:0") as url:
        assert url.startswith("http://[::1]:")
        assert json.loads((await asked(f"{url}/health/live")).text) == {"live": True}
