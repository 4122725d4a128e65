"""Chromium for a test: pages of the console, pictures of them, and what axe finds."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, TimeoutError, expect, sync_playwright

from tidegate.cli.console_place import is_built

if TYPE_CHECKING:
    from tests.system.conftest import Product

ROOT = Path(__file__).resolve().parents[2]
NARROW = 800
# What browsers' vendors call good: the cumulative layout shift.
SHIFT_MAX = 0.1
_SHIFT = """() => new Promise((resolve) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const { value, hadRecentInput } of list.getEntries()) sum += hadRecentInput ? 0 : value;
    }).observe({ type: "layout-shift", buffered: true });
    setTimeout(() => resolve(sum), 50);
})"""
PICTURES = ROOT / "var" / "console"
_AXE = ROOT / "console" / "node_modules" / "axe-core" / "axe.min.js"
# As root Chromium has no sandbox; the others keep it from asking for anything but what is tested.
_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's browser; skips the test where there is none, but in CI."""
    executable = shutil.which("chromium")
    if executable is None:
        message = "needs chromium: scripts/system-packages browser installs it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(_ARGUMENTS))
        yield browser
        browser.close()


@contextmanager
def console_context() -> Iterator[BrowserContext]:
    """Tabs that share a session; skips the test where the console is not built, but in CI."""
    if not is_built():
        message = "needs the console's files: scripts/console builds them"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with chromium() as browser:
        context = browser.new_context(
            viewport={"width": 1440, "height": 900}, color_scheme="light", reduced_motion="reduce"
        )
        context.set_default_timeout(15_000)
        expect.set_options(timeout=15_000)
        yield context


class Watched:
    """A page, and everything that went wrong in it."""

    def __init__(self, page: Page, console_url: str) -> None:
        self.page = page
        self.url = console_url
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        # Violations of the content security policy come here too.
        page.on("console", lambda message: self._note(message.type, message.text))

    def open(self, path: str, title: str) -> None:
        """Go to a page as a deep link does, and wait for its heading, or for the alert in its place."""
        self.page.goto(f"{self.url}{path}")
        heading = self.page.get_by_role("heading", name=title)
        try:
            heading.or_(self.page.get_by_role("main").get_by_text(title)).first.wait_for()
        except TimeoutError as error:
            self.picture("missing")
            raise AssertionError(f"{path} shows no {title}: see missing.png; {self.errors}") from error

    def picture(self, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png")

    def findings(self) -> list[str]:
        """What axe finds serious or critical."""
        self.page.evaluate(_AXE.read_text())
        found: dict[str, Any] = self.page.evaluate("axe.run({ resultTypes: ['violations'] })")
        return [
            f"{violation['id']}: {json.dumps([node['html'][:200] for node in violation['nodes']])}"
            for violation in found["violations"]
            if violation["impact"] in ("serious", "critical")
        ]

    def unsteady(self) -> list[str]:
        """What moved while the page loaded, and what a narrow window does not show of it."""
        moved: float = self.page.evaluate(_SHIFT)
        wide = self.page.viewport_size
        assert wide is not None
        self.page.set_viewport_size({**wide, "width": NARROW})
        beyond: int = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self.page.set_viewport_size(wide)
        return [
            *([f"moved by {moved:.2f} as it loaded"] if moved > SHIFT_MAX else []),
            *([f"{beyond} px are beyond a window of {NARROW}"] if beyond > 0 else []),
        ]

    def _note(self, kind: str, text: str) -> None:
        # An answer of 4xx is an error to the browser; the page shows it, and tests look there.
        if kind == "error" and "Failed to load resource" not in text:
            self.errors.append(text)


def watched(context: BrowserContext, product: Product) -> Watched:
    """A tab that nobody has signed in yet."""
    return Watched(context.new_page(), f"{product.endpoint}/console")


def signed_in(context: BrowserContext, product: Product) -> Watched:
    """A tab that followed a one-time link."""
    tab = watched(context, product)
    tab.page.goto(product.tidegate("console", "--print").stdout.strip())
    tab.page.get_by_role("heading", name="Health of the whole").wait_for()
    return tab


def look_at(tab: Watched, pages: Mapping[str, tuple[str, str]]) -> None:
    """Pictures of pages (name: path, heading) in light and in dark; fails where axe finds something."""
    findings = {}
    for theme in ("light", "dark"):
        for name, (path, heading) in pages.items():
            tab.open(path, heading)
            expect(tab.page.get_by_text("Loading", exact=False)).to_have_count(0)
            tab.picture(f"{name}-{theme}")
            findings[name, theme] = tab.findings() + tab.unsteady()
        other = "dark" if theme == "light" else "light"
        tab.page.get_by_role("button", name=f"Use the {other} colours").click()
    assert {place: found for place, found in findings.items() if found} == {}
