"""Issues temporary credentials of the installation's own key."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tidegate.domain.ids import Ids
from tidegate.wire.session_tokens import SessionCredentials, issue

# As AWS's, for GetSessionToken.
LIFETIME_DEFAULT = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """Of one long-lived key."""

    access_key: str
    secret_key: str = field(repr=False)
    ids: Ids

    def issue(self, now: datetime, lifetime: timedelta = LIFETIME_DEFAULT) -> SessionCredentials:
        return issue(self.access_key, self.secret_key, chance=self.ids.hex(16), lifetime=lifetime, now=now)
