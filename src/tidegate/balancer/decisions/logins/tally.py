"""What logins have been, beside what lines of the access log say of them: by load balancer's ARN.

Those lines end with the status of a login; they know neither how long its provider took, nor of sessions
that are refreshed while a request waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class LoginTally:
    """`refreshed` sessions; `oversized`: whose claims and tokens are too many; `waited`: milliseconds until
    the provider had told of a user, or had failed to, with how often."""

    refreshed: Counter[str] = field(default_factory=Counter[str])
    oversized: Counter[str] = field(default_factory=Counter[str])
    waited: dict[str, Counter[float]] = field(default_factory=dict[str, Counter[float]])

    def note_wait(self, balancer: str, seconds: float) -> None:
        self.waited.setdefault(balancer, Counter())[round(seconds * 1000, 3)] += 1

    def take(self) -> LoginTally:
        """What has come since the last time."""
        taken = LoginTally(refreshed=self.refreshed, oversized=self.oversized, waited=self.waited)
        self.refreshed, self.oversized, self.waited = Counter(), Counter(), {}
        return taken

    @property
    def by_metric(self) -> Mapping[str, Mapping[str, int]]:
        """What is counted, by CloudWatch's name."""
        return {
            "ELBAuthRefreshTokenSuccess": self.refreshed,
            "ELBAuthUserClaimsSizeExceeded": self.oversized,
        }
