"""How a client's cookie names a target, without telling its name.

A cookie's value, in Base64, is `<id>.<deadline>.<signature>`: which target, until when (Unix seconds), and
an HMAC of the two, so that nobody makes one up. HAProxy finds the server of an id, and the id of a server, in
two maps of its own, which change while it runs. Ids follow from the balancer's key: cookies outlive restarts.

The key that signs is another one for each backend: a cookie that was given for one group means nothing to
another.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass

_ID_CHARACTERS = 16
_TAG_CHARACTERS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Stickiness:
    """`folder`: of the maps. `key`: the balancer's own secret."""

    folder: str = ""
    key: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class StickyMaps:
    """The files of a backend's two maps: from ids to servers, from servers to ids."""

    servers: str
    ids: str


def opaque_id(key: bytes, backend: str, server: str) -> str:
    """What cookies call a server."""
    return _digest(key, f"{backend}/{server}").hex()[:_ID_CHARACTERS]


def signing_key(key: bytes, backend: str) -> str:
    """A backend's own key, as HAProxy reads it."""
    return b64encode(_digest(key, f"signs for {backend}")).decode()


def tag(key: bytes, backend: str) -> str:
    """What a backend is called in a cookie that several share."""
    return _digest(key, f"tag of {backend}").hex()[:_TAG_CHARACTERS]


def maps(folder: str, backend: str) -> StickyMaps:
    return StickyMaps(servers=f"{folder}/{backend}.servers.map", ids=f"{folder}/{backend}.ids.map")


def map_files(found: StickyMaps, servers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The text of both files, by their paths. `servers`: names with their ids."""
    pairs = sorted(servers)
    return {
        found.servers: "".join(f"{id_} {name}\n" for name, id_ in pairs),
        found.ids: "".join(f"{name} {id_}\n" for name, id_ in pairs),
    }


def additions(found: StickyMaps, name: str, id_: str) -> tuple[str, str]:
    """The commands that make a server known."""
    return f"add map {found.servers} {id_} {name}", f"add map {found.ids} {name} {id_}"


def removals(found: StickyMaps, name: str, id_: str) -> tuple[str, str]:
    """The commands that make a server unknown."""
    return f"del map {found.servers} {id_}", f"del map {found.ids} {name}"


def _digest(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
