"""Shifts: a rule's requests go over to one of its target groups step by step, and back if it does badly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.elbv2 import WeightedTargetGroup

IN_PROGRESS = "IN_PROGRESS"
SUCCEEDED = "SUCCEEDED"
ROLLED_BACK = "ROLLED_BACK"
STOPPED = "STOPPED"

ERROR_RATE = "ErrorRate"
RESPONSE_TIME = "ResponseTime"


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """`limit`: of an error rate a share (0 to 1), of response times seconds, at `percentile`. `is_relative`:
    it is counted from the baseline's figure, of an error rate added to it, of response times as a share of it
    (0.5: half as long again)."""

    metric: str
    limit: float
    percentile: str = ""
    is_relative: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftStep:
    """`percent`: what the group gets of the requests in this step."""

    percent: int
    bake_seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftEvent:
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """`rule_arn`: a listener's default rule has one, too. `original`: the groups and weights that were found,
    and that a roll-back restores; `weights`: those that are in force, by this shift's doing. `step`: the
    number in `steps`, from 0, that has been in force since `step_began_at`.

    Guards look at the last `window_seconds` of a step, or at all of it where the group had less than
    `requests_min` requests then; with fewer they let nothing pass. A step that has not passed
    `patience_seconds` after its bake is over is given up.
    """

    id: str
    rule_arn: str
    listener_arn: str
    load_balancer_arn: str
    target_group_arn: str
    baseline_arn: str
    original: tuple[WeightedTargetGroup, ...]
    weights: tuple[WeightedTargetGroup, ...]
    steps: tuple[ShiftStep, ...]
    step: int
    step_began_at: datetime
    guards: tuple[Guard, ...] = ()
    window_seconds: int
    requests_min: int
    patience_seconds: int
    created_at: datetime
    ended_at: datetime | None = None
    status: str = IN_PROGRESS
    reason: str = ""
    events: tuple[ShiftEvent, ...] = ()

    @property
    def present_step(self) -> ShiftStep:
        return self.steps[self.step]

    @property
    def is_open(self) -> bool:
        return self.ended_at is None
