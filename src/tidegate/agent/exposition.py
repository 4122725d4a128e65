"""An agent's `/metrics`; `tidegate_info` says which instance's it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from prometheus_client.core import Metric

from tidegate.agent.operators import Operated
from tidegate.fleet.prometheus import about, counter, exposed, gauge, histogram, one

_CONTAINER_STATES = ("created", "running", "stopped")


def text(operated: Operated) -> bytes:
    """The answer to a scrape."""
    return exposed(_families(operated))


def _families(operated: Operated) -> Iterable[Metric]:
    settings, engine = operated.settings, operated.engine
    yield about(
        part="agent",
        region=settings.region,
        cluster=settings.cluster,
        instance_id=settings.instance_id,
        zone=settings.availability_zone,
        runtime=settings.runtime,
    )
    containers = Counter({(state,): 0 for state in _CONTAINER_STATES})
    containers.update((state.status,) for state in list(engine.states.values()))
    yield gauge("agent_containers", "Containers, as they were last seen.", ("state",), containers)
    records = list(operated.ledger.records.values())
    tasks = {("running",): sum(r.stopped_at is None for r in records)}
    tasks["stopped",] = len(records) - tasks["running",]
    yield gauge("agent_tasks", "Tasks in the ledger.", ("state",), tasks)
    words = "Errors of the runtime: it did not answer, or a container could not be started."
    errors = {(kind,): count for kind, count in dict(engine.errors).items()}
    yield counter("agent_runtime_errors", words, ("kind",), errors)
    sessions = {("acs",): operated.acs, ("tcs",): operated.tcs}
    words = "Whether the session is open: of orders (acs), of telemetry (tcs)."
    is_open = {key: float(record.is_open) for key, record in sessions.items()}
    yield gauge("agent_session_open", words, ("session",), is_open)
    opened = {key: record.opened for key, record in sessions.items()}
    yield counter("agent_sessions_opened", "Sessions that were opened.", ("session",), opened)
    words = "Tasks with something to tell that control has not acknowledged."
    yield one("agent_reports_waiting", words, operated.reports.waiting)
    words = "How often lines of a container's log were gone before they were shipped."
    yield counter("agent_log_losses", words, (), {(): operated.shipper.lost})
    yield one("ready", "Whether orders are taken and obeyed.", not operated.waits_for())
    words = "How late the event loop came to a timer, at worst."
    yield one("event_loop_lag_seconds_max", words, operated.lag.seconds_max)
    words = "How late the event loop came to its timers."
    yield histogram("event_loop_lag_seconds", words, (), {(): operated.lag.durations})
