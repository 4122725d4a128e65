"""`/metrics` for Prometheus: what goes through the load balancers, and how the balancer itself is.

It answers on loopback unless told otherwise, on a free port that it keeps: the address is in `metrics.url` in
the balancer's folder, for `tidegate status` and for whoever configures a scrape.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from tidegate.balancer.decisions.traffic.hosts import Standing
from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.totals import Totals
from tidegate.fleet.files import write_whole

URL_FILE = "metrics.url"

_log = structlog.get_logger(__name__)

_PLACE = ("load_balancer", "zone", "target_group")
# CloudWatch's metric: our family, what it says, and the label `code` where several make a family.
_FAMILIES: Mapping[str, tuple[str, str, str | None]] = {
    "RequestCount": ("requests", "Requests for which a target was chosen.", None),
    "GrpcRequestCount": ("grpc_requests", "Requests that are gRPC.", None),
    "RuleEvaluations": ("rule_evaluations", "Rules looked at, default ones left out.", None),
    **{
        f"HTTPCode_Target_{code}XX_Count": ("target_responses", "Answers of targets.", f"{code}xx")
        for code in (2, 3, 4, 5)
    },
    **{
        f"HTTPCode_ELB_{code}XX_Count": ("own_responses", "Answers of the load balancer itself.", f"{code}xx")
        for code in (3, 4, 5)
    },
    **{
        f"HTTPCode_ELB_{code}_Count": ("own_errors", "Errors among the load balancer's answers.", f"{code}")
        for code in (500, 502, 503, 504)
    },
    "HTTP_Fixed_Response_Count": ("fixed_responses", "Fixed responses.", None),
    "HTTP_Redirect_Count": ("redirects", "Redirects.", None),
    "TargetConnectionErrorCount": ("target_connection_errors", "Connections to targets that failed.", None),
    "TargetTLSNegotiationErrorCount": ("target_tls_errors", "TLS handshakes with targets that failed.", None),
    "ClientTLSNegotiationErrorCount": ("client_tls_errors", "TLS handshakes of clients that failed.", None),
    "RejectedConnectionCount": ("rejected_connections", "Connections that found the queue full.", None),
    "NewConnectionCount": ("connections", "Connections made, by clients and to targets.", None),
    "ProcessedBytes": ("bytes", "Bytes from and to clients.", None),
    "NonStickyRequestCount": ("requests_not_sticky", "Requests that found no target to go back to.", None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BalancerHealth:
    """The balancer's own state. `generation`: of the documents of the edge that is in force."""

    reloads: int
    starts: int
    generation: int
    loop_lag_seconds: float
    dropped_log_lines: int
    lost_log_segments: int
    waiting_reports: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a scrape tells."""

    totals: Totals
    standings: Mapping[Place, Standing]
    health: BalancerHealth


class Exposition:
    """`look` gives what there is to tell. `listen`: HOST:PORT; None: loopback, and the last port or a free
    one."""

    def __init__(self, folder: Path, listen: str | None, look: Callable[[], Seen]) -> None:
        self._file = folder / URL_FILE
        self._listen = listen
        self._registry = CollectorRegistry()
        self._registry.register(_Collected(look))
        ProcessCollector(registry=self._registry)

    async def run(self) -> None:
        """Serve until cancelled. A port that somebody else has is told, and the balancer does its work."""
        application = web.Application()
        application.add_routes([web.get("/metrics", self._answer)])
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        try:
            await self._bind(runner)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _bind(self, runner: web.AppRunner) -> None:
        for host, port in self._places():
            try:
                await web.TCPSite(runner, host, port).start()
            except OSError as error:
                _log.warning("metrics cannot be read there", address=f"{host}:{port}", error=str(error))
                continue
            bound = runner.addresses[0]
            shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
            write_whole(self._file, f"http://{shown}:{bound[1]}/metrics".encode())
            return
        self._file.unlink(missing_ok=True)

    def _places(self) -> Iterator[tuple[str, int]]:
        if self._listen is not None:
            host, _, port = self._listen.rpartition(":")
            yield host.strip("[]"), int(port)
            return
        with contextlib.suppress(OSError, ValueError):
            last = urlsplit(self._file.read_text())
            if last.port and last.hostname == "127.0.0.1":
                yield "127.0.0.1", last.port
        yield "127.0.0.1", 0

    async def _answer(self, _: web.Request) -> web.Response:
        body = await asyncio.to_thread(generate_latest, self._registry)
        return web.Response(body=body, headers={"Content-Type": CONTENT_TYPE_LATEST})


class _Collected(Collector):
    def __init__(self, look: Callable[[], Seen]) -> None:
        self._look = look

    def describe(self) -> Iterable[Metric]:
        """Nothing yet: what there is is asked for with each scrape."""
        return ()

    def collect(self) -> Iterable[Metric]:
        seen = self._look()
        yield from _counted(seen.totals)
        yield _timed(seen.totals)
        yield from _present(seen)
        yield from _own(seen.health)


def _counted(totals: Totals) -> Iterable[Metric]:
    families: dict[str, CounterMetricFamily] = {}
    # Copied in one step: another thread adds to it.
    for (name, place), count in dict(totals.counts).items():
        if name in _FAMILIES:
            family, text, code = _FAMILIES[name]
            labels = _PLACE if code is None else (*_PLACE, "code")
            found = families.setdefault(
                family, CounterMetricFamily(f"tidegate_{family}", text, labels=labels)
            )
            found.add_metric([*_labels(place), *([] if code is None else [code])], count)
    return families.values()


def _timed(totals: Totals) -> Metric:
    text = "Until targets began to answer."
    family = HistogramMetricFamily("tidegate_target_response_seconds", text, labels=_PLACE)
    for place, times in dict(totals.times).items():
        family.add_metric(_labels(place), list(times.cumulative()), times.seconds)
    return family


def _present(seen: Seen) -> Iterable[Metric]:
    text = "Targets, by their state; `anomalous` and `mitigated` ones are among the others."
    hosts = GaugeMetricFamily("tidegate_targets", text, labels=("load_balancer", "target_group", "state"))
    for place, standing in seen.standings.items():
        if not place.zone:
            for state in ("registered", "healthy", "unhealthy", "anomalous", "mitigated"):
                labels = [place.balancer, place.group or "", state]
                hosts.add_metric(labels, getattr(standing.hosts, state))
    yield hosts
    text = "Connections of clients that are open."
    clients = GaugeMetricFamily("tidegate_client_connections", text, labels=("load_balancer",))
    for balancer, count in seen.totals.open_now.items():
        clients.add_metric([balancer], count)
    yield clients


def _own(health: BalancerHealth) -> Iterable[Metric]:
    yield CounterMetricFamily("tidegate_haproxy_reloads", "Reloads of HAProxy.", value=health.reloads)
    yield CounterMetricFamily("tidegate_haproxy_starts", "Starts of HAProxy.", value=health.starts)
    text = "Generation of the listeners and rules in force."
    yield GaugeMetricFamily("tidegate_edge_generation", text, value=health.generation)
    text = "How late the event loop came to a timer, at worst."
    yield GaugeMetricFamily("tidegate_event_loop_lag_seconds_max", text, value=health.loop_lag_seconds)
    text = "Lines of the access log that HAProxy could not write: those requests are not counted."
    yield CounterMetricFamily("tidegate_log_lines_dropped", text, value=health.dropped_log_lines)
    text = "Files of the access log that were gone before they were counted."
    yield CounterMetricFamily("tidegate_log_segments_lost", text, value=health.lost_log_segments)
    text = "Reports of traffic that control has not received."
    yield GaugeMetricFamily("tidegate_reports_waiting", text, value=health.waiting_reports)


def _labels(place: Place) -> list[str]:
    return [place.balancer, place.zone, place.group or ""]
