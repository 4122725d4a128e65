"""Rules that let only users pass whom a provider knows: authenticate-oidc and authenticate-cognito.

HAProxy opens the session that a browser sends, with the key of the action, and tells the target of the user.
The balancer is asked for what takes a provider: a login, and a session that is to be refreshed.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Sequence
from dataclasses import dataclass

from tidegate.balancer.decisions.configuration.quoting import argument, verbatim
from tidegate.balancer.decisions.configuration.rules import number_of, portions
from tidegate.balancer.decisions.logins.session_keys import login_id, session_key
from tidegate.fleet.balancing import EdgeAuthentication, EdgeDocument, EdgeLoadBalancer, EdgeRule

PIECES = range(4)

# Where HAProxy sends a request that begins a login, and one that ends it.
LOGIN_BACKEND, CALLBACK_BACKEND = "identity_login", "identity_callback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """`numbers`: of the rules that ask for it, in portions as long as HAProxy's lines may be; none when all
    requests of the listener do. `pieces`: fetches of the session's cookies. `other_cookies`: a fetch of the
    request's cookies without them. `key`: what opens the session, in base64."""

    id: str
    numbers: tuple[str, ...]
    pieces: tuple[str, ...]
    other_cookies: str
    key: str
    on_unauthenticated: str


def logins(balancer: EdgeLoadBalancer, rules: Sequence[EdgeRule], edge: EdgeDocument) -> tuple[Login, ...]:
    """None when no rule of a listener asks for a user."""
    asked: dict[EdgeAuthentication, list[int]] = {}
    for rule in rules:
        if rule.authentication is not None:
            asked.setdefault(rule.authentication, []).append(number_of(rule))
    return tuple(
        _login(balancer.arn, one, numbers if len(rules) > 1 else (), edge) for one, numbers in asked.items()
    )


def logins_of(edge: EdgeDocument) -> dict[str, EdgeAuthentication]:
    """Every authentication that some rule asks for, by its id."""
    return {
        login_id(rule.authentication): rule.authentication
        for balancer in edge.load_balancers
        for listener in balancer.listeners
        for rule in listener.rules
        if rule.authentication is not None
    }


def _login(
    balancer_arn: str, action: EdgeAuthentication, numbers: Sequence[int], edge: EdgeDocument
) -> Login:
    name = action.session_cookie_name
    pieces = f"(?:^|; *){re.escape(name)}-[0-3]=[^;]*"
    return Login(
        id=login_id(action),
        numbers=portions(numbers),
        pieces=tuple(verbatim(f"req.cook({argument(f'{name}-{number}')})") for number in PIECES),
        other_cookies=verbatim(f'req.fhdr(cookie),regsub({argument(pieces)},"",g),regsub("^; *","")'),
        key=_key(balancer_arn, action, edge),
        on_unauthenticated=action.on_unauthenticated,
    )


def _key(balancer_arn: str, action: EdgeAuthentication, edge: EdgeDocument) -> str:
    """Empty when the document brings no keys: no session can be opened, nor begun."""
    if edge.login_keys is None:
        return ""
    return base64.b64encode(session_key(edge.login_keys.secret, balancer_arn, action)).decode()
