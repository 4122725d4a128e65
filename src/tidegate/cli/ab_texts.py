"""Comparisons and shifts for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# The text says so itself where nothing is certain.
_STATES = {"HOLDS": "holds: ", "BREACHED": "broken: ", "UNCERTAIN": "", "NOT_ENOUGH_DATA": ""}
_COLUMNS = ("target group", "weight", "requests", "share", "error rate", "p50", "p95", "p99")


def comparison(found: Mapping[str, Any]) -> Iterator[str]:
    """A line for each group, and the verdict below."""
    seconds = (found["EndTime"] - found["StartTime"]).total_seconds()
    confidence = f"{found['ConfidencePercent']:g} %"
    yield f"The last {seconds:.0f} s, with {confidence} intervals:"
    yield from _table([_COLUMNS, *(_row(one) for one in found["TargetGroups"])])
    yield ""
    for judged in found["Judgements"]:
        yield from judged["Findings"]
    if not found["Judgements"]:
        yield str(found["Verdict"])


def shift(found: Mapping[str, Any]) -> Iterator[str]:
    """What it is and how it stands, what its guards read, and what has happened."""
    steps, number = found["Steps"], found["Step"]
    step = f"{steps[number - 1]['Percent']} % in step {number} of {len(steps)}"
    yield f"{found['ShiftId']}  {found['Status']}  {_name(found['TargetGroupArn'])}, {step}"
    yield f"  rule {found['RuleArn']}"
    for reading in found.get("GuardReadings", ()):
        yield f"  guard {_STATES[reading['State']]}{reading['Text']}"
    for one in found["Events"]:
        yield f"  {event(one)}"


def event(found: Mapping[str, Any]) -> str:
    return f"{found['At'].astimezone():%H:%M:%S} {found['Text']}"


def _row(group: Mapping[str, Any]) -> tuple[str, ...]:
    times = {one["Percentile"]: one for one in group["ResponseTimes"]}
    return (
        f"{group['TargetGroupName']}{' (baseline)' if group['IsBaseline'] else ''}",
        f"{group['Weight']} ({group['WeightSharePercent']:.3g} %)",
        f"{group['Requests']}",
        _percent(group.get("SharePercent")),
        _percent(group.get("ErrorRatePercent")),
        *(_time(times.get(name)) for name in ("p50", "p95", "p99")),
    )


def _percent(interval: Mapping[str, float] | None) -> str:
    if interval is None:
        return "-"
    return f"{interval['Value']:.3g} % ({interval['Lower']:.3g} to {interval['Upper']:.3g})"


def _time(interval: Mapping[str, float] | None) -> str:
    """In milliseconds; a bound that is not known leaves the other."""
    if interval is None:
        return "-"
    upper = interval.get("Upper")
    lower = f"{1000 * interval['Lower']:.0f}"
    span = f"from {lower}" if upper is None else f"{lower} to {1000 * upper:.0f}"
    return f"{1000 * interval['Value']:.0f} ms ({span})"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _name(group_arn: str) -> str:
    return group_arn.split("/")[1]
