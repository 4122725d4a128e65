"""URLs of identity providers."""

from __future__ import annotations

from urllib.parse import urlsplit

from tidegate.control.api.elbv2 import faults


def https_url(text: str) -> str:
    """The URL, if it is a full one that starts with `https://`; raises InvalidLoadBalancerAction."""
    try:
        parts = urlsplit(text)
        is_full = parts.scheme == "https" and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_full = False
    # What urlsplit would silently take out stays in what is stored.
    if not is_full or not text.isascii() or not text.isprintable() or " " in text:
        raise faults.invalid_action(f"The '{text}' URL is not valid")
    return text
