"""Collections stay short because survivors are put aside, and lose nothing for good."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator

import pytest

from tidegate.control.garbage import keep_collections_short, thaw


class Node:
    """An object that can be part of a cycle."""

    def __init__(self) -> None:
        self.self = self


@pytest.fixture(autouse=True)
def own_collector() -> Iterator[None]:
    callbacks, thresholds = list(gc.callbacks), gc.get_threshold()
    keep_collections_short()
    yield
    gc.callbacks[:] = callbacks
    gc.set_threshold(*thresholds)
    gc.unfreeze()


def test_a_full_collection_puts_aside_what_survives_it() -> None:
    """The next one has nothing of it to walk over."""
    kept = [Node() for _ in range(10_000)]
    gc.collect()
    assert len(gc.get_objects(generation=2)) < len(kept)


def test_a_cycle_that_dies_young_is_collected() -> None:
    gone = weakref.ref(Node())
    gc.collect()
    assert gone() is None


def test_a_cycle_that_was_put_aside_and_died_is_collected_at_the_thaw() -> None:
    node = Node()
    gone = weakref.ref(node)
    gc.collect()
    del node
    gc.collect()
    assert gone() is not None
    thaw()
    assert gone() is None
