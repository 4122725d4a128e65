"""HAProxy's maps and lists in its memory, each replaced in one transaction."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from tidegate.balancer.decisions.configuration import Table
from tidegate.balancer.decisions.servers import lines as joined
from tidegate.balancer.haproxy.socket import command

# A command with all that follows it must fit into one buffer (tune.bufsize, 16 KB).
_PAYLOAD_BYTES_MAX = 8000


class TableRefusedError(Exception):
    """HAProxy does not know the table, or not this entry; the message is HAProxy's."""


class Tables:
    """`folder`: as the configuration names it; HAProxy knows a table by its whole path."""

    def __init__(self, folder: Path, stats_socket: Path) -> None:
        self._folder = folder
        self._socket = stats_socket

    async def replace(self, table: Table) -> None:
        """Give the running HAProxy other entries: a request sees all of the old ones or all of the new.
        Raises HaproxyGoneError and TableRefusedError."""
        kind, path = Path(table.name).suffix.removeprefix("."), self._folder / table.name
        answer = await command(self._socket, f"prepare {kind} {path}")
        version = re.search(r"version created: (\d+)", answer)
        if version is None:
            raise TableRefusedError(answer.strip())
        addition = f"add {kind} @{version[1]} {path}"
        if kind == "map":
            additions: Iterable[str] = (f"{addition} <<\n{some}" for some in _payloads(table.lines))
        else:
            # Lists take no more than one entry in a command.
            additions = joined(f"{addition} {line}" for line in table.lines)
        for command_line in additions:
            await self._accepted(command_line)
        await self._accepted(f"commit {kind} @{version[1]} {path}")

    async def _accepted(self, text: str) -> None:
        answer = (await command(self._socket, text)).strip()
        if answer:
            raise TableRefusedError(answer)


def _payloads(lines: Iterable[str]) -> Iterator[str]:
    """Lines in portions that HAProxy takes, each with its line end."""
    portion: list[str] = []
    length = 0
    for line in lines:
        if portion and length + len(line) > _PAYLOAD_BYTES_MAX:
            yield "".join(portion)
            portion, length = [], 0
        portion.append(f"{line}\n")
        length += len(line) + 1
    if portion:
        yield "".join(portion)
