"""Modules that control imports after its start."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from types import ModuleType

import pytest

from tidegate.control.api import PACKAGES, front_ends
from tidegate.control.api.late import LateFrontEnds
from tidegate.control.importing import Importer, late_module

# All that control imports late, asked for as it asks; prints what was looked for on the loop's own thread.
# Python's own modules are left out: its threads import some.
_ALL_THAT_COMES_LATE = """
import asyncio, sys, threading
from tidegate.control import server, webhooks
from tidegate.control.pki import UnusableTrustError, checked_bundle

class Finder:
    def find_spec(self, name, path=None, target=None):
        kept = on_the_loop if threading.current_thread() is threading.main_thread() else beside_it
        if name.partition(".")[0] not in sys.stdlib_module_names:
            kept.append(name)

async def main():
    importer = server.Importer()
    await server.LateFrontEnds(importer).load()
    await importer.module("tidegate.control.controllers.region")
    try:
        await checked_bundle(b"")
    except UnusableTrustError:
        pass
    try:
        await webhooks.HttpWebhooks().post("http://127.0.0.1:1/", b"", "")
    except webhooks.WebhookFailedError:
        pass

on_the_loop, beside_it = [], []
sys.meta_path.insert(0, Finder())
asyncio.run(main())
print(len(beside_it), *on_the_loop)
"""


class Shelf:
    """Modules that take until they are let go; counts how many are under way at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at_once = self.at_once_max = 0
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def load(self, name: str) -> ModuleType:
        self.asked.append(name)
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
        self.begun.set()
        assert self.let_go.wait(10)
        self.at_once -= 1
        return ModuleType(name)


async def test_whoever_asks_meanwhile_waits_for_the_same_import() -> None:
    shelf = Shelf()
    importer = Importer(shelf.load)
    waiting = [asyncio.create_task(importer.module("a")) for _ in range(3)]
    await asyncio.sleep(0)
    shelf.let_go.set()
    first, *others = await asyncio.gather(*waiting)
    assert all(other is first for other in others)
    assert await importer.module("a") is first
    assert shelf.asked == ["a"]


async def test_one_import_at_a_time_while_the_loop_goes_on() -> None:
    shelf = Shelf()
    importer = Importer(shelf.load)
    waiting = [asyncio.create_task(importer.module(name)) for name in "abc"]
    # It would stand still here, if the loop were held.
    await asyncio.sleep(0)
    shelf.let_go.set()
    await asyncio.gather(*waiting)
    assert shelf.asked == ["a", "b", "c"]
    assert shelf.at_once_max == 1


async def test_an_import_that_fails_fails_for_whoever_asks_and_for_no_other() -> None:
    attempts = []

    def load(name: str) -> ModuleType:
        attempts.append(name)
        if name == "broken":
            raise ImportError(name)
        return ModuleType(name)

    importer = Importer(load)
    for _ in range(2):
        with pytest.raises(ImportError):
            await importer.module("broken")
    assert (await importer.module("whole")).__name__ == "whole"
    assert attempts == ["broken", "broken", "whole"]


async def test_every_front_end_is_found_before_all_are_loaded_and_after() -> None:
    late = LateFrontEnds(Importer())
    assert await late.find("elbv2") is not None
    await late.load()
    found = [await late.find(service) for service in PACKAGES]
    assert found == list(front_ends())
    assert [front_end.service for front_end in front_ends()] == list(PACKAGES)
    assert await late.find("s3") is None


async def test_a_front_end_that_cannot_be_imported_keeps_no_other_from_being_served() -> None:
    def load(name: str) -> ModuleType:
        if name == PACKAGES["ecs"]:
            raise ImportError(name)
        module = ModuleType(name)
        module.__dict__["FRONT_END"] = name
        return module

    late = LateFrontEnds(Importer(load))
    await late.load()
    with pytest.raises(ImportError):
        await late.find("ecs")
    assert await late.find("acm") == PACKAGES["acm"]


async def test_an_import_whose_waiter_is_gone_keeps_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    shelf = Shelf()
    monkeypatch.setattr("importlib.import_module", shelf.load)
    importer = Importer()
    gone = asyncio.create_task(importer.module("gone"))
    assert await asyncio.to_thread(shelf.begun.wait, 10)
    gone.cancel()
    asked = importer.module("a"), asyncio.to_thread(late_module, "b")
    others = [asyncio.create_task(one) for one in asked]
    done, _ = await asyncio.wait(others, timeout=0.05)
    assert not done
    shelf.let_go.set()
    await asyncio.gather(*others)
    assert sorted(shelf.asked) == ["a", "b", "gone"]
    assert shelf.at_once_max == 1


def test_nothing_that_comes_late_is_imported_on_the_loops_thread() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _ALL_THAT_COMES_LATE], capture_output=True, text=True, check=True
    )
    beside, *on_the_loop = done.stdout.split()
    assert int(beside) > 100
    assert on_the_loop == []
