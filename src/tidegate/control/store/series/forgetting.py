"""Which series a store knows no longer."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.control.store.series.head import Series


def older(series: Iterable[Series], before: int) -> list[Series]:
    """Those whose newest point is older, and in chunks."""
    return [one for one in series if one.last_at < before and not one.fresh and one.flushing is None]


def surplus_of_tasks(series: Iterable[Series], before: int, kept_max: int) -> list[Series]:
    """Of the series of single tasks those that are too many, the oldest first; none that has a point since
    `before`: its task may still run."""
    of_tasks = [one for one in series if one.metric.is_of_task]
    ended = sorted(older(of_tasks, before), key=lambda one: one.last_at)
    return ended[: max(0, len(of_tasks) - kept_max)]
