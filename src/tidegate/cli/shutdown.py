"""Stops everything that an installation runs, whoever started it and whether or not a supervisor lives."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tidegate.balancer.documents import forget_targets
from tidegate.cli import processes
from tidegate.cli.instances import agent_name, end_instance, hosted, remove_containers
from tidegate.cli.places import Places
from tidegate.fleet.power import SwitchedOff, mark

_PATIENCE_SECONDS = 15.0


def stop_everything(data_dir: Path) -> None:
    """Control, then agents and their containers, then the balancer. The data stays, and with it, for the next
    start, that these containers are gone.

    What ending an instance raises is raised when all the rest has stopped.
    """
    # Control first: it must not take the end of containers for failures to mend.
    _stop(data_dir, "control")
    instance_ids = [instance.instance_id for instance in hosted(data_dir) if instance.status != "ended"]
    with ThreadPoolExecutor(max(1, len(instance_ids))) as pool:
        endings = [pool.submit(_end, data_dir, instance_id) for instance_id in instance_ids]
    # Last, so that requests in flight reach their containers while these still finish them.
    _stop(data_dir, "balancer")
    # A balancer that was killed leaves its HAProxy serving.
    for process in processes.naming(str(Places(data_dir).haproxy_configuration)):
        processes.stop(process, _PATIENCE_SECONDS)
    for ending in endings:
        ending.result()
    if instance_ids:
        mark(data_dir, SwitchedOff(at=time.time(), instance_ids=tuple(instance_ids)))
        forget_targets(Places(data_dir).haproxy_configuration.parent, instance_ids)


def remove_all_containers(data_dir: Path) -> None:
    """End and remove the containers of every instance, whose agents are gone, on the runtime that the
    settings name. Raises OSError."""
    for instance in hosted(data_dir):
        end_instance(data_dir, instance.instance_id)
        remove_containers(data_dir, instance.instance_id)


def _end(data_dir: Path, instance_id: str) -> None:
    _stop(data_dir, agent_name(instance_id))
    end_instance(data_dir, instance_id)


def _stop(data_dir: Path, name: str) -> None:
    process = processes.read(data_dir, name)
    if process is not None:
        processes.stop(process, _PATIENCE_SECONDS)
    processes.forget(data_dir, name)
