"""What the events of a service do not say of its targets: until when they drain, and why they are unused."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.troubles import names_of
from tidegate.cli.unused_zones import trouble_of_zones

_DELAY = "deregistration_delay.timeout_seconds"


class TargetNotes:
    """Looks again and again; each thing is told once. What drains at the first look is nobody's news."""

    def __init__(self, elbv2: Any, ec2: Any, now: Callable[[], datetime] = datetime.now) -> None:
        self._elbv2 = elbv2
        self._ec2 = ec2
        self._now = now
        self._draining: dict[str, set[tuple[str, int]]] = {}
        self._unused: set[str] = set()

    def of(self, service: Mapping[str, Any]) -> Iterator[str]:
        """News of a service as DescribeServices shows it; none while that cannot be found out."""
        for arn in sorted({use["targetGroupArn"] for use in service["loadBalancers"]}):
            # These are asides: a group that is gone, or a moment without an answer, is told elsewhere.
            with contextlib.suppress(ClientError, BotoCoreError):
                yield from self._of_group(arn)

    def _of_group(self, arn: str) -> Iterator[str]:
        described = self._elbv2.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"]
        states = {one["TargetHealth"]["State"] for one in described}
        if "unused" in states:
            yield from self._zones(arn, described)
        draining = [one["Target"] for one in described if one["TargetHealth"]["State"] == "draining"]
        known = self._draining.get(arn)
        self._draining[arn] = {(target["Id"], target["Port"]) for target in draining}
        news = [
            target for target in draining if known is not None and (target["Id"], target["Port"]) not in known
        ]
        if news:
            yield self._drain(arn, news)

    def _zones(self, arn: str, described: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        (group,) = self._elbv2.describe_target_groups(TargetGroupArns=[arn])["TargetGroups"]
        trouble = trouble_of_zones(self._elbv2, self._ec2, group, described)
        # Each task that is tried has another port: it is the zones that are told once.
        zones = trouble.split(" unused: ", 1)[1] if trouble else ""
        if trouble and zones not in self._unused:
            self._unused.add(zones)
            yield trouble

    def _drain(self, arn: str, targets: Sequence[Mapping[str, Any]]) -> str:
        attributes = self._elbv2.describe_target_group_attributes(TargetGroupArn=arn)["Attributes"]
        seconds = next(int(one["Value"]) for one in attributes if one["Key"] == _DELAY)
        until = self._now() + timedelta(seconds=seconds)
        return f"{names_of(targets)} drain until {until:%H:%M:%S}: {_DELAY} is {seconds}"
