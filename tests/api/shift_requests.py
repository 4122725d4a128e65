"""A rule with a shift in the region of `requests.py`, and requests for Tidegate's own front end."""

from __future__ import annotations

from typing import Any

from tidegate.testing.api import Api


def make_shift(api: Api, listener: str, group: str, vpc: str) -> tuple[str, str]:
    """Two rules that split between `group` and another; the first one's ARN, and a shift of the second."""
    elbv2 = api.client("elbv2")
    made = elbv2.create_target_group(Name="other", Protocol="HTTP", Port=80, VpcId=vpc)
    other = made["TargetGroups"][0]["TargetGroupArn"]
    groups = [{"TargetGroupArn": group, "Weight": 1}, {"TargetGroupArn": other, "Weight": 0}]
    rules = [
        elbv2.create_rule(
            ListenerArn=listener,
            Priority=priority,
            Conditions=[{"Field": "path-pattern", "Values": ["/ab"]}],
            Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}],
        )["Rules"][0]["RuleArn"]
        for priority in (50, 51)
    ]
    canary = {"CanaryPercent": 10, "BakeTimeInSeconds": 60}
    started = api.client("tidegate").start_shift(RuleArn=rules[1], TargetGroupArn=other, Canary=canary)
    return rules[0], started["Shift"]["ShiftId"]


def shifts(rule: str, shift: str, group: str) -> dict[str, dict[str, Any]]:
    return {
        "DescribeComparison": {
            "RuleArn": rule,
            "BaselineTargetGroupArn": group,
            "WindowInSeconds": 60,
            "ConfidencePercent": 99.0,
        },
        "StartShift": {
            "RuleArn": rule,
            "TargetGroupArn": group,
            "Linear": {"StepPercent": 10, "BakeTimeInSeconds": 60},
            "UntilPercent": 100,
            "Guards": [
                {"Metric": "ErrorRate", "Limit": 1.0},
                {"Metric": "ResponseTime", "Percentile": "p95", "MoreThanBaseline": 50.0},
            ],
            "WindowInSeconds": 60,
            "MinimumRequests": 50,
            "PatienceInSeconds": 600,
        },
        "DescribeShifts": {"ShiftIds": [shift], "RuleArn": rule, "MaxResults": 5},
        "StopShift": {"ShiftId": shift, "RollBack": True},
    }
