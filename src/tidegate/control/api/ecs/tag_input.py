"""Tags in requests and in answers."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from tidegate.control.api.ecs.faults import invalid

TAGS_MAX = 50
_TEXT = re.compile(r"[\w\s.:/=+\-@]*")


def tag_map(tags: Sequence[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags as a mapping; raises InvalidParameterException for what AWS refuses."""
    result: dict[str, str] = {}
    for tag in tags or ():
        key, value = tag.get("key", ""), tag.get("value", "")
        if not 1 <= len(key) <= 128 or not _TEXT.fullmatch(key):
            raise invalid(f"Invalid tag key '{key}': 1 to 128 letters, digits, spaces or _ . : / = + - @.")
        if len(value) > 256 or not _TEXT.fullmatch(value):
            raise invalid(
                f"Invalid value of tag '{key}': up to 256 letters, digits, spaces or _ . : / = + - @."
            )
        if key.lower().startswith("aws:"):
            raise invalid(f"Invalid tag key '{key}': the prefix aws: is reserved.")
        if key in result:
            raise invalid(f"Duplicate tag key '{key}'.")
        result[key] = value
    if len(result) > TAGS_MAX:
        raise invalid(f"A resource can have at most {TAGS_MAX} tags.")
    return result


def tag_list(tags: Mapping[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in tags.items()]
