"""Transforms of rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tidegate.control.api.elbv2 import transforms
from tidegate.wire import Fault

Make = Callable[..., str]


def _url(regex: str = "^/old/(.*)$", replace: str = "/new/$1", **more: Any) -> dict[str, Any]:
    rewrites = [{"Regex": regex, "Replace": replace}]
    return {"Type": "url-rewrite", "UrlRewriteConfig": {"Rewrites": rewrites}, **more}


def _host(regex: str = r"^shop-(.+)\.com$", replace: str = "$1.internal") -> dict[str, Any]:
    rewrites = [{"Regex": regex, "Replace": replace}]
    return {"Type": "host-header-rewrite", "HostHeaderRewriteConfig": {"Rewrites": rewrites}}


def _shown(client: Any, rule: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.describe_rules(RuleArns=[rule])["Rules"][0]["Transforms"]
    return found


def test_a_rule_rewrites_host_and_url(client: Any, make_rule: Make) -> None:
    rule = make_rule(Transforms=[_host(), _url()])
    assert _shown(client, rule) == [_host(), _url()]


def test_transforms_are_replaced_whole_kept_or_reset(client: Any, refused: Any, make_rule: Make) -> None:
    rule = make_rule(Transforms=[_host(), _url()])
    client.modify_rule(RuleArn=rule, Transforms=[_url(replace="/")])
    assert _shown(client, rule) == [_url(replace="/")]
    client.modify_rule(RuleArn=rule, Conditions=[{"Field": "path-pattern", "Values": ["/y"]}])
    assert _shown(client, rule) == [_url(replace="/")]
    with refused("ValidationError", "You cannot specify both Transforms and ResetTransforms"):
        client.modify_rule(RuleArn=rule, Transforms=[_url()], ResetTransforms=True)
    client.modify_rule(RuleArn=rule, ResetTransforms=True)
    assert _shown(client, rule) == []
    with refused("ValidationError", "Either conditions or actions must be specified"):
        client.modify_rule(RuleArn=rule, ResetTransforms=False)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([_url(), _url()], "A rule can only have one 'url-rewrite' transform"),
        (
            [{"Type": "url-rewrite"}],
            "For transforms of type 'url-rewrite', you must specify the following fields: 'UrlRewriteConfig'",
        ),
        (
            [_url(HostHeaderRewriteConfig={"Rewrites": []})],
            "The 'HostHeaderRewriteConfig' field is not compatible with 'url-rewrite'",
        ),
        (
            [_url(UrlRewriteConfig={"Rewrites": [{"Regex": "a", "Replace": "b"}] * 2})],
            "You must specify exactly one rewrite for a transform of type 'url-rewrite'",
        ),
        ([_url("x" * 1025)], "A rewrite of type 'url-rewrite' cannot contain more than 1024 characters"),
        (
            [_host(replace="x" * 1025)],
            "A rewrite of type 'host-header-rewrite' cannot contain more than 1024 characters",
        ),
        ([_url("")], "A regular expression must be specified"),
        ([_url("(")], "The regular expression '(' is not valid"),
        (
            [_url("^(?!x)")],
            "The regular expression '^(?!x)' is not valid: lookahead assertions are not supported",
        ),
        ([_url(replace="a\nb")], "The replacement 'a\nb' contains a character that is not valid"),
    ],
)
def test_a_transform_that_cannot_be_is_refused(given: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(Fault) as caught:
        transforms.parse(given)
    assert (caught.value.code, caught.value.message) == ("ValidationError", message)


def test_an_unknown_type_is_refused_in_the_models_words(make_rule: Make, refused: Any) -> None:
    with refused("ValidationError", "at 'transforms.1.member.type' failed to satisfy constraint"):
        make_rule(Transforms=[{"Type": "header-rewrite"}])
