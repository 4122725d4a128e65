"""The balancer's `/metrics`: what goes through the load balancers, and how the balancer itself is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric

from tidegate.balancer.decisions.traffic.metrics import Place
from tidegate.balancer.decisions.traffic.totals import Totals
from tidegate.balancer.operators import BalancerHealth, Seen
from tidegate.fleet.prometheus import about, exposed, histogram, one

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


def text(seen: Seen) -> bytes:
    """The answer to a scrape."""
    return exposed(_families(seen))


def _families(seen: Seen) -> Iterable[Metric]:
    yield about(part="balancer", region=seen.health.region)
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
    yield GaugeMetricFamily("tidegate_event_loop_lag_seconds_max", text, value=health.lag.seconds_max)
    text = "How late the event loop came to its timers."
    yield histogram("event_loop_lag_seconds", text, (), {(): health.lag.durations})
    yield one("balancer_session_open", "Whether there is a session with control.", health.has_session)
    yield one("ready", "Whether what was told is in force.", not health.waits_for)
    text = "Lines of the access log that HAProxy could not write: those requests are not counted."
    yield CounterMetricFamily("tidegate_log_lines_dropped", text, value=health.dropped_log_lines)
    text = "Files of the access log that were gone before they were counted."
    yield CounterMetricFamily("tidegate_log_segments_lost", text, value=health.lost_log_segments)
    text = "Reports of traffic that control has not received."
    yield GaugeMetricFamily("tidegate_reports_waiting", text, value=health.waiting_reports)


def _labels(place: Place) -> list[str]:
    return [place.balancer, place.zone, place.group or ""]
