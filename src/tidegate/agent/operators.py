"""What operators may know of a running agent: what it is not ready for, and where its figures are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.agent.awslogs import Shipper
from tidegate.agent.engine import Engine
from tidegate.agent.ledger import Ledger
from tidegate.agent.reports import Reports
from tidegate.agent.settings import AgentSettings
from tidegate.agent.sockets import SessionRecord
from tidegate.fleet.loop_lag import LagMeter


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """The parts whose figures are told. Read on any thread, so that whoever reads copies what grows before
    walking over it. `acs` and `tcs`: the sessions of orders and of telemetry."""

    settings: AgentSettings
    ledger: Ledger
    engine: Engine
    shipper: Shipper
    reports: Reports
    acs: SessionRecord
    tcs: SessionRecord
    lag: LagMeter

    def waits_for(self) -> Sequence[str]:
        """What keeps the agent from taking orders and obeying them."""
        missing = []
        if not self.ledger.container_instance_arn:
            missing.append("its registration with control")
        if not self.acs.is_open:
            missing.append("a session with control")
        if not self.engine.is_answered:
            missing.append(f"an answer of the {self.settings.runtime} runtime")
        return missing
