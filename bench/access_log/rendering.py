"""Raw lines made into the content of objects, by one process on one core."""

from __future__ import annotations

import re
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.load_balancer import documents
from tidegate.balancer.decisions.access_log.raw import LONG, LoggedRequest, long_format
from tidegate.balancer.logs.batch import Batch
from tidegate.balancer.logs.book import Book

_CHUNK_LINES = 3000
_PLACES = {
    "frontend": f"l_{0:016x}",
    "backend": f"tg_{0:016x}",
    "status": "200",
    "target_status": "200",
    "termination": "--",
    "retries": "0",
    "rule": "50001",
    "answer_ms": "{took}",
    "client": "127.0.0.1:{port}",
    "accepted": "1795648920.387",
    "target": "127.62.0.{target}:20480",
    "read_ms": "0",
    "queue_ms": "0",
    "connect_ms": "0",
    "total_ms": "{took}",
    "received_bytes": "214",
    "sent_bytes": "187",
    "server": "i-1_20480",
    "ended_us": "17956489203{number:05d}",
    "major": "1",
    "connection": "1795648920367342-8fef1427-446a-491f-9b1c-9682e50d4d39",
    "understood": "1",
    "method": "GET",
    "version": "HTTP/1.1",
    "host": "shop.example.com",
    "uri": "/items/{number}?page={target}",
    "user_agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36",
    "trace": "Root=1-6b076d98-00b861989de79c7da3696269",
}


def _template() -> str:
    """The product's format with values in the place of HAProxy's names."""
    parts = re.split(r"(\|\]?| )", long_format(is_tls=False, asks_clients=False).removeprefix(LONG))
    parts[::2] = [_PLACES.get(name, "-") for name in LoggedRequest._fields]
    return LONG + "".join(parts)


_LINE = _template()


@dataclass(frozen=True, slots=True)
class Rendered:
    """`skipped`: lines a second of load balancers that keep no logs."""

    lines: int
    seconds: float
    raw_bytes: int
    object_bytes: int
    skipped: float

    @property
    def rate(self) -> float:
        """Lines a second of a core's time."""
        return self.lines / self.seconds


def measure(folder: Path, lines: int) -> Rendered:
    """As a batch of the product's does it, in chunks."""
    document = folder / "edge.json"
    document.write_bytes(msgspec.json.encode(logging_edge("127.63.2.1")))
    book = Book(document)
    book.load()
    batch = Batch(book)
    chunks = [
        "".join(f"{_line(number)}\n" for number in range(first, first + _CHUNK_LINES)).encode()
        for first in range(0, lines, _CHUNK_LINES)
    ]
    began = time.process_time()
    for chunk in chunks:
        batch.add_requests(chunk)
    content = b"".join(content for _, content in batch.objects(1_700_000_000, "benchmark"))
    seconds = time.process_time() - began
    if batch.lines != len(chunks) * _CHUNK_LINES:
        sys.exit(f"{batch.lines} of {len(chunks) * _CHUNK_LINES} lines were understood")
    others = [chunk.replace(b"B l_", b"A l_") for chunk in chunks]
    began = time.process_time()
    for chunk in others:
        batch.add_requests(chunk)
    return Rendered(
        lines=batch.lines,
        seconds=seconds,
        raw_bytes=sum(map(len, chunks)),
        object_bytes=len(content),
        skipped=batch.lines / (time.process_time() - began),
    )


def logging_edge(address: str) -> dict[str, object]:
    """A load balancer that logs requests and connections."""
    edge = documents.edge(address, [80])
    edge["load_balancers"][0]["logs"] = [
        {"kind": kind, "bucket": "bench"} for kind in ("access", "connection")
    ]
    return edge


def _line(number: int) -> str:
    return _LINE.format(
        port=30_000 + number % 20_000, target=number % 7, took=number % 40, number=number % 100_000
    )
