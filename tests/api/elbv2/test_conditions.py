"""Conditions of rules."""

from __future__ import annotations

from typing import Any

import pytest

from tidegate.control.api.elbv2 import conditions
from tidegate.domain.elbv2 import QueryStringPair, RuleCondition
from tidegate.wire import Fault

Given = dict[str, Any]


def _host(*values: str) -> Given:
    return {"Field": "host-header", "HostHeaderConfig": {"Values": list(values)}}


def _path(*values: str) -> Given:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}


def _header(name: str | None, *values: str) -> Given:
    named = {} if name is None else {"HttpHeaderName": name}
    return {"Field": "http-header", "HttpHeaderConfig": {**named, "Values": list(values)}}


def _method(*values: str) -> Given:
    return {"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": list(values)}}


def _query(*pairs: Given) -> Given:
    return {"Field": "query-string", "QueryStringConfig": {"Values": list(pairs)}}


def _source(*blocks: str) -> Given:
    return {"Field": "source-ip", "SourceIpConfig": {"Values": list(blocks)}}


def _regex(field: str, config: str, *values: str, **more: str) -> Given:
    return {"Field": field, config: {"RegexValues": list(values), **more}}


def _shown(given: Given) -> Given:
    (condition,) = conditions.parse([given])
    return conditions.view(condition)


@pytest.mark.parametrize(
    "given",
    [
        _header("X-Version", "v*", "?2"),
        _method("GET", "M-SEARCH", "UN_LOCK"),
        _query({"Key": "v", "Value": "1*"}, {"Key": None, "Value": r"a\*b"}),
        _source("10.0.0.0/8", "2001:db8::/32", "192.0.2.7/32"),
        _regex("http-header", "HttpHeaderConfig", "^v[12]$", HttpHeaderName="X-Version"),
    ],
)
def test_a_condition_is_shown_as_it_was_sent(given: Given) -> None:
    assert _shown(given) == given


@pytest.mark.parametrize(
    ("field", "config", "values"),
    [
        ("host-header", "HostHeaderConfig", ["*.example.com", "example.*"]),
        ("path-pattern", "PathPatternConfig", ["/img/*", "*.php", "/a_-.$/~\"'@:+&*?"]),
    ],
)
def test_hosts_and_paths_have_two_forms_and_are_shown_in_both(
    field: str, config: str, values: list[str]
) -> None:
    both = {"Field": field, "Values": values, config: {"Values": values}}
    assert _shown({"Field": field, "Values": values}) == both
    assert _shown({"Field": field, config: {"Values": values}}) == both
    regex = {"Field": field, "RegexValues": ["^x$"], config: {"RegexValues": ["^x$"]}}
    assert _shown({"Field": field, "RegexValues": ["^x$"]}) == regex
    assert _shown({"Field": field, config: {"RegexValues": ["^x$"]}}) == regex


def test_a_query_string_matches_pairs_or_the_value_of_any_key() -> None:
    assert conditions.parse([_query({"Key": "v", "Value": "1"}, {"Value": "x"})]) == (
        RuleCondition(
            field="query-string",
            pairs=(QueryStringPair(key="v", value="1"), QueryStringPair(value="x")),
        ),
    )


def test_headers_and_query_strings_may_be_asked_for_more_than_once() -> None:
    given = [_header("A", "1"), _header("A", "2"), _query({"Value": "1"}), _query({"Value": "2"})]
    assert len(conditions.parse(given)) == 4


FIELDS = "'http-header,http-request-method,host-header,query-string,path-pattern,source-ip'"
EXACTLY_ONE = "You must provide exactly one of the following: ['Values' 'RegexValues'] for config of type "


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"Values": ["/x"]}, "A condition field must be specified"),
        ({"Field": "cookie", "Values": ["x"]}, f"Condition field 'cookie' must be one of {FIELDS}"),
        (
            {"Field": "path-pattern"},
            "For conditions of type 'path-pattern', you must specify the following fields: "
            "'Values or RegexValues or PathPatternConfig'",
        ),
        ({"Field": "source-ip"}, "A 'SourceIpConfig' must be specified with 'source-ip'"),
        ({"Field": "http-header"}, "A 'HttpHeaderConfig' must be specified with 'http-header'"),
        (
            {"Field": "path-pattern", "HostHeaderConfig": {"Values": ["a.b"]}},
            "The 'HostHeaderConfig' field is not compatible with 'path-pattern'",
        ),
        (
            {"Field": "source-ip", "Values": ["10.0.0.0/8"]},
            "The 'Values' field is not compatible with 'source-ip'",
        ),
        (
            {"Field": "query-string", "RegexValues": ["x"], "QueryStringConfig": {"Values": []}},
            "'RegexValues' is not supported for a condition of type 'query-string'",
        ),
        (
            {"Field": "path-pattern", "Values": ["/x"], "PathPatternConfig": {"Values": ["/x"]}},
            "You cannot provide both Values and 'PathPatternConfig' for a condition of type 'path-pattern'",
        ),
        (
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.b"], "RegexValues": ["a"]}},
            f"{EXACTLY_ONE}'HostHeaderConfig'",
        ),
        ({"Field": "host-header", "HostHeaderConfig": {"Values": []}}, f"{EXACTLY_ONE}'HostHeaderConfig'"),
        (_header("X"), f"{EXACTLY_ONE}'HttpHeaderConfig'"),
        (_header(None, "x"), "A 'HttpHeaderName' must be specified in 'HttpHeaderConfig'"),
        (_method(), "A condition value must be specified"),
        (_source(), "A condition value must be specified"),
        (_query(), "A condition value must be specified"),
        (_path(""), "A condition value must be specified"),
        (_query({"Key": "a"}), "A 'Value' must be specified in 'QueryStringKeyValuePair'"),
        (
            _host("a" * 127 + ".b"),
            "Condition value for 'host-header' cannot contain more than 128 characters",
        ),
        (_path("/" * 129), "Condition value for 'path-pattern' cannot contain more than 128 characters"),
        (_header("X" * 41, "x"), "Condition value for 'http-header' cannot contain more than 40 characters"),
        (
            _header("X", "x" * 129),
            "Condition value for 'http-header' cannot contain more than 128 characters",
        ),
        (
            _query({"Key": "k" * 129, "Value": "x"}),
            "Condition value for 'query-string' cannot contain more than 128 characters",
        ),
        (
            _method("A" * 41),
            "Condition value for 'http-request-method' cannot contain more than 40 characters",
        ),
        (
            _regex("path-pattern", "PathPatternConfig", "x" * 129),
            "Condition value for 'path-pattern' cannot contain more than 128 characters",
        ),
        (_method("get"), "Condition value 'get' contains a character that is not valid"),
        (_host("localhost"), "Condition value 'localhost' contains a character that is not valid"),
        (_host("*"), "Condition value '*' contains a character that is not valid"),
        (_host("example.c0m"), "Condition value 'example.c0m' contains a character that is not valid"),
        (_host("example.com:80"), "Condition value 'example.com:80' contains a character that is not valid"),
        (_path("/a b"), "Condition value '/a b' contains a character that is not valid"),
        (_path("/x\n"), "Condition value '/x\n' contains a character that is not valid"),
        (_header("X", "ü"), "Condition value 'ü' contains a character that is not valid"),
        (_header("a b", "x"), "Condition value 'a b' contains a character that is not valid"),
        (_header("Host", "x"), "You cannot specify 'Host' as an HTTP header name"),
        (_source("10.0.0.1"), "The specified value '10.0.0.1' is not a valid CIDR block"),
        (_source("10.0.0.0/33"), "The specified value '10.0.0.0/33' is not a valid CIDR block"),
        (
            _source("10.0.0.0/255.0.0.0"),
            "The specified value '10.0.0.0/255.0.0.0' is not a valid CIDR block",
        ),
        (
            _source("255.255.255.255/32"),
            "The specified value '255.255.255.255/32' is not a valid CIDR block",
        ),
        (
            _regex("path-pattern", "PathPatternConfig", "^(?!x)"),
            "The regular expression '^(?!x)' is not valid: lookahead assertions are not supported",
        ),
    ],
)
def test_a_condition_that_cannot_be_gets_awss_text(given: Given, message: str) -> None:
    with pytest.raises(Fault) as caught:
        conditions.parse([given])
    assert (caught.value.code, caught.value.message) == ("ValidationError", message)


def test_network_load_balancers_address_types_are_refused_by_name() -> None:
    config = {"Values": ["10.0.0.0/8"], "IpAddressType": "ipv4"}
    with pytest.raises(Fault, match="IP address type of a source-ip condition"):
        conditions.parse([{"Field": "source-ip", "SourceIpConfig": config}])


@pytest.mark.parametrize("given", [_host("a.b"), _path("/x"), _method("GET"), _source("10.0.0.0/8")])
def test_most_fields_come_once_in_a_rule(given: Given) -> None:
    with pytest.raises(Fault) as caught:
        conditions.parse([given, given])
    assert caught.value.message == f"A rule can only have one '{given['Field']}' condition"


def test_a_rule_has_five_values_over_all_its_conditions() -> None:
    five = [_path("/a", "/b"), _host("a.b"), _query({"Key": "k", "Value": "v"}), _method("GET")]
    assert len(conditions.parse(five)) == 4
    with pytest.raises(Fault) as caught:
        conditions.parse([*five, _header("X", "y")])
    assert caught.value.message == "A rule can only have '5' condition values and regex values"


def test_a_rule_has_six_wildcards_over_all_its_conditions() -> None:
    six = [_path("/*/*"), _host("*.?.com"), _query({"Key": "*", "Value": r"\*?"})]
    assert len(conditions.parse(six)) == 3
    with pytest.raises(Fault) as caught:
        conditions.parse([*six, _header("X", "y*")])
    assert caught.value.message == "A rule can only have '6' condition wildcards"


def test_a_rule_has_a_condition() -> None:
    with pytest.raises(Fault, match="A condition must be specified"):
        conditions.parse([])
