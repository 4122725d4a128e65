"""What runs and where it answers, gathered for `tidegate status`."""

from __future__ import annotations

import platform
import socket
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from tidegate import __version__
from tidegate.balancer.haproxy import binary
from tidegate.cli import processes
from tidegate.cli.clients import aws_client
from tidegate.cli.instances import hosted
from tidegate.cli.liveness import answers
from tidegate.cli.runtimes import docker_version
from tidegate.cli.settings import Settings
from tidegate.cli.troubles import trouble_of

_PATIENCE_SECONDS = 5.0
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
    for name in _PARTS:
        process = processes.read(data_dir, name)
        shown.lines.append(f"{name:<10} {_life(process) if process else 'not running'}")
        if process is None:
            shown.problems.append(
                f"{name} does not run: `tidegate up` starts it; its log is in {data_dir}/logs"
            )
    for instance in hosted(data_dir):
        if instance.status in ("running", "stopped", "killed"):
            life = f"agent {_life(instance.agent)}" if instance.agent else "no agent"
            shown.lines.append(f"instance   {instance.instance_id}  {instance.status}  {life}")
    # Asked first: an AWS client would repeat its question for minutes.
    if not answers(settings.endpoint, _PATIENCE_SECONDS):
        shown.problems.append(f"the API does not answer: see {data_dir}/logs/control.log")
        return shown
    try:
        _services(shown, settings)
        _load_balancers(shown, settings)
    except (ClientError, BotoCoreError) as error:
        shown.problems.append(f"the API does not say what runs ({error}): see {data_dir}/logs/control.log")
    return shown


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


def _services(shown: Overview, settings: Settings) -> None:
    ecs = aws_client("ecs", settings)
    for cluster in ecs.list_clusters()["clusterArns"]:
        arns = ecs.list_services(cluster=cluster, maxResults=100)["serviceArns"]
        for start in range(0, len(arns), 10):
            described = ecs.describe_services(cluster=cluster, services=arns[start : start + 10])
            for service in described["services"]:
                shown.lines.append(_service_line(service))
                trouble = trouble_of(service)
                if trouble is not None:
                    shown.problems.append(trouble)


def _service_line(service: dict[str, Any]) -> str:
    counts = f"{service['runningCount']} of {service['desiredCount']} tasks run"
    pending = f", {service['pendingCount']} pending" if service["pendingCount"] else ""
    rollout = service["deployments"][0]["rolloutState"] if service["deployments"] else service["status"]
    return f"service    {service['serviceName']}  {counts}{pending}  {rollout}"


def _load_balancers(shown: Overview, settings: Settings) -> None:
    elbv2, ec2 = aws_client("elbv2", settings), aws_client("ec2", settings)
    for balancer in elbv2.describe_load_balancers()["LoadBalancers"]:
        description = "ELB " + balancer["LoadBalancerArn"].split("loadbalancer/", 1)[1]
        filters = [{"Name": "description", "Values": [description]}]
        found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        address = sorted(entry["PrivateIpAddress"] for entry in found)[0] if found else ""
        listeners = elbv2.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
        for listener in listeners:
            port = _open_port(address, listener["Port"])
            if port is None:
                shown.problems.append(
                    f"{balancer['LoadBalancerName']}:{listener['Port']} does not answer on {address}: see "
                    "the balancer's log"
                )
                continue
            suffix = "" if port == 80 else f":{port}"
            shown.lines.append(f"listener   http://{address}{suffix}/  http://{balancer['DNSName']}{suffix}/")


def _open_port(address: str, port: int) -> int | None:
    """The listener's port, or that port + 8000 where the system allows no other."""
    for candidate in (port, port + 8000):
        try:
            with socket.create_connection((address, candidate), timeout=1):
                return candidate
        except OSError:
            continue
    return None
