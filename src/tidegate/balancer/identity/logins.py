"""Logs users in, and refreshes their sessions, at the providers that rules name."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tidegate.balancer.decisions.logins import answers, beginning, claims, sessions
from tidegate.balancer.decisions.logins.faults import DENIED, UNREACHABLE, LoginFailedError
from tidegate.balancer.decisions.logins.sealing import NONCE_BYTES, seal, state_key
from tidegate.balancer.decisions.logins.session_keys import session_key
from tidegate.balancer.decisions.logins.tally import LoginTally
from tidegate.balancer.identity.provider import (
    ProviderAnswer,
    ProviderError,
    Providers,
    ProviderTimeoutError,
)
from tidegate.balancer.identity.signing import sign
from tidegate.fleet.balancing import EdgeAuthentication, EdgeLoginKeys

# A browser sends several requests with a session that is to be refreshed before it has the new one.
_REFRESHED_SECONDS = 60.0


class Logins:
    """`action` gives an authentication by its id, `keys` those of the present document. `tally` takes what
    there is to count."""

    def __init__(
        self,
        action: Callable[[str], EdgeAuthentication | None],
        keys: Callable[[], EdgeLoginKeys | None],
        providers: Providers,
        tally: LoginTally,
    ) -> None:
        self._known_action = action
        self._present_keys = keys
        self._providers = providers
        self._tally = tally
        self._refreshing: dict[tuple[str, str, str], asyncio.Task[list[str]]] = {}

    def begin(
        self, balancer: str, login: str, *, host: str, target: str, nonce: str | None, is_cross_site: bool
    ) -> tuple[str, str]:
        """Where the browser is sent, and the value of its nonce's Set-Cookie. Raises LoginFailedError."""
        action, keys = self._action(login), self._keys()
        # Logins in two tabs of a browser have one nonce. What no balancer gave cannot be sent back.
        nonce = nonce if nonce and nonce.isascii() else secrets.token_urlsafe(32)
        now = int(time.time())
        state = beginning.state_of(
            login=login, target=target, nonce=nonce, now=now, is_cross_site=is_cross_site
        )
        sealed = beginning.sealed_state(state_key(keys.secret, balancer), _sealing_nonce(), state)
        url = beginning.authorization_url(action, host, sealed)
        return url, sessions.nonce_cookie(nonce, beginning.LOGIN_SECONDS)

    async def complete(
        self, balancer: str, *, host: str, query: Mapping[str, str], cookies: Mapping[str, str]
    ) -> tuple[beginning.LoginState, list[str]]:
        """What the user asked for at first, and values of Set-Cookie for the session. Raises
        LoginFailedError."""
        keys, now = self._keys(), int(time.time())
        state = beginning.read_state(
            state_key(keys.secret, balancer), query.get("state"), cookies.get(sessions.NONCE_COOKIE), now
        )
        code = beginning.check_callback(query.get("error"), query.get("code"))
        action = self._action(state.login)
        form = answers.code_form(action, code, beginning.redirect_uri(host))
        with self._measured(balancer):
            tokens = answers.tokens_of(*await self._token_answer(action, form))
            subject = answers.subject_of(action, tokens.id_token, now)
            begun = sessions.begun(
                subject, ends_at=now + action.session_timeout_seconds, is_cross_site=state.is_cross_site
            )
            session = await self._renewed(balancer, action, tokens, begun)
        pieces = sessions.pieces_sent(action.session_cookie_name, cookies)
        return state, self._cookies(balancer, action, session, pieces)

    async def refresh(self, balancer: str, login: str, text: str) -> list[str]:
        """A session's new text, and values of Set-Cookie for it. Raises LoginFailedError.

        Those who ask for one session at a time, or soon after another, get the same: a provider may take a
        refresh token once only."""
        key = (balancer, login, text)
        job = self._refreshing.get(key)
        if job is None:
            job = self._refreshing[key] = asyncio.create_task(self._refreshed(balancer, login, text))
            asyncio.get_running_loop().call_later(_REFRESHED_SECONDS, self._refreshing.pop, key, None)
        return await asyncio.shield(job)

    async def _refreshed(self, balancer: str, login: str, text: str) -> list[str]:
        action = self._action(login)
        try:
            before = sessions.session_of(text)
        except ValueError as error:
            raise LoginFailedError(DENIED, "AuthInvalidCookie") from error
        form = answers.refresh_form(action, before.refresh_token)
        with self._measured(balancer):
            tokens = answers.tokens_of(*await self._token_answer(action, form), before.refresh_token)
            session = await self._renewed(balancer, action, tokens, before)
        cookies = self._cookies(balancer, action, session, sessions.pieces_of(text))
        self._tally.refreshed[balancer] += 1
        return [sessions.text_of(session), *cookies]

    async def _renewed(
        self, balancer: str, action: EdgeAuthentication, tokens: answers.Tokens, session: sessions.Session
    ) -> sessions.Session:
        """A session with these tokens, and what the provider says of its user now."""
        user = answers.user_of(*await self._user_answer(action, tokens.access_token), session.subject)
        refresh_at = sessions.refresh_time(
            int(time.time()), session.ends_at, tokens.expires_in, tokens.refresh_token
        )
        keys = self._keys()
        content = claims.signing_input(action, user, key_id=keys.key_id, signer=balancer, ends_at=refresh_at)
        return replace(
            session,
            refresh_at=refresh_at,
            access_token=tokens.access_token,
            claims=claims.signed(content, *sign(keys.signing_key_pem, content)),
            refresh_token=tokens.refresh_token,
        )

    def _cookies(
        self, balancer: str, action: EdgeAuthentication, session: sessions.Session, pieces_before: int
    ) -> list[str]:
        key = session_key(self._keys().secret, balancer, action)
        try:
            text = sessions.text_of(session)
        except LoginFailedError:
            self._tally.oversized[balancer] += 1
            raise
        sealed = seal(key, _sealing_nonce(), text)
        return sessions.cookies(
            action.session_cookie_name, sealed, pieces_before, is_cross_site=session.is_cross_site
        )

    @contextmanager
    def _measured(self, balancer: str) -> Iterator[None]:
        """While a provider is asked: its time counts to the end, or to the failure."""
        began = time.monotonic()
        try:
            yield
        finally:
            self._tally.note_wait(balancer, time.monotonic() - began)

    async def _token_answer(self, action: EdgeAuthentication, form: Mapping[str, str]) -> tuple[int, bytes]:
        headers = answers.client_headers(action)
        asked = self._providers.post(action.token_endpoint, answers.BYTES_MAX, form, headers)
        return await _answered(asked, "AuthTokenEp")

    async def _user_answer(self, action: EdgeAuthentication, access_token: str) -> tuple[int, bytes]:
        headers = {"Authorization": f"Bearer {access_token}"}
        asked = self._providers.get(action.user_info_endpoint, answers.BYTES_MAX, headers)
        return await _answered(asked, "AuthUserinfoEp")

    def _action(self, login: str) -> EdgeAuthentication:
        """Raises LoginFailedError for one that no rule has any more."""
        found = self._known_action(login)
        if found is None:
            raise LoginFailedError(DENIED, "AuthInvalidStateParam")
        return found

    def _keys(self) -> EdgeLoginKeys:
        keys = self._present_keys()
        if keys is None:
            raise LoginFailedError(UNREACHABLE, "AuthUnhandledException")
        return keys


async def _answered(asked: Any, reason: str) -> tuple[int, bytes]:
    try:
        answer: ProviderAnswer = await asked
    except ProviderTimeoutError as error:
        raise LoginFailedError(UNREACHABLE, f"{reason}RequestTimeout") from error
    except ProviderError as error:
        raise LoginFailedError(UNREACHABLE, f"{reason}RequestFailed") from error
    return answer.status, answer.content


def _sealing_nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)
