"""The weights of a rule's forward action: read, and replaced with everything else left as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.domain.elbv2 import Action, WeightedTargetGroup


def forwarded(actions: Sequence[Action]) -> tuple[WeightedTargetGroup, ...]:
    """The groups that actions forward to; none where they do something else."""
    return next((one.forward.target_groups for one in actions if one.forward is not None), ())


def with_weights(actions: Sequence[Action], weights: tuple[WeightedTargetGroup, ...]) -> tuple[Action, ...]:
    """The actions, forwarding by these weights."""
    return tuple(
        replace(one, forward=replace(one.forward, target_groups=weights)) if one.forward else one
        for one in actions
    )
