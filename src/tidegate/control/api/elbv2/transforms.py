"""Transforms of rules: what is rewritten on the way to the target. AWS's words for what is wrong are not
known."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2 import expressions
from tidegate.control.api.elbv2.faults import invalid
from tidegate.domain.elbv2 import RuleTransform

_CONFIGS = {"host-header-rewrite": "HostHeaderRewriteConfig", "url-rewrite": "UrlRewriteConfig"}
_LENGTH_MAX = 1024

Given = Mapping[str, Any]


def parse(given: Sequence[Given]) -> tuple[RuleTransform, ...]:
    """The transforms of a request, one of each type at most; raises ValidationError."""
    transforms = tuple(_transform(item) for item in given)
    for kind, count in Counter(transform.type for transform in transforms).items():
        if count > 1:
            raise invalid(f"A rule can only have one '{kind}' transform")
    return transforms


def _transform(item: Given) -> RuleTransform:
    kind = item["Type"]
    for other, name in _CONFIGS.items():
        if other != kind and item.get(name) is not None:
            raise invalid(f"The '{name}' field is not compatible with '{kind}'")
    config = item.get(_CONFIGS[kind])
    if not config:
        text = f"For transforms of type '{kind}', you must specify the following fields: '{_CONFIGS[kind]}'"
        raise invalid(text)
    rewrites: Sequence[Given] = config.get("Rewrites") or ()
    if len(rewrites) != 1:
        raise invalid(f"You must specify exactly one rewrite for a transform of type '{kind}'")
    regex, replace = rewrites[0]["Regex"], rewrites[0]["Replace"]
    for text in (regex, replace):
        if len(text) > _LENGTH_MAX:
            raise invalid(f"A rewrite of type '{kind}' cannot contain more than {_LENGTH_MAX} characters")
    if not regex:
        raise invalid("A regular expression must be specified")
    expressions.check(regex)
    if not replace.isascii() or not replace.isprintable():
        raise invalid(f"The replacement '{replace}' contains a character that is not valid")
    return RuleTransform(type=kind, regex=regex, replace=replace)


def view(transform: RuleTransform) -> dict[str, Any]:
    rewrites = [{"Regex": transform.regex, "Replace": transform.replace}]
    return {"Type": transform.type, _CONFIGS[transform.type]: {"Rewrites": rewrites}}
