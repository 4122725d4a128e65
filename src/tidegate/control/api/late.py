"""The front ends of a control that answers before they are all there."""

from __future__ import annotations

import structlog

from tidegate.control.api import PACKAGES
from tidegate.control.importing import Importer
from tidegate.wire import FrontEnd

_log = structlog.get_logger(__name__)


class LateFrontEnds:
    """All methods belong to one event loop."""

    def __init__(self, importer: Importer) -> None:
        self._importer = importer
        self._loaded: dict[str, FrontEnd] = {}

    async def find(self, service: str) -> FrontEnd | None:
        """The front end of a service, None where it is not served. Raises what its import raises."""
        found = self._loaded.get(service)
        if found is None and service in PACKAGES:
            module = await self._importer.module(PACKAGES[service])
            found = self._loaded[service] = module.FRONT_END
        return found

    async def load(self) -> None:
        """Import one after the other what nobody has asked for yet."""
        for service in PACKAGES:
            try:
                await self.find(service)
            except Exception:
                # Its requests are answered so, and the others are served.
                _log.exception("a front end cannot be imported", service=service)
