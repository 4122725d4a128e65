"""Raw lines made into the content of objects, by one process on one core."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

import msgspec

from bench.load_balancer import documents
from tidegate.balancer.decisions.access_log.raw import LONG
from tidegate.balancer.logs.batch import Batch
from tidegate.balancer.logs.book import Book

_CHUNK_LINES = 3000
_FRONTEND = f"l_{0:016x}"
_LINE = (
    f"{LONG}127.0.0.1:{{port}}|1795648920.387|127.62.0.{{target}}:20480|0|0|0|{{took}}|{{took}}|200|200|214|187"
    f"|tg_{0:016x}|i-1_20480|--|0|{_FRONTEND}|17956489203{{number:05d}}|50001|1|-|-|-|-"
    "|1795648920367342-8fef1427-446a-491f-9b1c-9682e50d4d39|-|1|-|-|-|-|-|-|-|-"
    "|]GET|]HTTP/1.1|]shop.example.com|]-|]/items/{number}?page={target}|]Mozilla/5.0 (X11; Linux x86_64) "
    "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
    "|]Root=1-6b076d98-00b861989de79c7da3696269|]-|]-|]-|]-"
)


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
    others = [chunk.replace(b"B 127", b"A 127") for chunk in chunks]
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
