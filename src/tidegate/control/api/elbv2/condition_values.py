"""Values of rule conditions, each field by its own alphabet and length."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable

from tidegate.control.api.elbv2 import expressions
from tidegate.control.api.elbv2.faults import invalid

_LENGTH_MAX = 128
_NAME_LENGTH_MAX = 40
_VISIBLE = r"[\x20-\x7e]+"
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"

_ALPHABETS = {
    # A dot at least, and after the last one letters only, as top-level domains have; or wildcards.
    "host-header": re.compile(r"[A-Za-z0-9.*?-]*\.[A-Za-z*?]+"),
    "path-pattern": re.compile(r"[A-Za-z0-9_.$/~\"'@:+&*?-]+"),
    "http-header": re.compile(_VISIBLE),
    "query-string": re.compile(_VISIBLE),
    "http-request-method": re.compile(r"[A-Z_-]+"),
}
_LENGTHS = {"http-request-method": _NAME_LENGTH_MAX}


def check_value(field: str, value: str) -> None:
    """Raise ValidationError unless the field takes this value."""
    if not value:
        raise invalid("A condition value must be specified")
    if field == "source-ip":
        _check_block(value)
        return
    _check_length(field, value, _LENGTHS.get(field, _LENGTH_MAX))
    if not _ALPHABETS[field].fullmatch(value):
        raise invalid(f"Condition value '{value}' contains a character that is not valid")


def check_expression(field: str, value: str) -> None:
    """Raise ValidationError unless the field takes this regular expression."""
    if not value:
        raise invalid("A condition value must be specified")
    _check_length(field, value, _LENGTH_MAX)
    expressions.check(value)


def check_header_name(name: str) -> None:
    _check_length("http-header", name, _NAME_LENGTH_MAX)
    if name.lower() == "host":
        raise invalid(f"You cannot specify '{name}' as an HTTP header name")
    if not re.fullmatch(_TOKEN, name):
        raise invalid(f"Condition value '{name}' contains a character that is not valid")


def wildcards(values: Iterable[str], *, have_escapes: bool = False) -> int:
    """How many `*` and `?` the values have; those behind a backslash are literal in query strings."""
    strip: Callable[[str], str] = (lambda text: re.sub(r"\\.", "", text)) if have_escapes else str
    return sum(1 for value in values for character in strip(value) if character in "*?")


def _check_length(field: str, value: str, length_max: int) -> None:
    if len(value) > length_max:
        raise invalid(f"Condition value for '{field}' cannot contain more than {length_max} characters")


def _check_block(value: str) -> None:
    text = f"The specified value '{value}' is not a valid CIDR block"
    # An address alone would pass for a block of one.
    if "/" not in value or value == "255.255.255.255/32":
        raise invalid(text)
    address, _, length = value.partition("/")
    if not length.isascii() or not length.isdigit():
        raise invalid(text)
    try:
        ipaddress.ip_network((address, int(length)), strict=False)
    except ValueError as error:
        raise invalid(text) from error
