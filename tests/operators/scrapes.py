"""What each process tells Prometheus: the real text of its exposition, without the process around it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

from tidegate.agent.api import EcsApi
from tidegate.agent.awslogs import LogDriver, Shipper
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger
from tidegate.agent.operators import Operated as OperatedAgent
from tidegate.agent.process.runtime import ProcessRuntime
from tidegate.agent.reports import Reports
from tidegate.agent.settings import AgentSettings
from tidegate.agent.sockets import SessionRecord
from tidegate.balancer import exposition as balancer_exposition
from tidegate.balancer.decisions.traffic.hosts import Hosts, Standing
from tidegate.balancer.decisions.traffic.metrics import KINDS, Place
from tidegate.balancer.decisions.traffic.totals import Times, Totals
from tidegate.balancer.operators import BalancerHealth, Seen
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.nodes.context import NodeContext
from tidegate.control.operators import ApiCalls, Operated
from tidegate.fleet.loop_lag import LagMeter
from tidegate.testing.api import series_in_memory
from tidegate.testing.control import ControlHarness

SECRET_KEY = "never-to-be-told"
HERE = Place(balancer="app/shop/1", zone="us-east-1a", group="targetgroup/shop/2")


@dataclass(frozen=True, slots=True)
class Scrape:
    """A text of an exposition, read as Prometheus reads it. `types`: by family."""

    text: str
    samples: list[Sample] = field(default_factory=list[Sample])
    types: Mapping[str, str] = field(default_factory=dict[str, str])

    @classmethod
    def of(cls, text: bytes) -> Scrape:
        families = list(text_string_to_metric_families(text.decode()))
        samples = [sample for family in families for sample in family.samples]
        return cls(text.decode(), samples, {family.name: family.type for family in families})

    @property
    def names(self) -> set[str]:
        return {sample.name for sample in self.samples}

    def value(self, name: str, **labels: str) -> float:
        """The sum of the series that have these labels."""
        found = [s.value for s in self.samples if s.name == name and labels.items() <= s.labels.items()]
        assert found, f"no {name} with {labels}"
        return sum(found)


def operated(region: ControlHarness, calls: ApiCalls | None = None, **files: Path) -> Operated:
    """A control over a test's region; nobody is connected to it."""
    nodes = NodeContext(
        store=region.store, clock=region.clock, ids=region.context.ids, settings=region.context.settings
    )
    return Operated(
        region="us-east-1",
        store=region.store,
        series=series_in_memory(region.clock),
        driver=region.driver,
        nodes=NodeApplication(nodes, {}),
        lag=LagMeter(),
        calls=calls or ApiCalls(),
        files=files,
    )


def operated_agent(settings: AgentSettings) -> OperatedAgent:
    """An agent that has not begun."""
    settings = replace(settings, secret_key=SECRET_KEY)
    ledger = Ledger(settings.data_dir)
    engine = Engine(ledger, ProcessRuntime(settings), lambda _: None)
    api = EcsApi(settings, None)  # type: ignore[arg-type] # nothing is sent
    return OperatedAgent(
        settings=settings,
        ledger=ledger,
        engine=engine,
        shipper=Shipper(settings.data_dir, api, LogDriver(api), ledger, engine),
        reports=Reports(ledger, api),
        acs=SessionRecord(),
        tcs=SessionRecord(),
        lag=LagMeter(),
    )


def balancer_scrape() -> Scrape:
    """Of a balancer that has counted everything that there is to count."""
    totals = Totals(counts={(name, HERE): 1.0 for name in KINDS}, times={HERE: Times()}, open_now={"app": 1})
    health = BalancerHealth(
        region="us-east-1",
        reloads=1,
        starts=1,
        generation=2,
        lag=LagMeter(),
        dropped_log_lines=0,
        lost_log_segments=0,
        waiting_reports=0,
        has_session=True,
        waits_for=(),
    )
    standings = {
        replace(HERE, zone=""): Standing(hosts=Hosts(registered=2, healthy=1, unhealthy=1), enough=1)
    }
    return Scrape.of(balancer_exposition.text(Seen(totals=totals, standings=standings, health=health)))
