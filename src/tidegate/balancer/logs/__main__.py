"""The process that delivers logs: apart from the balancer, so that nothing of it delays traffic or checks.

It ends, once all is delivered, when its standard input does: with the balancer, however that ends.
"""

from __future__ import annotations

import fcntl
import importlib
import os
import secrets
import select
import string
import sys
import time
from pathlib import Path

import msgspec
import structlog

from tidegate.balancer.logs.buckets import FolderBuckets
from tidegate.balancer.logs.delivery import Delivery
from tidegate.balancer.logs.settings import LogSettings
from tidegate.balancer.logs.upload import Outbox
from tidegate.fleet import logs

# Traffic comes first.
_NICENESS = 10
_LOOK_EVERY_SECONDS = 0.5
_LAST_UPLOAD_SECONDS = 10.0
_ALPHABET = string.ascii_lowercase + string.digits

_log = structlog.get_logger(__name__)


def main(told: str) -> None:
    settings = msgspec.json.decode(told, type=LogSettings)
    os.nice(_NICENESS)
    folder = Path(settings.folder) / "delivery"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One that a balancer before has left ends soon; until then the lines are its.
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _deliver(settings, Path(settings.folder), folder)


def _deliver(settings: LogSettings, balancer: Path, folder: Path) -> None:
    """`balancer`: its folder; `folder`: ours."""
    outbox = _outbox(settings, folder)
    delivery = Delivery(
        raw=balancer / "logs",
        edge=balancer / "edge.json",
        journal_path=folder / "journal.json",
        buckets=outbox or FolderBuckets(Path(settings.buckets)),
        interval_seconds=settings.interval_seconds,
        unique=lambda: "".join(secrets.choice(_ALPHABET) for _ in range(8)),
        now=time.time(),
    )
    lost, pause = 0, _LOOK_EVERY_SECONDS
    while not select.select([sys.stdin], [], [], pause)[0]:
        pause = 0.0 if delivery.step(time.time()) else _LOOK_EVERY_SECONDS
        if delivery.segments_lost > lost:
            lost = delivery.segments_lost
            _log.error("requests came faster than their log lines could be made", segments_lost=lost)
    delivery.finish()
    if outbox is not None:
        outbox.stop(_LAST_UPLOAD_SECONDS)


def _outbox(settings: LogSettings, folder: Path) -> Outbox | None:
    if settings.s3_endpoint is None:
        return None
    # Half a second and 20 MB that a folder needs not.
    s3 = importlib.import_module("tidegate.balancer.logs.s3")
    outbox = Outbox(folder / "outbox", s3.S3(settings.s3_endpoint, s3.credentials(os.environ)))
    outbox.start()
    return outbox


if __name__ == "__main__":
    logs.configure()
    main(sys.argv[1])
