"""Targets that were registered by hand, when their instance is terminated, whoever terminates it."""

from __future__ import annotations

from datetime import datetime

from tidegate.control.decisions.targets import drain
from tidegate.control.store import Transaction
from tidegate.control.store.tables import TARGET_GROUPS, TARGETS


def deregister_instance(tx: Transaction, instance_id: str, now: datetime) -> None:
    """Drain an instance's targets, as Elastic Load Balancing does by itself. Those that a task registered
    leave with the task."""
    for target in list(tx.by(TARGETS, "id", instance_id)):
        group = tx.get(TARGET_GROUPS, target.target_group_arn)
        if target.registered_by is None and group is not None:
            tx.put(TARGETS, drain(target, group, now))
