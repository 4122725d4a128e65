"""Actions that the load balancer answers itself: redirect and fixed-response."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tidegate.control.api.elbv2 import faults
from tidegate.control.api.elbv2.place import Place
from tidegate.domain.elbv2 import FixedResponseConfig, RedirectConfig

_CONTENT_TYPES = ("text/html", "application/json", "application/javascript", "text/css", "text/plain")
_PLACEHOLDERS = ("#{path}", "#{host}", "#{port}")


def parse_redirect(config: Mapping[str, Any]) -> RedirectConfig:
    """With every default filled in, as it is described."""
    redirect = RedirectConfig(
        status_code=config["StatusCode"],
        protocol=config.get("Protocol") or "#{protocol}",
        host=config.get("Host") or "#{host}",
        port=config.get("Port") or "#{port}",
        path=config.get("Path") or "/#{path}",
        query=config["Query"] if config.get("Query") is not None else "#{query}",
    )
    path = redirect.path
    if not path.startswith("/") or any(path.count(placeholder) > 1 for placeholder in _PLACEHOLDERS):
        raise faults.invalid_action(
            "The Path parameter must be a valid path, should start with a '/', and may contain up to one of "
            "each of these placeholders: '#{path}', '#{host}', '#{port}'."
        )
    is_number = redirect.port.isascii() and redirect.port.isdecimal() and len(redirect.port) <= 5
    is_port = is_number and 1 <= int(redirect.port) <= 65535
    if redirect.port != "#{port}" and not is_port:
        text = "The Port parameter must be either an integer between 1 and 65535 or '#{port}'."
        raise faults.invalid_action(text)
    return redirect


def check_redirect(place: Place, redirect: RedirectConfig) -> None:
    """Raise the fault of a redirect that leads nowhere from this listener."""
    if place.protocol == "HTTPS" and redirect.protocol == "HTTP":
        raise faults.invalid_action("You cannot redirect HTTPS to HTTP.")
    # Only a change of one of these leads elsewhere: another query comes back to the same action.
    is_same = (
        redirect.protocol in ("#{protocol}", place.protocol)
        and redirect.port in ("#{port}", str(place.port))
        and redirect.host == "#{host}"
        and redirect.path == "/#{path}"
    )
    if is_same:
        text = "The redirect configuration is not valid because it creates a loop."
        raise faults.invalid_action(text)


def redirect_view(redirect: RedirectConfig) -> dict[str, Any]:
    return {
        "Protocol": redirect.protocol,
        "Port": redirect.port,
        "Host": redirect.host,
        "Path": redirect.path,
        "Query": redirect.query,
        "StatusCode": redirect.status_code,
    }


def parse_fixed_response(config: Mapping[str, Any]) -> FixedResponseConfig:
    content_type = config.get("ContentType")
    if content_type and content_type not in _CONTENT_TYPES:
        listed = ", ".join(f"'{one}'" for one in _CONTENT_TYPES)
        raise faults.invalid_action(f"The ContentType must be one of:{listed}.")
    return FixedResponseConfig(
        status_code=config["StatusCode"],
        content_type=content_type,
        message_body=config.get("MessageBody"),
    )


def fixed_response_view(answer: FixedResponseConfig) -> dict[str, Any]:
    return {
        "StatusCode": answer.status_code,
        "ContentType": answer.content_type,
        "MessageBody": answer.message_body,
    }
