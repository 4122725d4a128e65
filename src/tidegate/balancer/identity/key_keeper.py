"""Keeps the sets of keys that tokens are checked with: fetched beside the path of requests, kept on disk, so
that a restart needs no issuer."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

import msgspec
import structlog

from tidegate.balancer.decisions.key_sets import (
    BYTES_MAX,
    Keys,
    KeySet,
    UnfitKeysError,
    answered,
    failed,
    is_due,
    may_ask,
)
from tidegate.balancer.identity.provider import ProviderError, Providers
from tidegate.fleet.files import write_whole

LOOK_EVERY_SECONDS = 1.0

_log = structlog.get_logger(__name__)


class KeyKeeper:
    """`read` makes keys of an answer, or raises UnfitKeysError; `changed` is called when a set has become
    another one."""

    def __init__(
        self,
        folder: Path,
        providers: Providers,
        read: Callable[[bytes], Keys],
        changed: Callable[[], None],
    ) -> None:
        self._folder = folder
        self._read = read
        self._providers = providers
        self._changed = changed
        self._sets: dict[str, KeySet] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    def want(self, urls: Collection[str]) -> None:
        """Keep the sets of these URLs, and no others."""
        self._sets = {url: self._sets.get(url) or self._stored(url) for url in sorted(urls)}

    @property
    def sets(self) -> Mapping[str, Keys]:
        """The keys that are known, by the URL of their set."""
        return {url: known.keys for url, known in self._sets.items() if known.keys is not None}

    async def watch(self) -> None:
        """Fetch what is due, without end."""
        while True:
            due = [url for url, known in self._sets.items() if is_due(known, time.monotonic())]
            await asyncio.gather(*(self._fetch(url, is_due) for url in due))
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def find(self, url: str, key_id: str) -> tuple[str | None, str]:
        """PEM of a key, or None, with the fault of the last attempt to fetch its set."""
        if url in self._sets and key_id not in (self._sets[url].keys or {}):
            await self._fetch(url, may_ask)
        known = self._sets.get(url, KeySet())
        return (known.keys or {}).get(key_id), known.fault

    async def _fetch(self, url: str, is_wanted: Callable[[KeySet, float], bool]) -> None:
        """Those who want one set at a time wait for one attempt."""
        async with self._locks.setdefault(url, asyncio.Lock()):
            before = self._sets.get(url)
            if before is None or not is_wanted(before, time.monotonic()):
                return
            known = await self._asked(url, before)
            if known.fault and known.fault != before.fault:
                _log.error("keys of tokens could not be fetched", url=url, reason=known.fault)
            if url in self._sets:
                self._sets[url] = known
                if known.keys != before.keys:
                    self._note(url, known.keys or {})

    async def _asked(self, url: str, before: KeySet) -> KeySet:
        try:
            answer = await self._providers.get(url, BYTES_MAX)
            if not 200 <= answer.status < 300:
                return failed(before, f"answered {answer.status}", time.monotonic())
            return answered(self._read(answer.content), time.monotonic())
        except (ProviderError, UnfitKeysError) as error:
            return failed(before, str(error), time.monotonic())

    def _note(self, url: str, keys: Keys) -> None:
        _log.info("keys of tokens", url=url, keys=sorted(keys))
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_whole(self._path(url), msgspec.json.encode(keys))
        except OSError as error:
            # They are in force all the same; a restart has to fetch them again.
            _log.error("keys of tokens could not be kept", url=url, reason=str(error))
        self._changed()

    def _stored(self, url: str) -> KeySet:
        try:
            return KeySet(keys=msgspec.json.decode(self._path(url).read_bytes(), type=dict[str, str]))
        except (OSError, msgspec.DecodeError):
            return KeySet()

    def _path(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"
