"""The dashboard in `examples/grafana` asks for nothing that no process tells."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from tests.agent.test_process_runtime import SETTINGS
from tests.operators.scrapes import Scrape, balancer_scrape, operated, operated_agent

from tidegate.agent import exposition as agent_exposition
from tidegate.control import exposition
from tidegate.control.operators import ApiCalls
from tidegate.control.store.tables import CLUSTERS
from tidegate.testing.builders import a_cluster, a_service
from tidegate.testing.control import ControlHarness

DASHBOARD = Path(__file__).resolve().parents[2] / "examples" / "grafana" / "tidegate.json"
# Prometheus gives these to what it scrapes; `process` is in the targets' file.
SCRAPED_LABELS = {"instance", "job", "process"}

_METRIC = re.compile(r"\b((?:tidegate|process)_[a-z0-9_]+)(?:\{([^}]*)\})?")
_GROUPED = re.compile(r"\bby \(([^)]*)\)")
_LEGEND = re.compile(r"\{\{(\w+)\}\}")


@dataclass(frozen=True, slots=True)
class Query:
    panel: str
    expr: str
    legend: str


def _queries() -> Iterator[Query]:
    for panel in json.loads(DASHBOARD.read_text())["panels"]:
        for target in panel.get("targets", ()):
            yield Query(panel["title"], target["expr"], target["legendFormat"])


QUERIES = list(_queries())


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """By the names of all metrics of all processes: the labels that they have."""
    folder = tmp_path_factory.mktemp("grafana")
    (folder / "state.db").touch()

    async def control() -> bytes:
        region, calls = ControlHarness(), ApiCalls()
        await region.found(a_service())
        await region.put(CLUSTERS, a_cluster())
        calls.note("ecs", "CreateCluster", 200, 0.1)
        return exposition.text(operated(region, calls, state=folder / "state.db"))

    agent = agent_exposition.text(operated_agent(replace(SETTINGS, data_dir=folder)))
    labels: dict[str, set[str]] = {}
    for scrape in (Scrape.of(asyncio.run(control())), Scrape.of(agent), balancer_scrape()):
        for sample in scrape.samples:
            labels.setdefault(sample.name, set()).update(sample.labels)
    return labels


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.panel}: {query.legend}")
def test_a_query_asks_for_metrics_and_labels_that_are_told(query: Query, told: dict[str, set[str]]) -> None:
    asked = _METRIC.findall(query.expr)
    assert asked
    known: set[str] = set(SCRAPED_LABELS)
    for name, matchers in asked:
        assert name in told, name
        known |= told[name]
        for matcher in re.findall(r"(\w+)\s*[=!]", matchers):
            assert matcher in told[name] | SCRAPED_LABELS, f"{name} has no {matcher}"
    grouped = {label for labels in _GROUPED.findall(query.expr) for label in re.split(r",\s*", labels)}
    assert grouped <= known
    # What a legend names has to be left after the grouping.
    assert set(_LEGEND.findall(query.legend)) <= (grouped or known)
    for opening, closing in ("()", "{}", "[]"):
        assert query.expr.count(opening) == query.expr.count(closing)


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.panel}: {query.legend}")
def test_what_counts_up_is_asked_for_as_a_rate_and_quantiles_of_buckets(query: Query) -> None:
    for name, _ in _METRIC.findall(query.expr):
        is_counter = name.endswith(("_total", "_bucket", "_sum", "_count"))
        assert is_counter == bool(re.search(rf"(?:rate|increase)\({name}\b", query.expr)), name
    if "histogram_quantile" in query.expr:
        assert re.search(r"sum by \(le\b.*_bucket\[", query.expr)


def test_every_panel_has_a_place_and_a_number_of_its_own() -> None:
    panels: list[dict[str, Any]] = json.loads(DASHBOARD.read_text())["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in panels]
    assert len(set(places)) == len(places)


def test_what_the_guide_names_is_told(told: dict[str, set[str]]) -> None:
    guide = (DASHBOARD.parents[2] / "docs" / "observability.md").read_text()
    named = set(re.findall(r"`(tidegate_[a-z_]+)", guide))
    names = told.keys() | {name.rsplit("_", 1)[0] for name in told if name.endswith("_bucket")}
    assert {name for name in named if name not in names} == set()
    told_of_control_and_agents = {
        name.removesuffix("_bucket")
        for name in told
        if name.startswith(("tidegate_api", "tidegate_agent", "tidegate_controller", "tidegate_store"))
        and not name.endswith(("_sum", "_count"))
    }
    assert told_of_control_and_agents <= named
