"""Act 8: the only task is stopped; it serves until its replacement does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tidegate.cli.demo.story import CLUSTER, Story, check


class Stop:
    number = 8
    title = "Stop"

    def play(self, story: Story) -> Sequence[str]:
        (task,) = story.tasks()
        known = len(story.events())
        story.load.mark()
        story.ecs.stop_task(cluster=CLUSTER, task=task["taskArn"])
        story.event("has started 1 tasks", since=known, timeout_seconds=30)
        stopped = story.until("the task is stopped", lambda: self._stopped(story, task["taskArn"]), 360)
        check(stopped["stopCode"] == "UserInitiated", f"the stop code is {stopped['stopCode']}")
        check(stopped["stoppedReason"] == "Task stopped by user", f"the reason is {stopped['stoppedReason']}")
        (replacement,) = story.steady(1)
        story.expect_started(1, since=known)
        check(replacement["taskArn"] != task["taskArn"], "the stopped task runs again")
        check(replacement["startedAt"] < stopped["stoppedAt"], "the task was gone before its replacement ran")
        tally = story.load.mark()
        story.expect_no_failure(tally)
        return [f"drained and replaced: 0 of {tally.sent} requests failed"]

    def _stopped(self, story: Story, arn: str) -> dict[str, Any] | None:
        task = story.task(arn)
        return task if task["lastStatus"] == "STOPPED" else None
