"""HAProxy's command sockets."""

from __future__ import annotations

import asyncio
from pathlib import Path


class HaproxyGoneError(Exception):
    """Its socket does not answer: it is down or on its way up. Retryable."""


async def command(path: Path, text: str, timeout_seconds: float = 5.0) -> str:
    """Send commands (several joined with `;`) and return the whole answer. Raises HaproxyGoneError."""
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_unix_connection(str(path))
            try:
                writer.write(text.encode() + b"\n")
                await writer.drain()
                answer = await reader.read()
            finally:
                writer.close()
    except (OSError, TimeoutError) as error:
        raise HaproxyGoneError(f"{path.name}: {error}") from error
    return answer.decode(errors="replace")


async def server_table(path: Path, backend: str) -> list[dict[str, str]]:
    """A backend's servers as rows of `show stat`, by column name; empty for an unknown backend. Raises
    HaproxyGoneError. One backend at a time: HAProxy serves nothing else while it writes the table of all."""
    return table_rows(await command(path, f"show stat {backend} 4 -1"))


def table_rows(answer: str) -> list[dict[str, str]]:
    """The rows of all tables of an answer, by column name."""
    columns: list[str] = []
    rows = []
    for line in answer.splitlines():
        if line.startswith("# "):
            columns = line.removeprefix("# ").split(",")
        elif line and columns:
            rows.append(dict(zip(columns, line.split(","), strict=False)))
    return rows
