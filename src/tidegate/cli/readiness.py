"""What the processes of this host say of themselves on their operators' ports."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tidegate.cli import processes
from tidegate.cli.instances import agent_name, hosted
from tidegate.cli.places import Places
from tidegate.fleet.exposition import READY_PATH

_PATIENCE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class MeteredPart:
    """A running process; `name` as in its log, `url` of its metrics."""

    name: str
    process: processes.ProcessId
    url: str


def parts(data_dir: Path) -> Iterator[MeteredPart]:
    """The processes that run here and say where their metrics are."""
    places = Places(data_dir)
    named = {
        "control": places.metrics_url(data_dir / "control"),
        "balancer": places.metrics_url(places.balancer),
    }
    named |= {
        agent_name(one.instance_id): places.metrics_url(places.instance(one.instance_id))
        for one in hosted(data_dir)
    }
    for name, file in named.items():
        process = processes.read(data_dir, name)
        if process is not None and file.exists():
            yield MeteredPart(name, process, file.read_text())


def waits_for(part: MeteredPart) -> Sequence[str] | None:
    """What keeps a process from being ready, nothing if it is; None: it does not answer."""
    place = urlsplit(part.url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port or 0, timeout=_PATIENCE_SECONDS)
    try:
        connection.request("GET", READY_PATH)
        return [str(one) for one in json.loads(connection.getresponse().read())["waitsFor"]]
    except (OSError, http.client.HTTPException, ValueError, LookupError):
        return None
    finally:
        connection.close()


def scrape_targets(data_dir: Path) -> str:
    """The content of a file for Prometheus's `file_sd_configs`."""
    groups = [
        {"targets": [urlsplit(part.url).netloc], "labels": {"process": part.name}} for part in parts(data_dir)
    ]
    return json.dumps(groups, indent=2)
