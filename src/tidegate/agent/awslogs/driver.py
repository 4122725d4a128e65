"""Sees to it that a container's stream is there before the container starts."""

from __future__ import annotations

import asyncio
from typing import Any

import structlog

from tidegate.agent.api import ApiError, EcsApi, UnreachableError
from tidegate.agent.awslogs.options import LogOptions, log_options
from tidegate.agent.payload import ContainerPayload, TaskPayload
from tidegate.agent.runtime import RuntimeFault

# No container waits longer for a control that is away.
_PATIENCE_SECONDS = 2.0
_MISSING = "ResourceNotFoundException"
_EXISTS = "ResourceAlreadyExistsException"

_log = structlog.get_logger(__name__)


class LogDriver:
    def __init__(self, api: EcsApi) -> None:
        self._api = api

    async def prepare(self, task: TaskPayload, container: ContainerPayload) -> None:
        """Make the stream of a container that has one, and the group where that is asked for. A control that
        does not answer holds up no container. Raises RuntimeFault."""
        options = log_options(container)
        if options is None:
            return
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await self._prepare(options, options.stream(task.id, container.name, ""))
        except (UnreachableError, TimeoutError):
            _log.info("control does not answer: the log stream is made later", task=task.id)
        except ApiError as error:
            raise RuntimeFault(
                "CannotStartContainerError: Error response from daemon: failed to create task for container: "
                "failed to initialize logging driver: failed to create Cloudwatch log stream: operation "
                f"error CloudWatch Logs: CreateLogStream, {error}"
            ) from error

    async def create_stream(self, options: LogOptions, stream: str) -> None:
        """Raises ApiError, UnreachableError."""
        try:
            await self._create_stream(options, stream)
        except ApiError as error:
            if error.code != _MISSING or not options.creates_group:
                raise
            await self._unless_there("CreateLogGroup", {"logGroupName": options.group})
            await self._create_stream(options, stream)

    async def _prepare(self, options: LogOptions, stream: str) -> None:
        if stream:
            await self.create_stream(options, stream)
        elif options.creates_group:
            await self._unless_there("CreateLogGroup", {"logGroupName": options.group})
        else:
            # Its name is not known yet: that its group is there is what can be asked for.
            await self._api.call("DescribeLogStreams", {"logGroupName": options.group, "limit": 1}, "logs")

    async def _create_stream(self, options: LogOptions, stream: str) -> None:
        request = {"logGroupName": options.group, "logStreamName": stream}
        await self._unless_there("CreateLogStream", request)

    async def _unless_there(self, operation: str, request: dict[str, Any]) -> None:
        try:
            await self._api.call(operation, request, "logs")
        except ApiError as error:
            if error.code != _EXISTS:
                raise
