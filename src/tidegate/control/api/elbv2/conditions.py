"""Conditions of rules: all six kinds, read from requests and shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.control.api.elbv2.condition_values import (
    check_expression,
    check_header_name,
    check_value,
    wildcards,
)
from tidegate.control.api.elbv2.faults import invalid, unsupported
from tidegate.control.api.elbv2.quotas import CONDITION_VALUES_MAX, CONDITION_WILDCARDS_MAX
from tidegate.domain.elbv2 import QueryStringPair, RuleCondition
from tidegate.wire import Fault

_CONFIGS = {
    "http-header": "HttpHeaderConfig",
    "http-request-method": "HttpRequestMethodConfig",
    "host-header": "HostHeaderConfig",
    "query-string": "QueryStringConfig",
    "path-pattern": "PathPatternConfig",
    "source-ip": "SourceIpConfig",
}
# The two that rules began with: their values may stand beside the field, and are described there too.
_OLD = ("host-header", "path-pattern")
_WITH_EXPRESSIONS = (*_OLD, "http-header")
_ONCE = (*_OLD, "http-request-method", "source-ip")

Given = Mapping[str, Any]


def parse(given: Sequence[Given]) -> tuple[RuleCondition, ...]:
    """The conditions of a request; raises ValidationError."""
    if not given:
        raise invalid("A condition must be specified")
    conditions = tuple(_condition(item) for item in given)
    counts = Counter(condition.field for condition in conditions)
    for field in _ONCE:
        if counts[field] > 1:
            raise invalid(f"A rule can only have one '{field}' condition")
    if sum(map(_value_count, conditions)) > CONDITION_VALUES_MAX:
        raise invalid(f"A rule can only have '{CONDITION_VALUES_MAX}' condition values and regex values")
    if sum(map(_wildcard_count, conditions)) > CONDITION_WILDCARDS_MAX:
        raise invalid(f"A rule can only have '{CONDITION_WILDCARDS_MAX}' condition wildcards")
    return conditions


def _value_count(condition: RuleCondition) -> int:
    return len(condition.values) + len(condition.regex_values) + len(condition.pairs)


def _wildcard_count(condition: RuleCondition) -> int:
    if condition.pairs:
        texts = [text for pair in condition.pairs for text in (pair.key or "", pair.value)]
        return wildcards(texts, have_escapes=True)
    return wildcards(condition.values) if condition.field in _WITH_EXPRESSIONS else 0


def _condition(item: Given) -> RuleCondition:
    field = item.get("Field")
    if not field:
        raise invalid("A condition field must be specified")
    if field not in _CONFIGS:
        raise invalid(f"Condition field '{field}' must be one of '{','.join(_CONFIGS)}'")
    _check_members(field, item)
    config = item.get(_CONFIGS[field])
    if field == "query-string":
        return RuleCondition(field=field, pairs=_pairs(config or {}))
    name = _header_name(config or {}) if field == "http-header" else None
    values, regex_values = _values(field, item, config)
    for value in values:
        check_value(field, value)
    for value in regex_values:
        check_expression(field, value)
    return RuleCondition(
        field=field, values=tuple(values), regex_values=tuple(regex_values), http_header_name=name
    )


def _check_members(field: str, item: Given) -> None:
    """Raise ValidationError for members that do not go with the field, or with each other."""
    config = _CONFIGS[field]
    for other in _CONFIGS.values():
        if other != config and item.get(other) is not None:
            raise _not_compatible(other, field)
    if item.get("RegexValues") and field not in _WITH_EXPRESSIONS:
        raise invalid(f"'RegexValues' is not supported for a condition of type '{field}'")
    if item.get("Values") and field not in _OLD:
        raise _not_compatible("Values", field)
    if item.get(config) is None:
        if field not in _OLD:
            raise invalid(f"A '{config}' must be specified with '{field}'")
        if not item.get("Values") and not item.get("RegexValues"):
            raise invalid(
                f"For conditions of type '{field}', you must specify the following fields: "
                f"'Values or RegexValues or {config}'"
            )
    elif field in _OLD:
        for member in ("Values", "RegexValues"):
            if item.get(member):
                text = f"You cannot provide both {member} and '{config}' for a condition of type '{field}'"
                raise invalid(text)
    if field == "source-ip" and item[config].get("IpAddressType"):
        # For network load balancers only.
        raise unsupported("The IP address type of a source-ip condition")


def _not_compatible(member: str, field: str) -> Fault:
    return invalid(f"The '{member}' field is not compatible with '{field}'")


def _values(field: str, item: Given, config: Given | None) -> tuple[Sequence[str], Sequence[str]]:
    """Values and regular expressions; there are some of one kind, never of both."""
    values = [*(item.get("Values") or ()), *((config or {}).get("Values") or ())]
    if field not in _WITH_EXPRESSIONS:
        if not values:
            raise invalid("A condition value must be specified")
        return values, ()
    regex_values = [*(item.get("RegexValues") or ()), *((config or {}).get("RegexValues") or ())]
    if bool(values) == bool(regex_values):
        raise invalid(
            "You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type "
            f"'{_CONFIGS[field]}'"
        )
    return values, regex_values


def _header_name(config: Given) -> str:
    name = config.get("HttpHeaderName")
    if not name:
        # In the form of the other members; AWS's words are not known.
        raise invalid("A 'HttpHeaderName' must be specified in 'HttpHeaderConfig'")
    check_header_name(name)
    return str(name)


def _pairs(config: Given) -> tuple[QueryStringPair, ...]:
    given = config.get("Values") or ()
    if not given:
        raise invalid("A condition value must be specified")
    for pair in given:
        if not pair.get("Value"):
            raise invalid("A 'Value' must be specified in 'QueryStringKeyValuePair'")
        for text in (pair.get("Key"), pair["Value"]):
            if text:
                check_value("query-string", text)
    return tuple(QueryStringPair(key=pair.get("Key"), value=pair["Value"]) for pair in given)


def view(condition: RuleCondition) -> dict[str, Any]:
    """A condition in AWS's form: the configuration always, values beside it where rules began so."""
    if condition.field == "query-string":
        pairs = [{"Key": pair.key, "Value": pair.value} for pair in condition.pairs]
        return {"Field": condition.field, "QueryStringConfig": {"Values": pairs}}
    values: dict[str, Any] = (
        {"RegexValues": list(condition.regex_values)}
        if condition.regex_values
        else {"Values": list(condition.values)}
    )
    described: dict[str, Any] = {"Field": condition.field}
    if condition.field in _OLD:
        described |= values
    if condition.http_header_name is not None:
        values = {"HttpHeaderName": condition.http_header_name, **values}
    described[_CONFIGS[condition.field]] = values
    return described
