"""Control's `/metrics`.

What names the labels is bounded: operations that are served, controllers, tables, statuses, and at most
SERVICES_MAX services. Snapshots never change, so they are walked over on the scrape's own thread.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import Metric

from tidegate.control.operators import Operated
from tidegate.control.store import Snapshot
from tidegate.control.store.tables import (
    ALL,
    CLUSTERS,
    COMPOSITE_ALARMS,
    CONTAINER_INSTANCES,
    METRIC_ALARMS,
    SERVICES,
    TASKS,
)
from tidegate.domain.cloudwatch.alarm import ALARM, INSUFFICIENT, OK
from tidegate.domain.ecs.lifecycle import TaskStatus
from tidegate.fleet.prometheus import about, counter, exposed, gauge, histogram, one

# Three series each. More are in CloudWatch, and counted here by their status alone.
SERVICES_MAX = 1000

_CONTROLLER = ("controller",)
_PENDING = (TaskStatus.PROVISIONING, TaskStatus.PENDING, TaskStatus.ACTIVATING)
_ALARM_STATES = (OK, ALARM, INSUFFICIENT)


def text(operated: Operated) -> bytes:
    """The answer to a scrape."""
    return exposed(_families(operated))


def _families(operated: Operated) -> Iterable[Metric]:
    yield about(part="control", region=operated.region)
    yield from _calls(operated)
    yield from _stored(operated)
    yield from _controllers(operated)
    yield from _connected(operated)
    yield from _region(operated.store.snapshot)
    yield from _services(operated.store.snapshot)


def _calls(operated: Operated) -> Iterable[Metric]:
    calls = operated.calls
    words = "Requests to the APIs that were answered; `other`: of services or operations that are not served."
    yield counter("api_requests", words, ("service", "operation", "status"), dict(calls.counts))
    words = "From a whole request to its answer."
    yield histogram("api_request_seconds", words, ("service", "operation"), dict(calls.durations))


def _stored(operated: Operated) -> Iterable[Metric]:
    store, series = operated.store, operated.series
    snapshot = store.snapshot
    yield counter("store_commits", "Writes to the database, grouped.", (), {(): store.commits})
    yield counter("store_failed_commits", "Writes that the database refused.", (), {(): store.failed_commits})
    yield histogram("store_commit_seconds", "Writes to the database.", (), {(): store.durations})
    yield one("store_revision", "The revision of the state.", snapshot.revision)
    rows = {(table.name,): snapshot.count(table) for table in ALL}
    yield gauge("store_rows", "Rows of the state.", ("table",), rows)
    sizes = {(name,): path.stat().st_size for name, path in operated.files.items() if path.exists()}
    yield gauge(
        "store_file_bytes", "Files on this host: the state's, the metrics' and the logs'.", ("file",), sizes
    )
    yield counter("metric_samples", "Samples that were kept.", (), {(): series.recorded})
    words = "Samples of metrics for which there is no room."
    yield counter("metric_samples_dropped", words, (), {(): series.dropped})
    yield one("metric_series", "Metrics that are told apart.", series.count)


def _controllers(operated: Operated) -> Iterable[Metric]:
    driver = operated.driver
    passes = {
        (name, outcome): count
        for name, record in driver.passes.items()
        for outcome, count in {"done": 0, "conflict": 0, "error": 0, **record.outcomes}.items()
    }
    yield counter("controller_passes", "Passes, by how they ended.", ("controller", "outcome"), passes)
    words = "Decisions that were carried out: transactions of passes that changed something."
    commits = {(name,): record.commits for name, record in driver.passes.items()}
    yield counter("controller_commits", words, _CONTROLLER, commits)
    durations = {(name,): record.durations for name, record in driver.passes.items()}
    yield histogram("controller_pass_seconds", "Passes, waits for the disk included.", _CONTROLLER, durations)
    words = "The longest that a pass held the event loop."
    held = {(name,): status.longest_hold_seconds for name, status in driver.status.items()}
    yield gauge("controller_hold_seconds_max", words, _CONTROLLER, held)
    words = "Keys that are due, run, or wait for a time."
    counted = driver.pending
    pending = {(name,): float(counted[name]) for name in driver.passes}
    yield gauge("controller_keys_pending", words, _CONTROLLER, pending)
    failing = {(name,): len(status.failing) for name, status in driver.status.items()}
    yield gauge("controller_keys_failing", "Keys whose last pass failed.", _CONTROLLER, failing)
    words = "How late the event loop came to a timer, at worst."
    yield one("event_loop_lag_seconds_max", words, operated.lag.seconds_max)
    words = "How late the event loop came to its timers."
    yield histogram("event_loop_lag_seconds", words, (), {(): operated.lag.durations})
    yield one("ready", "Whether all that was stored has been looked at.", not operated.waits_for())


def _connected(operated: Operated) -> Iterable[Metric]:
    yield one("agents_connected", "Agents with a session.", len(operated.nodes.agents))
    yield one("balancers_connected", "Balancers with a session.", len(operated.nodes.balancers))


def _region(snapshot: Snapshot) -> Iterable[Metric]:
    tasks = _zeros(TaskStatus)
    tasks.update((task.last_status,) for task in snapshot.all(TASKS))
    yield gauge("tasks", "Tasks, those that stopped lately included.", ("status",), tasks)
    services = _zeros(("ACTIVE", "DRAINING"))
    services.update((service.status,) for service in snapshot.all(SERVICES))
    yield gauge("services", "Services.", ("status",), services)
    deployments = _zeros(("IN_PROGRESS", "COMPLETED", "FAILED"))
    deployments.update(
        (deployment.rollout_state,)
        for service in snapshot.all(SERVICES)
        for deployment in service.deployments
    )
    yield gauge("deployments", "Deployments of services.", ("rollout_state",), deployments)
    instances = Counter(
        (row.status, str(row.agent_connected).lower()) for row in snapshot.all(CONTAINER_INSTANCES)
    )
    words = "Container instances."
    yield gauge("container_instances", words, ("status", "agent_connected"), instances)
    alarms = Counter({(kind, state): 0 for kind in ("metric", "composite") for state in _ALARM_STATES})
    alarms.update(("metric", alarm.state.value) for alarm in snapshot.all(METRIC_ALARMS))
    alarms.update(("composite", alarm.state.value) for alarm in snapshot.all(COMPOSITE_ALARMS))
    yield gauge("alarms", "Alarms.", ("type", "state"), alarms)


def _services(snapshot: Snapshot) -> Iterable[Metric]:
    """Of the oldest services, so that who is told does not change from scrape to scrape."""
    clusters = {row.arn: row.name for row in snapshot.all(CLUSTERS)}
    active = [service for service in snapshot.all(SERVICES) if service.status != "INACTIVE"]
    told = sorted(active, key=lambda service: (service.created_at, service.arn))[:SERVICES_MAX]
    values: dict[tuple[str, ...], float] = {}
    for service in told:
        statuses = Counter(task.last_status for task in snapshot.by(TASKS, "service", service.arn))
        labels = (clusters.get(service.cluster_arn, ""), service.name)
        values[*labels, "desired"] = service.desired_count
        values[*labels, "running"] = statuses["RUNNING"]
        values[*labels, "pending"] = sum(statuses[status] for status in _PENDING)
    yield gauge("service_tasks", "Tasks of a service.", ("cluster", "service", "state"), values)
    words = f"Services beyond the {SERVICES_MAX} whose tasks are told."
    yield one("services_left_out", words, len(active) - len(told))


def _zeros(values: Iterable[str]) -> Counter[tuple[str, ...]]:
    """A series for each of these, told also while it is 0: one that comes and goes alarms nobody."""
    return Counter({(str(value),): 0 for value in values})
