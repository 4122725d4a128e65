"""The log lines of containers whose log driver is awslogs, from CloudWatch Logs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.clusters import clusters

_PAGE = 10_000
_DESCRIBED_AT_ONCE = 100

# (task id, container's name)
Container = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Stream:
    group: str
    name: str


@dataclass(slots=True)
class ShippedLogs:
    """Knows which containers ship their lines, and how far each was read. What control does not answer is as
    if it were not there: those who ask have the files of this host then."""

    ecs: Any
    logs: Any
    _streams: dict[Container, _Stream] = field(default_factory=dict)
    _asked: set[str] = field(default_factory=set)
    _definitions: dict[str, Any] = field(default_factory=dict)
    _tokens: dict[Container, str] = field(default_factory=dict)

    def containers(self, task_ids: Iterable[str]) -> list[Container]:
        """Those containers of the tasks that ship their lines."""
        wanted = set(task_ids)
        fresh = sorted(wanted - self._asked)
        if fresh:
            with contextlib.suppress(ClientError, BotoCoreError):
                self._look_up(fresh)
        return sorted(one for one in self._streams if one[0] in wanted)

    def last(self, container: Container, count: int) -> list[str]:
        """Its last lines so far, each as `TIME TEXT`; all when the count is 0. Those that come later are
        `new`."""
        if count == 0:
            return self.new(container)
        answer = self._events(container, limit=min(count, _PAGE))
        if answer is None:
            return []
        self._tokens[container] = answer["nextForwardToken"]
        events = list(answer["events"])
        while answer is not None and answer["events"] and len(events) < count:
            limit, before = min(count - len(events), _PAGE), answer["nextBackwardToken"]
            answer = self._events(container, limit=limit, nextToken=before)
            events = [*([] if answer is None else answer["events"]), *events]
        return [_line(event) for event in events]

    def new(self, container: Container) -> list[str]:
        """What was put since the last look."""
        lines: list[str] = []
        while True:
            token = self._tokens.get(container)
            more = {} if token is None else {"nextToken": token}
            answer = self._events(container, startFromHead=True, **more)
            if answer is None:
                return lines
            lines += [_line(event) for event in answer["events"]]
            self._tokens[container] = answer["nextForwardToken"]
            if answer["nextForwardToken"] == token or not answer["events"]:
                return lines

    def _events(self, container: Container, **asked: Any) -> Mapping[str, Any] | None:
        stream = self._streams[container]
        try:
            answer: Mapping[str, Any] = self.logs.get_log_events(
                logGroupName=stream.group, logStreamName=stream.name, **asked
            )
        except (ClientError, BotoCoreError):
            # Its first lines may be on their way, or control be away.
            return None
        return answer

    def _look_up(self, task_ids: list[str]) -> None:
        described: set[str] = set()
        for cluster in clusters(self.ecs):
            for first in range(0, len(task_ids), _DESCRIBED_AT_ONCE):
                batch = task_ids[first : first + _DESCRIBED_AT_ONCE]
                for task in self.ecs.describe_tasks(cluster=cluster, tasks=batch)["tasks"]:
                    described.add(self._take(task))
        # ECS has forgotten the others, and does not remember them later.
        self._asked.update(set(task_ids) - described)

    def _take(self, task: Mapping[str, Any]) -> str:
        task_id: str = task["taskArn"].rsplit("/", 1)[-1]
        runtime_ids = {one["name"]: one.get("runtimeId", "") for one in task["containers"]}
        is_known = True
        for definition in self._containers_of(task["taskDefinitionArn"]):
            configuration = definition.get("logConfiguration", {})
            if configuration.get("logDriver") != "awslogs":
                continue
            options, name = configuration["options"], definition["name"]
            prefix = options.get("awslogs-stream-prefix")
            stream = f"{prefix}/{name}/{task_id}" if prefix else runtime_ids.get(name, "")
            is_known = is_known and bool(stream)
            if stream:
                self._streams[task_id, name] = _Stream(options["awslogs-group"], stream)
        if is_known:
            self._asked.add(task_id)
        return task_id

    def _containers_of(self, arn: str) -> Any:
        if arn not in self._definitions:
            answer = self.ecs.describe_task_definition(taskDefinition=arn)
            self._definitions[arn] = answer["taskDefinition"]["containerDefinitions"]
        return self._definitions[arn]


def _line(event: Mapping[str, Any]) -> str:
    at = datetime.fromtimestamp(event["timestamp"] / 1000, UTC)
    return f"{at:%Y-%m-%dT%H:%M:%S}.{event['timestamp'] % 1000:03d}Z {event['message']}"
