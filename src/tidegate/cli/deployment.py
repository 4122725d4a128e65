"""Deploys a task definition file as a CI pipeline does, and tells what the service says meanwhile."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate.cli.stopped_tasks import reasons, short

# What DescribeTaskDefinition answers beyond what RegisterTaskDefinition takes: people deploy files that
# they described before.
_READ_ONLY = (
    "taskDefinitionArn",
    "revision",
    "status",
    "requiresAttributes",
    "compatibilities",
    "registeredAt",
    "registeredBy",
    "deregisteredAt",
)


class DeployError(Exception):
    """The deployment did not succeed; the message says where it stands."""


def read_definition(file: Path) -> dict[str, Any]:
    """The arguments of RegisterTaskDefinition from a file; raises DeployError."""
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise DeployError(f"cannot read {file}: {error.strerror}") from error
    except ValueError as error:
        raise DeployError(f"{file} is not JSON: {error}") from error
    definition = document.get("taskDefinition", document) if isinstance(document, dict) else None
    if not isinstance(definition, dict) or "containerDefinitions" not in definition:
        raise DeployError(f"{file} holds no task definition: containerDefinitions is missing")
    return {name: value for name, value in definition.items() if name not in _READ_ONLY and value is not None}


class Rollout:
    """One deployment of one service: begun once, then looked at until it has ended.

    `tell` is given each line for the reader: what was done, the service's events from the beginning on,
    why tasks of the new revision stopped, each reason once, and what `notes` says of the service as it is
    described at each look. Both methods raise DeployError.
    """

    def __init__(
        self,
        ecs: Any,
        cluster: str,
        service: str,
        tell: Callable[[str], None],
        notes: Callable[[Mapping[str, Any]], Iterable[str]] = lambda _: (),
    ) -> None:
        self._notes = notes
        self._ecs = ecs
        self._cluster = cluster
        self._service = service
        self._tell = tell
        self._seen: set[str] = set()
        self._reasons: set[str] = set()
        self._deployment_id = ""
        self._service_deployment = ""
        self._counts = ""

    def begin(self, definition: dict[str, Any]) -> None:
        """Register the definition as a new revision and update the service to it."""
        with _refusals():
            described = self._describe()
            if described["status"] != "ACTIVE":
                raise DeployError(f"service {self._service} is {described['status']}: create it again")
            self._seen = {event["id"] for event in described["events"]}
            self._tell_notes(described)
            registered = self._ecs.register_task_definition(**definition)["taskDefinition"]
            self._tell(f"registered {registered['family']}:{registered['revision']}")
            updated = self._ecs.update_service(
                cluster=self._cluster, service=self._service, taskDefinition=registered["taskDefinitionArn"]
            )["service"]
        self._service_deployment = updated.get("currentServiceDeployment", "")
        self._deployment_id = next(d["id"] for d in updated["deployments"] if d["status"] == "PRIMARY")
        self._tell(f"deployment {self._deployment_id} to {updated['desiredCount']} task(s) began")

    def is_complete(self) -> bool:
        """Look once, and tell what is new. Raises when the deployment failed, was rolled back, or was
        replaced by another."""
        with _refusals():
            described = self._describe()
            self._tell_events(described)
            self._tell_stopped()
            self._tell_notes(described)
        deployments = described["deployments"]
        ours = next((d for d in deployments if d["id"] == self._deployment_id), None)
        # Before its replacement: a deployment that is rolled back is replaced by its predecessor.
        self._raise_if_failed(ours, described)
        if ours is None or ours["status"] != "PRIMARY":
            raise DeployError(f"{self._deployment_id} was replaced by another deployment")
        self._counts = f"{ours['runningCount']} of {ours['desiredCount']} run, {ours['pendingCount']} pending"
        if ours.get("rolloutState") != "COMPLETED" or len(deployments) > 1:
            return False
        self._tell(f"deployment {self._deployment_id} completed: {ours['runningCount']} task(s) run")
        return True

    @property
    def standing(self) -> str:
        """Where it stood at the last look, for one that waits no longer."""
        standing = f"{self._deployment_id} is still in progress ({self._counts}); it goes on"
        if not self._service_deployment:
            # An API that keeps no history of deployments has no name for this one.
            return standing
        back = f"aws ecs stop-service-deployment --service-deployment-arn {self._service_deployment}"
        return f"{standing}, and `{back}` rolls it back"

    def _describe(self) -> dict[str, Any]:
        try:
            answer = self._ecs.describe_services(cluster=self._cluster, services=[self._service])
        except self._ecs.exceptions.ClusterNotFoundException as error:
            raise DeployError(
                f"there is no cluster {self._cluster}: --cluster names another, and "
                "`aws ecs list-clusters` lists them"
            ) from error
        if not answer["services"]:
            raise DeployError(
                f"there is no service {self._service} in cluster {self._cluster}: "
                "`tidegate status` lists the services, --cluster names another cluster"
            )
        described: dict[str, Any] = answer["services"][0]
        return described

    def _tell_events(self, described: dict[str, Any]) -> None:
        for event in reversed(described["events"]):
            if event["id"] not in self._seen:
                self._seen.add(event["id"])
                self._tell(f"{event['createdAt']:%H:%M:%S} {event['message']}")

    def _tell_notes(self, described: Mapping[str, Any]) -> None:
        for note in self._notes(described):
            self._tell(note)

    def _tell_stopped(self) -> None:
        """The events do not say why a task did not stay."""
        for task, reason in reasons(self._ecs, self._cluster, self._service, self._deployment_id):
            if reason not in self._reasons:
                self._reasons.add(reason)
                self._tell(f"task {short(task)} stopped: {reason}")

    def _raise_if_failed(self, ours: dict[str, Any] | None, described: dict[str, Any]) -> None:
        """A failed deployment without tasks leaves the list after a pass or two; the event that told of it
        stays."""
        mark = f"(deployment {self._deployment_id}) deployment failed: "
        reasons = [e["message"].split(mark, 1)[1] for e in described["events"] if mark in e["message"]]
        if ours is not None and ours.get("rolloutState") == "FAILED":
            reasons.append(ours.get("rolloutStateReason", ""))
        if reasons:
            raise DeployError(f"{self._deployment_id} failed: {reasons[0]}{_rollback(described)}")


def _rollback(described: dict[str, Any]) -> str:
    """To what a failed deployment is rolled back; nothing when it is not."""
    primary = next((d for d in described["deployments"] if d["status"] == "PRIMARY"), None)
    if primary is None or "rolling back" not in primary.get("rolloutStateReason", ""):
        return ""
    revision = primary["taskDefinition"].rsplit("/", 1)[-1]
    return f" The service is rolled back to {revision}."


@contextlib.contextmanager
def _refusals() -> Iterator[None]:
    """What AWS's API refuses, and what its client refuses before asking it, as DeployError."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise DeployError(str(error)) from error
