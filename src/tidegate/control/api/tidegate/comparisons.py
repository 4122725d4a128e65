"""Comparisons of a rule's target groups on live traffic."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.honoured import honours
from tidegate.control.api.tidegate import finding, views
from tidegate.control.decisions.comparison import ComparedGroup, compare
from tidegate.control.group_traffic import group_seen
from tidegate.control.store.tables import SHIFTS, TARGET_GROUPS
from tidegate.wire import Call, Operation

_WINDOW_SECONDS = 300
_CONFIDENCE_PERCENT = 95.0


@honours("RuleArn", "BaselineTargetGroupArn", "WindowInSeconds", "ConfidencePercent")
async def describe_comparison(context: ApiContext, call: Call) -> Mapping[str, Any]:
    """Of the last minutes, up to what balancers have told: they report every five seconds."""
    parameters, snapshot = call.parameters, context.store.snapshot
    rule = finding.split_rule(snapshot, parameters["RuleArn"])
    shift = next(snapshot.by(SHIFTS, "open", rule.rule_arn), None)
    # The group that a shift brings in is the heaviest at last, and is not what the others are held against.
    usual = shift.baseline_arn if shift and rule.has(shift.baseline_arn) else None
    baseline = rule.baseline(parameters.get("BaselineTargetGroupArn", usual))
    end = context.clock.now()
    begin = end - timedelta(seconds=parameters.get("WindowInSeconds", _WINDOW_SECONDS))
    groups = []
    for weighted in rule.groups:
        arn = weighted.target_group_arn
        row = snapshot.get(TARGET_GROUPS, arn)
        seen = await group_seen(context.series, rule.load_balancer_arn, arn, begin=begin, end=end)
        name = row.name if row else arn
        groups.append(ComparedGroup(arn=arn, name=name, weight=weighted.weight, seen=seen))
    found = compare(groups, baseline, parameters.get("ConfidencePercent", _CONFIDENCE_PERCENT) / 100)
    return {
        "Comparison": {**views.comparison(found), **views.place(rule), "StartTime": begin, "EndTime": end}
    }


OPERATIONS: Mapping[str, Operation] = {"DescribeComparison": Operation(describe_comparison)}
