"""Rules that let only requests with a token pass: jwt-validation.

The checks of all listeners are one file, which the script reads at HAProxy's start; keys are files of their
own, named by what they hold, since HAProxy reads each of them once. So other keys, like other checks, are
another text, and bring a reload.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec

from tidegate.balancer.decisions.configuration.rules import number_of, portions
from tidegate.balancer.decisions.key_sets import Keys
from tidegate.fleet.balancing import EdgeDocument, EdgeRule, EdgeTokenValidation

CHECKS_FILE = "tokens.json"

# By the URL of their set.
KeySets = Mapping[str, Keys]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCheck:
    """`numbers`: of the rules that ask for it, in portions as long as HAProxy's lines may be; none when all
    requests of the listener do."""

    id: str
    numbers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenChecks:
    """What one listener asks for. `keys`: names of key files."""

    checks: tuple[TokenCheck, ...]
    keys: tuple[str, ...]


def token_checks(rules: Sequence[EdgeRule], key_sets: KeySets) -> TokenChecks | None:
    """None when no rule of a listener asks for a token."""
    asked: dict[EdgeTokenValidation, list[int]] = {}
    for rule in rules:
        if rule.token_validation is not None:
            asked.setdefault(rule.token_validation, []).append(number_of(rule))
    if not asked:
        return None
    names = {key_file(pem) for one in asked for pem in key_sets.get(one.jwks_endpoint, {}).values()}
    return TokenChecks(
        checks=tuple(
            TokenCheck(id=check_id(one), numbers=portions(numbers) if len(rules) > 1 else ())
            for one, numbers in asked.items()
        ),
        keys=tuple(sorted(names)),
    )


def token_files(edge: EdgeDocument, key_sets: KeySets) -> dict[str, str]:
    """Contents by file name: the checks of all listeners, and their keys. None when there are no checks."""
    validations = validations_of(edge)
    if not validations:
        return {}
    checks = {id_: _settings(one, key_sets) for id_, one in sorted(validations.items())}
    pems = {pem for one in validations.values() for pem in key_sets.get(one.jwks_endpoint, {}).values()}
    return {CHECKS_FILE: msgspec.json.encode(checks).decode(), **{key_file(pem): pem for pem in sorted(pems)}}


def validations_of(edge: EdgeDocument) -> dict[str, EdgeTokenValidation]:
    """Every validation that some rule asks for, by its id."""
    return {
        check_id(rule.token_validation): rule.token_validation
        for balancer in edge.load_balancers
        for listener in balancer.listeners
        for rule in listener.rules
        if rule.token_validation is not None
    }


def check_id(validation: EdgeTokenValidation) -> str:
    return f"check_{_digest(msgspec.json.encode(validation))}"


def key_file(pem: str) -> str:
    return f"key_{_digest(pem.encode())}"


def digest(files: Mapping[str, str]) -> str:
    """Of the checks: the configuration says it, so that other checks are another text."""
    return _digest(files[CHECKS_FILE].encode())


def _settings(validation: EdgeTokenValidation, key_sets: KeySets) -> dict[str, object]:
    keys = key_sets.get(validation.jwks_endpoint, {})
    return {
        "issuer": validation.issuer,
        "claims": [
            {"name": name, "format": form, "values": values} for name, form, values in validation.claims
        ],
        "keys": {key_id: key_file(pem) for key_id, pem in sorted(keys.items())},
    }


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
