"""What every handler is given."""

from __future__ import annotations

from dataclasses import dataclass, field

from tidegate.control.buckets import Buckets, NoBuckets
from tidegate.control.links import Links
from tidegate.control.sessions import Sessions
from tidegate.control.settings import RegionSettings
from tidegate.control.store import Store
from tidegate.control.store.logs import LogStore
from tidegate.control.store.series import SeriesStore
from tidegate.domain.arns import ArnMaker
from tidegate.domain.ids import Ids
from tidegate.domain.time import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiContext:
    """`buckets`: where objects are read that requests name. `links`: None where nothing serves them.
    `sessions`: None where nobody asks STS for one."""

    store: Store
    clock: Clock
    ids: Ids
    settings: RegionSettings
    series: SeriesStore
    logs: LogStore
    buckets: Buckets = field(default_factory=NoBuckets)
    links: Links | None = None
    sessions: Sessions | None = None

    @property
    def arns(self) -> ArnMaker:
        return ArnMaker(region=self.settings.region, account=self.settings.account)
