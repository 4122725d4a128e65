"""Why a login ends without a session."""

from __future__ import annotations

DENIED, ERROR, UNREACHABLE = 401, 561, 500
"""The user or the state of the login is to blame; the provider said so; the provider said nothing."""


class LoginFailedError(Exception):
    """`status`: what the browser is answered; `reason`: AWS's word for it in access logs."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
