"""`GET /console/...`, and HEAD: the console's files, as its build left them.

What can be compressed is on disk in gzip alone: every browser takes it, and who does not gets it unpacked.
A path whose name does not end as a file of ours is one of the application's own, which the one page shows:
so links into it work.
"""

from __future__ import annotations

import asyncio
import gzip
from pathlib import Path, PurePosixPath

from tidegate.control.pages import Receive, Scope, Send, answer
from tidegate.fleet.hosting import CONSOLE_PREFIX

PAGE = "index.html"

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# Names below it carry a hash of their content.
_HASHED = "assets/"
_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"no-cache"
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    b"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_GUARDS = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
_NOT_BUILT = (
    b"The console is not built. In a clone `make console` builds it (it needs the registry of npm); "
    b"the AWS APIs work without it.\n"
)


class ConsoleFiles:
    """An ASGI application for the paths below CONSOLE_PREFIX, and for the prefix without its slash."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        if scope["path"] == CONSOLE_PREFIX.rstrip("/"):
            await answer(send, 308, "text/plain", b"", ((b"location", CONSOLE_PREFIX.encode()),))
            return
        name = scope["path"].removeprefix(CONSOLE_PREFIX)
        found = await asyncio.to_thread(self._find, name)
        if found is None:
            text = b"There is no such file.\n" if (self._folder / f"{PAGE}.gz").exists() else _NOT_BUILT
            await answer(send, 404, "text/plain; charset=utf-8", text)
            return
        name, content, is_packed = found
        headers = [
            (b"cache-control", _FOR_EVER if name.startswith(_HASHED) else _ASK_AGAIN),
            (b"vary", b"accept-encoding"),
            *_GUARDS,
        ]
        if is_packed and _takes_gzip(scope):
            headers.append((b"content-encoding", b"gzip"))
        elif is_packed:
            content = gzip.decompress(content)
        await answer(send, 200, _TYPES[PurePosixPath(name).suffix], content, headers)

    def _find(self, name: str) -> tuple[str, bytes, bool] | None:
        """The file's name, its content, and whether that is in gzip. None for an unknown one."""
        path = PurePosixPath(name)
        if path.suffix not in _TYPES:
            # A cluster may be called `a.b`: only what looks like a file of ours is one.
            path = PurePosixPath(PAGE)
        if path.is_absolute() or ".." in path.parts:
            return None
        for suffix, is_packed in ((".gz", True), ("", False)):
            try:
                return str(path), (self._folder / f"{path}{suffix}").read_bytes(), is_packed
            except (OSError, ValueError):
                continue
        return None


def _takes_gzip(scope: Scope) -> bool:
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
