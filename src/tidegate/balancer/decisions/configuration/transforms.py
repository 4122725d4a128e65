"""What of a request is changed for its target, once the rule is chosen: the host, the path and query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.quoting import argument, verbatim
from tidegate.balancer.decisions.configuration.rules import number_of
from tidegate.fleet.balancing import EdgeRule, EdgeTransform

HOST, URL = "host-header-rewrite", "url-rewrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewrite:
    """For the rule of this number, `value`, an expression of HAProxy's, becomes the variable's."""

    number: int
    variable: str
    value: str


def rewrites(rules: Iterable[EdgeRule]) -> list[Rewrite]:
    """Of all rules that forward."""
    forwards = [rule for rule in rules if rule.action.type == "forward"]
    return [_rewrite(number_of(rule), transform) for rule in forwards for transform in rule.transforms]


def _rewrite(number: int, transform: EdgeTransform) -> Rewrite:
    """A host is seen in lower case and without its port, as conditions see it."""
    if transform.type == HOST:
        fetch = _substituted("req.fhdr(host,1),host_only", transform.rewrites, ",i")
        return Rewrite(number=number, variable="txn.new_host", value=verbatim(fetch))
    fetch = _substituted("pathq", transform.rewrites, "")
    return Rewrite(number=number, variable="txn.new_uri", value=verbatim(fetch))


def _substituted(fetch: str, pairs: Sequence[tuple[str, str]], flags: str) -> str:
    for expression, replacement in pairs:
        fetch += f",regsub({argument(expression)},{argument(_references(replacement))}{flags})"
    return fetch


def _references(replacement: str) -> str:
    """AWS's `$1` as HAProxy's `\\1`."""
    return re.sub(r"\$(\d)", r"\\\1", replacement.replace("\\", r"\\"))
