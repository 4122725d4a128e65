"""Modules that control imports after its start."""

from __future__ import annotations

import asyncio
import threading
from types import ModuleType

import pytest

from tidegate.control.api import PACKAGES, front_ends
from tidegate.control.api.late import LateFrontEnds
from tidegate.control.importing import Importer


class Shelf:
    """Modules that take until they are let go; counts how many are under way at once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.at_once = self.at_once_max = 0
        self.let_go = threading.Event()

    def load(self, name: str) -> ModuleType:
        self.asked.append(name)
        self.at_once += 1
        self.at_once_max = max(self.at_once, self.at_once_max)
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
