"""Raw lines become objects, each line once, whenever their maker dies."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from tests.balancer.access_log.edges import LOGS, a_balancer, an_edge
from tests.balancer.access_log.lines import LONG, SHORT

from tidegate.balancer.decisions.access_log.objects import Destination
from tidegate.balancer.logs.batch import Batch
from tidegate.balancer.logs.book import Book
from tidegate.balancer.logs.buckets import FolderBuckets
from tidegate.balancer.logs.delivery import Buckets, Delivery
from tidegate.fleet.balancing import EdgeDocument, EdgeLog

ACCESS = LOGS[:1]
INTERVAL = 300
NOON = 1_700_000_000 // INTERVAL * INTERVAL


class Crash(BaseException):
    """The process is gone."""


class Installation:
    """A balancer's folder, with what HAProxy would write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.buckets = folder / "s3"
        self.raw = folder / "logs"
        self.raw.mkdir()
        self.asked = 0
        self._names = (f"name{number:04d}" for number in itertools.count())

    def edge(self, document: EdgeDocument) -> None:
        temporary = self.folder / ".edge.json"
        temporary.write_bytes(msgspec.json.encode(document))
        temporary.replace(self.folder / "edge.json")

    def ask(self, frontend: str = "l_1", count: int = 1, line: str = LONG) -> None:
        """Requests for /NUMBER, numbered on."""
        with (self.raw / "access.log").open("ab") as file:
            for _ in range(count):
                self.asked += 1
                text = line.replace("l_1|", f"{frontend}|").replace("/a?x=1", f"/{self.asked}")
                file.write(f"{text}\n".encode("latin-1"))

    def deliver(self, buckets: Buckets | None = None, now: float = NOON, **fields: Any) -> Delivery:
        return Delivery(
            raw=self.raw,
            edge=self.folder / "edge.json",
            journal_path=self.folder / "journal.json",
            buckets=buckets or FolderBuckets(self.buckets),
            interval_seconds=INTERVAL,
            unique=lambda: next(self._names),
            now=now,
            **fields,
        )

    def objects(self) -> list[Path]:
        found = [path for path in self.buckets.rglob("*.log.gz") if not path.name.startswith(".")]
        return sorted(found)

    def lines(self) -> Iterator[str]:
        for path in self.objects():
            yield from gzip.decompress(path.read_bytes()).decode().splitlines()

    def numbers(self) -> list[int]:
        """Of all requests in all objects."""
        return sorted(int(line.split("/")[-1].split("\\")[0]) for line in map(_uri, self.lines()))


def _uri(line: str) -> str:
    return line.split('"')[1].split(" ")[1]


@pytest.fixture
def place(tmp_path: Path) -> Installation:
    made = Installation(tmp_path)
    made.edge(an_edge(a_balancer(logs=ACCESS), a_balancer(2, logs=ACCESS), a_balancer(3, logs=())))
    return made


def test_an_object_comes_when_its_interval_is_over(place: Installation) -> None:
    delivery = place.deliver()
    place.ask(count=3)
    delivery.step(NOON + 299)
    assert place.objects() == []
    delivery.step(NOON + 300)
    [path] = place.objects()
    assert path.relative_to(place.buckets).as_posix() == (
        "logs/AWSLogs/000000000000/elasticloadbalancing/us-east-1/2023/11/14/000000000000_"
        "elasticloadbalancing_us-east-1_app.lb.1_20231114T2215Z_127.80.2.1_name0000.log.gz"
    )
    assert place.numbers() == [1, 2, 3]


def test_an_interval_without_requests_has_no_object(place: Installation) -> None:
    delivery = place.deliver()
    place.ask()
    delivery.step(NOON + 300)
    delivery.step(NOON + 600)
    assert len(place.objects()) == 1


def test_each_load_balancer_has_its_own_objects_and_one_without_logs_none(place: Installation) -> None:
    delivery = place.deliver()
    for frontend in ("l_1", "l_2", "l_3", "l_unknown"):
        place.ask(frontend)
    place.ask(line=SHORT)
    delivery.finish()
    assert place.numbers() == [1, 2]
    assert len(place.objects()) == 2


def test_a_line_that_nobody_has_foreseen_is_lost_alone_and_told_once(
    place: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery = place.deliver()
    place.ask()
    for _ in range(2):
        place.ask(line=LONG.replace("|1795648920388794|", "|yesterday|"))
    place.ask()
    delivery.step(NOON + 300)
    assert place.numbers() == [1, 4]
    told = capsys.readouterr().out
    assert told.count("yesterday|") == 1
    assert "lines=2" in told


def test_an_unreadable_document_is_no_fault_of_a_line(place: Installation) -> None:
    (place.folder / "edge.json").write_bytes(b"{")
    batch = Batch(Book(place.folder / "edge.json"))
    with pytest.raises(msgspec.DecodeError):
        batch.add_requests(f"{LONG}\n".encode("latin-1"))
    assert batch.lines_lost == 0


def test_connections_and_health_checks_have_their_own(place: Installation) -> None:
    place.edge(an_edge(a_balancer()))
    place.ask()
    group = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/a/a1"
    (place.raw / "health.log").write_text(f"{group} http T 0.1 1.1.1.1:80 a PASS 200 -\n{group}x no\n")
    place.deliver().finish()
    kinds = sorted(path.name.partition("000000000000")[0] for path in place.objects())
    assert kinds == ["", "conn_log_", "health_check_log_"]
    assert "http T 0.1 1.1.1.1:80 a PASS 200 - app/lb/1 127.80.2.1" in list(place.lines())


def test_a_full_batch_is_delivered_before_its_time(place: Installation) -> None:
    made = place.deliver(batch_bytes_max=1000)
    place.ask(count=10)
    while made.step(NOON):
        """There is more."""
    assert len(place.objects()) > 1
    made.finish()
    assert place.numbers() == list(range(1, 11))


def test_a_reader_that_was_killed_between_objects_loses_and_doubles_nothing(place: Installation) -> None:
    first = place.deliver()
    place.ask(count=3)
    first.step(NOON + 300)
    place.ask(count=2)
    # It has read these, and dies before their interval is over.
    first.step(NOON + 310)
    place.ask(count=2)
    place.deliver(now=NOON + 320).finish()
    assert place.numbers() == list(range(1, 8))


class Dying:
    """Buckets whose writer dies at the object of a number, before it is there or right after."""

    def __init__(self, buckets: Buckets, number: int, *, after: bool) -> None:
        self._buckets = buckets
        self._left = number
        self._after = after

    def put(self, place: Destination, content: bytes) -> None:
        self._left -= 1
        if self._left >= 0 or self._after:
            self._buckets.put(place, content)
        if self._left < 0:
            raise Crash


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_while_objects_are_made_loses_and_doubles_nothing(
    place: Installation, number: int, after: bool
) -> None:
    place.ask("l_1", 3)
    place.ask("l_2", 3)
    dying = place.deliver(Dying(FolderBuckets(place.buckets), number, after=after))
    with pytest.raises(Crash):
        dying.step(NOON + 300)
    place.ask("l_1", 2)
    place.deliver(now=NOON + 301).finish()
    assert place.numbers() == list(range(1, 9))


def test_a_crash_while_the_crash_is_mended_neither(place: Installation) -> None:
    place.ask("l_1", 3)
    place.ask("l_2", 3)
    with pytest.raises(Crash):
        place.deliver(Dying(FolderBuckets(place.buckets), 0, after=True)).step(NOON + 300)
    with pytest.raises(Crash):
        place.deliver(Dying(FolderBuckets(place.buckets), 1, after=False))
    place.deliver().finish()
    place.deliver().finish()
    assert place.numbers() == list(range(1, 7))


def test_a_bucket_that_cannot_be_written_holds_up_no_other(place: Installation) -> None:
    place.edge(an_edge(a_balancer(logs=(EdgeLog(kind="access", bucket="bad"),)), a_balancer(2, logs=ACCESS)))
    place.buckets.mkdir()
    (place.buckets / "bad").write_text("a file")
    place.ask("l_1")
    place.ask("l_2")
    place.deliver().finish()
    assert place.numbers() == [2]


def test_lines_go_where_the_document_of_their_time_says(place: Installation) -> None:
    made = place.deliver()
    place.ask()
    made.step(NOON)
    place.edge(an_edge(a_balancer(logs=(EdgeLog(kind="access", bucket="logs", prefix="new/"),))))
    made.step(NOON)
    place.ask()
    made.finish()
    found = [path.relative_to(place.buckets / "logs").parts[0] for path in place.objects()]
    assert sorted(found) == ["AWSLogs", "new"]


def test_a_listener_that_came_meanwhile_is_known(place: Installation) -> None:
    made = place.deliver()
    made.step(NOON)
    place.edge(an_edge(a_balancer(logs=ACCESS), a_balancer(4, logs=ACCESS)))
    place.ask("l_4")
    made.finish()
    assert place.numbers() == [1]


def test_requests_of_a_load_balancer_that_is_gone_are_still_delivered(place: Installation) -> None:
    made = place.deliver()
    made.step(NOON)
    place.edge(an_edge())
    made.step(NOON)
    place.ask("l_1")
    made.finish()
    assert place.numbers() == [1]


@pytest.mark.parametrize("prefix", ["../../up", "a/../../../up"])
def test_a_prefix_does_not_lead_out_of_its_bucket(place: Installation, prefix: str) -> None:
    place.edge(an_edge(a_balancer(logs=(EdgeLog(kind="access", bucket="logs", prefix=prefix),))))
    place.ask()
    place.deliver().finish()
    assert list(place.folder.rglob("*.log.gz")) == []


def test_the_same_lines_make_the_same_object(tmp_path: Path) -> None:
    def content(name: str) -> bytes:
        (tmp_path / name).mkdir()
        made = Installation(tmp_path / name)
        made.edge(an_edge(a_balancer(logs=ACCESS)))
        made.ask(count=5)
        made.deliver().finish()
        return made.objects()[0].read_bytes()

    assert content("one") == content("two")
