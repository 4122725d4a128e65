"""`GET /fleet/status`: what `tidegate status` shows of control. Signed like everything else, for the
service `tidegate`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from tidegate.control.controllers.driver import Driver
from tidegate.control.nodes.application import NodeApplication
from tidegate.control.pages import Receive, Scope, Send, answer, check_signature
from tidegate.control.store import Snapshot, Store
from tidegate.control.store.tables import CLUSTERS, INSTANCES, LISTENERS
from tidegate.domain.ecs import DEFAULT_CLUSTER
from tidegate.domain.time import Clock
from tidegate.fleet.loop_lag import LagMeter
from tidegate.wire import Fault


class StatusPage:
    """An ASGI application for one path."""

    def __init__(
        self,
        *,
        store: Store,
        driver: Driver,
        nodes: NodeApplication,
        lag: LagMeter,
        clock: Clock,
        credentials: Mapping[str, str],
        started_at: datetime,
    ) -> None:
        self._store = store
        self._driver = driver
        self._nodes = nodes
        self._lag = lag
        self._clock = clock
        self._credentials = credentials
        self._started_at = started_at

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        try:
            check_signature(scope, self._credentials, self._clock.now())
            status, body = 200, self.document()
        except Fault as fault:
            status, body = fault.status or 403, {"error": str(fault)}
        await answer(send, status, "application/json", json.dumps(body).encode())

    def document(self) -> dict[str, Any]:
        """Everything that an operator may want to know of this process."""
        return {
            "startedAt": self._started_at.isoformat(),
            "revision": self._store.snapshot.revision,
            "commits": self._store.commits,
            "agents": len(self._nodes.agents),
            "balancers": len(self._nodes.balancers),
            "killedInstances": sorted(self._nodes.hosts.killed),
            "loopLagSecondsMax": round(self._lag.seconds_max, 4),
            "misplacedInstances": _misplaced(self._store.snapshot),
            "listeners": {
                row.arn: {
                    "address": row.bound_address,
                    "port": row.bound_port,
                    "error": row.bind_error,
                    "namePort": row.name_port,
                    "nameError": row.name_error,
                }
                for row in self._store.snapshot.all(LISTENERS)
            },
            "loops": {name: msgspec.to_builtins(loop) for name, loop in self._driver.status.items()},
        }


def _misplaced(snapshot: Snapshot) -> dict[str, str]:
    """Instances whose cluster does not exist, with its name: their agents wait for it."""
    # Agents make this one.
    clusters = {row.name for row in snapshot.all(CLUSTERS) if row.status == "ACTIVE"} | {DEFAULT_CLUSTER}
    return {
        row.id: row.cluster_name
        for row in snapshot.all(INSTANCES)
        if row.state in ("pending", "running")
        and row.cluster_name is not None
        and row.cluster_name not in clusters
    }
