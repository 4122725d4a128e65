"""What rules ask about those who send requests, by the names that HAProxy calls it.

What a document no longer has is known for a while: a worker of HAProxy's that only finishes what it has may
ask for it, and a login that has begun may end.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from tidegate.balancer.decisions.configuration.logins import logins_of
from tidegate.balancer.decisions.configuration.tokens import validations_of
from tidegate.fleet.balancing import EdgeAuthentication, EdgeDocument, EdgeLoginKeys, EdgeTokenValidation

_KNOWN_MAX = 2000

T = TypeVar("T")


class Asked:
    """Of the documents that there were, the present one's last."""

    def __init__(self) -> None:
        self.validations: dict[str, EdgeTokenValidation] = {}
        self.logins: dict[str, EdgeAuthentication] = {}
        self.login_keys: EdgeLoginKeys | None = None

    def expect(self, edge: EdgeDocument) -> bool:
        """Know what a document asks for; whether that is anything."""
        validations, logins = validations_of(edge), logins_of(edge)
        _renew(self.validations, validations)
        _renew(self.logins, logins)
        self.login_keys = edge.login_keys or self.login_keys
        return bool(validations or logins)


def _renew(known: dict[str, T], present: Mapping[str, T]) -> None:
    for key, value in present.items():
        known.pop(key, None)
        known[key] = value
    for key in list(known)[: max(0, len(known) - max(_KNOWN_MAX, len(present)))]:
        del known[key]
