"""Lists of actions, of listeners and of rules: read from requests, checked, shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tidegate.control.api.context import ApiContext
from tidegate.control.api.elbv2 import answers, authentication, faults, forwarding, jwt_validation
from tidegate.control.api.elbv2.place import Place
from tidegate.control.issuing import login_keys
from tidegate.control.store import Transaction
from tidegate.domain.elbv2 import Action, AuthenticateOidcConfig
from tidegate.domain.elbv2.actions import ROUTING

_CONFIGS = {
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
    "jwt-validation": "JwtValidationConfig",
}


async def prepare(context: ApiContext, given: Iterable[Mapping[str, Any]] | None) -> None:
    """Have what balancers need to act on these."""
    if any(item["Type"].startswith("authenticate-") for item in given or ()):
        await login_keys(context.store, context.ids)


def parse(
    tx: Transaction,
    place: Place,
    given: Sequence[Mapping[str, Any]],
    before: Sequence[Action] = (),
) -> tuple[Action, ...]:
    """The actions of a request in their order, fit for this listener; raises the fault of what is wrong.

    `before`: the actions that these replace.
    """
    if not given:
        raise faults.invalid("An action must be specified")
    _check_kinds(place, (item["Type"] for item in given))
    _check_list(given)
    secret = next((action.authenticate_oidc for action in before if action.authenticate_oidc), None)
    parsed = [_action(item, place, secret) for item in given]
    parsed.sort(key=lambda action: action.order or 0)
    check(tx, place, parsed)
    return tuple(parsed)


def check(tx: Transaction, place: Place, actions: Iterable[Action]) -> None:
    """Raise the fault of an action that cannot act on this listener."""
    actions = tuple(actions)
    _check_kinds(place, (action.type for action in actions))
    for action in actions:
        if action.forward is not None:
            forwarding.check(tx, place, action.forward)
        if action.redirect is not None:
            answers.check_redirect(place, action.redirect)


def _check_list(given: Sequence[Mapping[str, Any]]) -> None:
    """The rules between actions."""
    if len(given) > 1 and any(item.get("Order") is None for item in given):
        text = "When you specify multiple actions, you must specify an order for each action"
        raise faults.invalid(text)
    kinds = [item["Type"] for item in given]
    routing = [kind for kind in kinds if kind in ROUTING]
    for group in (routing, [kind for kind in kinds if kind not in ROUTING]):
        if len(group) > 1:
            raise faults.invalid(f"Action types '{','.join(group)}' cannot be specified together")
    if not routing:
        # AWS's words are not known.
        raise faults.invalid(f"An action of one of the types '{','.join(ROUTING)}' must be specified")
    last = next(item for item in given if item["Type"] in ROUTING)
    others = [item["Order"] for item in given if item is not last]
    if others and max(others) >= last["Order"]:
        text = f"An action of type '{last['Type']}' must have a higher order than all other actions"
        raise faults.invalid(text)


def _check_kinds(place: Place, kinds: Iterable[str]) -> None:
    for kind in kinds:
        if kind not in ROUTING and place.protocol == "HTTP":
            text = f"Actions of type '{kind}' are supported only on HTTPS listeners"
            raise faults.invalid_action(text)


def _action(item: Mapping[str, Any], place: Place, before: AuthenticateOidcConfig | None) -> Action:
    kind, order = item["Type"], item.get("Order")
    if kind == "forward":
        return Action(type=kind, order=order, forward=forwarding.parse(item))
    config = item.get(_CONFIGS[kind])
    if not config:
        text = f"For actions of type '{kind}', you must specify the following fields: '{_CONFIGS[kind]}'"
        raise faults.invalid(text)
    action = Action(type=kind, order=order)
    if kind == "redirect":
        return replace(action, redirect=answers.parse_redirect(config))
    if kind == "fixed-response":
        return replace(action, fixed_response=answers.parse_fixed_response(config))
    if kind == "jwt-validation":
        return replace(action, jwt_validation=jwt_validation.parse(config))
    if kind == "authenticate-oidc":
        return replace(action, authenticate_oidc=authentication.parse_oidc(config, before))
    return replace(action, authenticate_cognito=authentication.parse_cognito(config, place.region))


def view(action: Action) -> dict[str, Any]:
    """An action in AWS's full form, whatever form it was sent in."""
    described: dict[str, Any] = {"Type": action.type}
    if action.order is not None:
        described["Order"] = action.order
    if action.forward is not None:
        described |= forwarding.view(action.forward)
    if action.redirect is not None:
        described["RedirectConfig"] = answers.redirect_view(action.redirect)
    if action.fixed_response is not None:
        described["FixedResponseConfig"] = answers.fixed_response_view(action.fixed_response)
    if action.authenticate_oidc is not None:
        described["AuthenticateOidcConfig"] = authentication.oidc_view(action.authenticate_oidc)
    if action.authenticate_cognito is not None:
        described["AuthenticateCognitoConfig"] = authentication.cognito_view(action.authenticate_cognito)
    if action.jwt_validation is not None:
        described["JwtValidationConfig"] = jwt_validation.view(action.jwt_validation)
    return described
