"""What every handler is given."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.domain.arns import ArnMaker
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    store: Store
    clock: Clock
    ids: Ids
    settings: RegionSettings

    @property
    def arns(self) -> ArnMaker:
        return ArnMaker(region=self.settings.region, account=self.settings.account)
