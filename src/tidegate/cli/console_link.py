"""Links that sign in to the console, and a browser to follow them."""

from __future__ import annotations

import json
import webbrowser

from tidegate.cli.console_place import console_url, is_built
from tidegate.cli.control_pages import ControlSilentError, page
from tidegate.cli.settings import Settings
from tidegate.fleet.hosting import CONSOLE_CODES_PATH


class NoConsoleError(Exception):
    """There is no console to show; the message says why."""


def signed_in_url(settings: Settings) -> str:
    """A link that signs in, once and within a minute. Raises NoConsoleError."""
    if not is_built():
        raise NoConsoleError("this installation has no console: in a clone, `make console` builds it")
    try:
        status, content = page(settings, CONSOLE_CODES_PATH)
    except ControlSilentError as error:
        raise NoConsoleError(f"control does not answer ({error})") from error
    if status != 200:
        raise NoConsoleError(f"control gave no link: {content.strip()}")
    return f"{console_url(settings)}sign-in#code={json.loads(content)['code']}"


def show(url: str) -> str:
    """Open it in a browser; what went wrong, or nothing."""
    return "" if webbrowser.open(url) else f"no browser was found here: open {url}"
