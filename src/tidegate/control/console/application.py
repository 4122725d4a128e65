"""Which path below `/console/` is whose."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from tidegate.control.console.assets import ConsoleFiles
from tidegate.control.console.changes import ChangeStream
from tidegate.control.console.invitations import CodesPage, Invitations, SignInPage
from tidegate.control.pages import Application, Receive, Scope, Send
from tidegate.control.sessions import Sessions
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.domain.time import Clock
from tidegate.fleet.hosting import CONSOLE_CHANGES_PATH, CONSOLE_CODES_PATH, CONSOLE_FOLDER, CONSOLE_PREFIX

SIGN_IN_PATH = f"{CONSOLE_PREFIX}sign-in"


class Console:
    """The application of control's port: what is the console's, and all else as `otherwise` has it."""

    def __init__(
        self,
        *,
        store: Store,
        clock: Clock,
        credentials: Mapping[str, str],
        sessions: Sessions,
        settings: RegionSettings,
        started_at: datetime,
        otherwise: Application,
        folder: Path = CONSOLE_FOLDER,
    ) -> None:
        invitations = Invitations()
        self._changes = ChangeStream(
            store=store, clock=clock, credentials=credentials, settings=settings, started_at=started_at
        )
        self._files = ConsoleFiles(folder)
        self._pages: Mapping[tuple[str, str], Application] = {
            ("GET", CONSOLE_CHANGES_PATH): self._changes,
            ("GET", CONSOLE_CODES_PATH): CodesPage(invitations, clock=clock, credentials=credentials),
            ("POST", SIGN_IN_PATH): SignInPage(invitations, sessions=sessions, clock=clock),
        }
        self._otherwise = otherwise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._page(scope["method"], scope["path"])(scope, receive, send)

    def close(self) -> None:
        """End the streams of changes: a server that stops waits for them."""
        self._changes.close()

    def _page(self, method: str, path: str) -> Application:
        page = self._pages.get((method, path))
        if page is None and method in ("GET", "HEAD") and f"{path}/".startswith(CONSOLE_PREFIX):
            page = self._files
        return page or self._otherwise
