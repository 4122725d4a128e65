"""Figures in the format in which Prometheus reads them, with those of the process itself.

Its library is imported by the first scrape (`fleet/exposition.py`): most installations are never scraped, and
every import delays a start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TypeVar

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from tidegate import __version__
from tidegate.fleet.durations import Durations

# The values of the labels, in their order.
K = TypeVar("K", bound=tuple[str, ...])


class _Collected(Collector):
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        """Nothing: they are walked over once."""
        return ()

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def exposed(metrics: Iterable[Metric]) -> bytes:
    """The text of a scrape: the metrics, and CPU time, memory and descriptors of this process."""
    registry = CollectorRegistry()
    registry.register(_Collected(metrics))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


def about(**labels: str) -> Metric:
    """`tidegate_info`: which process this is."""
    return InfoMetricFamily("tidegate", "The process.", value={"version": __version__, **labels})


def counter(name: str, text: str, labels: Sequence[str], values: Mapping[K, float]) -> Metric:
    """A counter's family; `name` is without its `_total`."""
    family = CounterMetricFamily(f"tidegate_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def gauge(name: str, text: str, labels: Sequence[str], values: Mapping[K, float]) -> Metric:
    family = GaugeMetricFamily(f"tidegate_{name}", text, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def one(name: str, text: str, value: float) -> Metric:
    """A gauge without labels."""
    return GaugeMetricFamily(f"tidegate_{name}", text, value=value)


def histogram(name: str, text: str, labels: Sequence[str], values: Mapping[K, Durations]) -> Metric:
    family = HistogramMetricFamily(f"tidegate_{name}", text, labels=labels)
    for key, durations in values.items():
        family.add_metric(key, list(durations.cumulative()), durations.seconds)
    return family
