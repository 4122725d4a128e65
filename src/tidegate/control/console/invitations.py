"""One-time links into the console, for `tidegate console`.

`GET /console/codes`, signed with the installation's key, answers with a code; `POST /console/sign-in` with
that code, within a minute and once, with a session's credentials. The link carries the code behind `#`,
which browsers send to nobody.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from tidegate.control.pages import Receive, Scope, Send, answer, check_signature, claim_of
from tidegate.control.sessions import Sessions
from tidegate.domain.time import Clock
from tidegate.wire import Fault
from tidegate.wire.sigv4 import SKEW_MAX, Claim

LIFETIME = timedelta(minutes=1)
CODES_MAX = 100
SIGNATURES_MAX = 1000
# One may be signed five minutes ahead of this clock, and is good for five after that.
_SIGNATURE_LIFETIME = 2 * SKEW_MAX
_BODY_BYTES_MAX = 1000
_NO_STORE = ((b"cache-control", b"no-store"),)


class Invitations:
    """The codes that are good now. In memory: a restart of control ends them, and another is asked for."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    def invite(self, code: str, now: datetime) -> None:
        """Make a code good. Raises Fault where a hundred are."""
        self._ends = {one: end for one, end in self._ends.items() if end > now}
        if len(self._ends) >= CODES_MAX:
            raise Fault("ThrottlingException", "Too many links were asked for: wait a minute.", 429)
        self._ends[code] = now + LIFETIME

    def redeem(self, code: str, now: datetime) -> bool:
        """Whether the code was good; it is no longer."""
        end = self._ends.pop(code, None)
        return end is not None and end > now


class Signatures:
    """Those that were answered, for as long as they are good: whoever saw a request go by cannot repeat it.
    In memory: a restart of control forgets them."""

    def __init__(self) -> None:
        self._ends: dict[str, datetime] = {}

    def use(self, claim: Claim, now: datetime) -> None:
        """Raise Fault for one that was used, for a presigned URL, and where a thousand are remembered."""
        self._ends = {one: end for one, end in self._ends.items() if end > now}
        if claim.lifetime is not None:
            raise Fault("AccessDenied", "A presigned URL gets no link: sign the headers.", 403)
        if claim.signature in self._ends:
            raise Fault("AccessDenied", "This request was answered before: sign another.", 403)
        if len(self._ends) >= SIGNATURES_MAX:
            raise Fault("ThrottlingException", "Too many links were asked for: wait ten minutes.", 429)
        self._ends[claim.signature] = now + _SIGNATURE_LIFETIME


class CodesPage:
    """An ASGI application for `GET /console/codes`."""

    def __init__(self, invitations: Invitations, *, clock: Clock, credentials: Mapping[str, str]) -> None:
        self._invitations = invitations
        self._signatures = Signatures()
        self._clock = clock
        self._credentials = credentials

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        now = self._clock.now()
        try:
            key = check_signature(scope, self._credentials, now)
            if key.is_session:
                # Or whoever once had a session would have one for ever.
                raise Fault("AccessDenied", "A session cannot invite: sign with the access key.", 403)
            self._signatures.use(claim_of(scope), now)
            # Not from `Ids`: a seeded source would hand out keys that can be guessed.
            code = secrets.token_urlsafe(32)
            self._invitations.invite(code, now)
        except Fault as fault:
            await answer(send, fault.status or 403, "text/plain", f"{fault}\n".encode())
            return
        await answer(send, 200, "application/json", json.dumps({"code": code}).encode(), _NO_STORE)


class SignInPage:
    """An ASGI application for `POST /console/sign-in`: {"code": ...} for a session's credentials."""

    def __init__(self, invitations: Invitations, *, sessions: Sessions, clock: Clock) -> None:
        self._invitations = invitations
        self._sessions = sessions
        self._clock = clock

    async def __call__(self, _: Scope, receive: Receive, send: Send) -> None:
        code, now = _code(await _body(receive)), self._clock.now()
        if not self._invitations.redeem(code, now):
            text = b"This link was used already, or is older than a minute: ask for another.\n"
            await answer(send, 403, "text/plain", text, _NO_STORE)
            return
        issued = self._sessions.issue(now)
        document = {
            "accessKeyId": issued.access_key_id,
            "secretAccessKey": issued.secret_key,
            "sessionToken": issued.token,
            "expiration": issued.expires_at.isoformat(),
        }
        await answer(send, 200, "application/json", json.dumps(document).encode(), _NO_STORE)


async def _body(receive: Receive) -> bytes:
    """The request's body; empty for one that nobody of ours would send."""
    body: bytes = b""
    while True:
        message = await receive()
        part: bytes = message.get("body", b"")
        body += part
        if message["type"] == "http.disconnect" or len(body) > _BODY_BYTES_MAX:
            return b""
        if not message.get("more_body"):
            return body


def _code(body: bytes) -> str:
    try:
        code = json.loads(body)["code"]
    except (ValueError, KeyError, TypeError):
        return ""
    return code if isinstance(code, str) else ""
