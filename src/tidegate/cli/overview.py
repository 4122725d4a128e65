"""What runs and where it answers, gathered for `tidegate status`."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate import __version__
from tidegate.balancer.haproxy import binary
from tidegate.cli import processes
from tidegate.cli.clients import aws_client
from tidegate.cli.console_place import console_url, is_built
from tidegate.cli.control_pages import ControlSilentError, page
from tidegate.cli.instances import hosted
from tidegate.cli.liveness import answers
from tidegate.cli.places import command
from tidegate.cli.readiness import MeteredPart, parts, waits_for
from tidegate.cli.runtimes import docker_version
from tidegate.cli.settings import Settings
from tidegate.cli.stopped_tasks import troubles_of_service
from tidegate.cli.troubles import closed_ports, troubles_of_instances, troubles_of_targets
from tidegate.cli.unused_zones import trouble_of_zones
from tidegate.fleet.hosting import STATUS_PATH

_PATIENCE_SECONDS = 5.0
# For so long a process may wait for others without being a trouble.
_STARTING_SECONDS = 30.0
_USUAL_PORTS = {"http": 80, "https": 443}
_PARTS = ("supervisor", "control", "balancer")


@dataclass(slots=True)
class Overview:
    """Lines to print, and problems, each with what to do."""

    lines: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


def overview(data_dir: Path, settings: Settings) -> Overview:
    shown = Overview()
    shown.lines.append(f"tidegate {__version__}, {_haproxy(shown)}, tasks run on {_runtime(shown, settings)}")
    shown.lines.append(f"endpoint   {settings.url}  (region {settings.region}, account {settings.account})")
    if is_built():
        shown.lines.append(f"console    {console_url(settings)}")
    for name in _PARTS:
        process = processes.read(data_dir, name)
        shown.lines.append(f"{name:<10} {_life(process) if process else 'not running'}")
        if process is None:
            shown.problems.append(
                f"{name} does not run: `{command('up', data_dir)}` starts it; its log is in {data_dir}/logs"
            )
    for instance in hosted(data_dir):
        if instance.status in ("running", "stopped", "killed"):
            life = f"agent {_life(instance.agent)}" if instance.agent else "no agent"
            shown.lines.append(f"instance   {instance.instance_id}  {instance.status}  {life}")
    for part in parts(data_dir):
        add_part(shown, part, waits_for(part), data_dir)
    # Asked first: an AWS client would repeat its question for minutes.
    if not answers(settings.endpoint, _PATIENCE_SECONDS):
        shown.problems.append(f"the API does not answer: see {data_dir}/logs/control.log")
        return shown
    try:
        _services(shown, settings, data_dir)
        observed = _observed(settings)
        shown.problems.extend(troubles_of_instances(observed["misplacedInstances"]))
        _load_balancers(shown, settings, observed["listeners"])
        _targets(shown, settings)
    except (ClientError, BotoCoreError, ControlSilentError) as error:
        shown.problems.append(f"the API does not say what runs ({error}): see {data_dir}/logs/control.log")
    return shown


def add_part(shown: Overview, part: MeteredPart, missing: Sequence[str] | None, data_dir: Path) -> None:
    """A line that says where a process's metrics are, and that it is ready or `missing` what; a problem if
    that does not pass. None: it does not answer."""
    state = "ready"
    if missing is None:
        state = "does not answer"
    elif missing:
        state = f"waits for {', '.join(missing)}"
    shown.lines.append(f"metrics    {part.url}  {part.name}, {state}")
    if state != "ready" and part.process.uptime_seconds > _STARTING_SECONDS:
        shown.problems.append(f"{part.name} {state}: its log is {data_dir}/logs/{part.name}.log")


def _life(process: processes.ProcessId) -> str:
    """As `pid 7, up 0:01:02, restarted 3 times`."""
    restarts = (
        f", {process.restarts} restart{'s' if process.restarts > 1 else ''}" if process.restarts else ""
    )
    return f"pid {process.pid}, up {timedelta(seconds=int(process.uptime_seconds))}{restarts}"


def _haproxy(shown: Overview) -> str:
    try:
        major, minor = binary.version_of(binary.find()) or (0, 0)
    except binary.HaproxyMissingError as error:
        shown.problems.append(str(error))
        return "no HAProxy"
    return f"HAProxy {major}.{minor}"


def _runtime(shown: Overview, settings: Settings) -> str:
    if settings.runtime != "docker":
        return f"Python {platform.python_version()}, as processes"
    version = docker_version()
    if version is None:
        shown.problems.append("Docker does not answer: start it; tasks start again by themselves")
    return f"Docker {version or '(which does not answer)'}"


def _services(shown: Overview, settings: Settings, data_dir: Path) -> None:
    ecs = aws_client("ecs", settings)
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = ecs.list_services(cluster=cluster, maxResults=100)["serviceArns"]
        for start in range(0, len(arns), 10):
            described = ecs.describe_services(cluster=cluster, services=arns[start : start + 10])
            for service in described["services"]:
                shown.lines.append(_service_line(service))
                shown.problems.extend(troubles_of_service(ecs, service, data_dir))


def _service_line(service: dict[str, Any]) -> str:
    counts = f"{service['runningCount']} of {service['desiredCount']} tasks run"
    pending = f", {service['pendingCount']} pending" if service["pendingCount"] else ""
    rollout = service["deployments"][0]["rolloutState"] if service["deployments"] else service["status"]
    return f"service    {service['serviceName']}  {counts}{pending}  {rollout}"


def _observed(settings: Settings) -> dict[str, Any]:
    """What control says of itself and its nodes."""
    status, content = page(settings, STATUS_PATH)
    if status != 200:
        raise ControlSilentError(f"status {status}")
    document: dict[str, Any] = json.loads(content)
    return document


def _load_balancers(shown: Overview, settings: Settings, observed: Mapping[str, Any]) -> None:
    elbv2 = aws_client("elbv2", settings)
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        for listener in listeners:
            add_listener(shown, balancer, listener, observed.get(listener["ListenerArn"]) or {})
        _entrances(shown, settings, balancer, [listener["Port"] for listener in listeners])


def _entrances(
    shown: Overview, settings: Settings, balancer: Mapping[str, Any], ports: Sequence[int]
) -> None:
    """Problems for listeners that no security group of their load balancer opens to anybody."""
    group_ids = balancer.get("SecurityGroups", [])
    if not group_ids or not ports:
        return
    groups = aws_client("ec2", settings).describe_security_groups(GroupIds=group_ids)["SecurityGroups"]
    shown.problems.extend(closed_ports(balancer["LoadBalancerName"], groups, ports))


def _targets(shown: Overview, settings: Settings) -> None:
    elbv2, ec2 = aws_client("elbv2", settings), aws_client("ec2", settings)
    for group in elbv2.describe_target_groups()["TargetGroups"]:
        if group["LoadBalancerArns"]:
            described = elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])
            targets = described["TargetHealthDescriptions"]
            shown.problems.extend(troubles_of_targets(group["TargetGroupName"], targets))
            elsewhere = trouble_of_zones(elbv2, ec2, group, targets)
            shown.problems.extend([elsewhere] if elsewhere else [])


def add_listener(
    shown: Overview, balancer: Mapping[str, Any], listener: Mapping[str, Any], bound: Mapping[str, Any]
) -> None:
    """A line for each place where a listener answers, a problem for each where it does not. `bound`:
    address, port and error, and those of the name, as the balancer reported them; empty where it has not."""
    if not bound.get("port"):
        reason = bound.get("error") or "the balancer has not bound it yet"
        name = f"{balancer['LoadBalancerName']}:{listener['Port']}"
        shown.problems.append(f"{name} does not answer ({reason}): see the balancer's log")
        return
    scheme = listener["Protocol"].lower()
    name = balancer["LoadBalancerName"]
    shown.lines.append(f"listener   {_url(scheme, bound['address'], bound['port'])}  {name}")
    if bound.get("namePort"):
        shown.lines.append(f"           {_url(scheme, balancer['DNSName'], bound['namePort'])}")
    if bound.get("nameError"):
        shown.problems.append(
            f"{name}:{listener['Port']} does not answer by its name ({bound['nameError']}): use its address, "
            "or stop what has that port of 127.0.0.1"
        )


def _url(scheme: str, host: str, port: int) -> str:
    return f"{scheme}://{host}{'' if port == _USUAL_PORTS.get(scheme) else f':{port}'}/"
