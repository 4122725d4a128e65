"""The steps of a shift, and what each makes of a rule's weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.elbv2 import WeightedTargetGroup
from tidegate.domain.shift import ShiftStep

_ALL = 100


def linear(present: float, step: int, bake_seconds: int, last: int) -> tuple[ShiftStep, ...]:
    """From the percentage that the group has to `last`, so many percentage points at a time."""
    percents = []
    reached = int(present)
    while reached < last:
        reached = min(last, reached + step)
        percents.append(reached)
    return tuple(ShiftStep(percent=percent, bake_seconds=bake_seconds) for percent in percents)


def canary(present: float, percent: int, bake_seconds: int, last: int) -> tuple[ShiftStep, ...]:
    """A first small step and the whole; only the whole where the group has as much as the first already."""
    percents = [one for one in (percent, last) if one > present]
    return tuple(ShiftStep(percent=one, bake_seconds=bake_seconds) for one in dict.fromkeys(percents))


def percent_of(groups: Sequence[WeightedTargetGroup], arn: str) -> float:
    """What a group's weight gives it of the requests; 0 where all weights are zero."""
    total = sum(group.weight for group in groups)
    mine = sum(group.weight for group in groups if group.target_group_arn == arn)
    return _ALL * mine / total if total else 0.0


def weights_at(
    percent: int, original: Sequence[WeightedTargetGroup], arn: str, baseline_arn: str
) -> tuple[WeightedTargetGroup, ...]:
    """The groups with weights that add up to 100: `percent` for one of them, the rest for the others as
    they were to each other, or for the baseline where they all had nothing."""
    others = {group.target_group_arn: group.weight for group in original if group.target_group_arn != arn}
    if not any(others.values()):
        others[baseline_arn] = 1
    parts = {**_parts(_ALL - percent, others), arn: percent}
    return tuple(replace(group, weight=parts[group.target_group_arn]) for group in original)


def _parts(whole: int, weights: dict[str, int]) -> dict[str, int]:
    """Whole numbers in proportion; what is left over goes to those who lost most by rounding."""
    total = sum(weights.values())
    parts = {arn: whole * weight // total for arn, weight in weights.items()}
    lost = sorted(weights, key=lambda arn: (-(whole * weights[arn] % total), arn))
    for arn in lost[: whole - sum(parts.values())]:
        parts[arn] += 1
    return parts
