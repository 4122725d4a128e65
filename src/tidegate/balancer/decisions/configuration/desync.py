"""Requests that two servers may understand differently.

HAProxy's parser refuses most of what AWS calls severe, and writes what it takes anew for targets, one
length for each request. What is left is told by names: see `refusals.cfg.j2`.
"""

from __future__ import annotations

# What stands between the letters of a name that some servers take for another, and letters beyond ASCII
# that become these once a name is lower-cased.
_BETWEEN = "[^a-z0-9,]*"
_LETTERS = {"s": r"(?:s|\xc5\xbf)", "i": r"(?:i|\xc4\xb1)"}
_FRAMING = ("transfer-encoding", "content-length")
_EREN = _BETWEEN.join("eren")

# Letters, digits and hyphens are valid. In a list there are commas between names.
CONTROL_CHARACTERS = r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]"
INVALID_NAME, INVALID_NAMES = "[^-A-Za-z0-9]", "[^-A-Za-z0-9,]"


def may_be_remarkable() -> str:
    """Finds, in a list of names between commas, all that are framing headers', may be taken for these or are
    invalid, and little else. It begins with letters that are rare in names, so that the search has few places
    to look at: most names of most requests cost next to nothing."""
    return f"f{_BETWEEN}{_EREN}|g{_BETWEEN}t{_BETWEEN}h|{INVALID_NAMES}"


def may_be_suspicious() -> str:
    """The same, past the framing headers themselves."""
    return (
        f"f(?!{_after('transf')}er-encoding(?:,|$)){_BETWEEN}{_EREN}|"
        f"g(?!{_after('content-leng')}th(?:,|$)){_BETWEEN}t{_BETWEEN}h|{INVALID_NAMES}"
    )


def suspicious_names() -> str:
    """Finds a name that is one of the framing headers' once all that is neither letter nor digit is dropped,
    and is not one before."""
    exact = "|".join(f"{name}(?:,|$)" for name in _FRAMING)
    loose = "|".join(_loose(name) for name in _FRAMING)
    return f"(?:^|,)(?!{exact}){_BETWEEN}(?:{loose}){_BETWEEN}(?:,|$)"


def _after(beginning: str) -> str:
    """Holds behind the beginning of a name."""
    return f"(?:(?<=^{beginning})|(?<=,{beginning}))"


def _loose(name: str) -> str:
    return _BETWEEN.join(_LETTERS.get(letter, letter) for letter in name if letter.isalpha())
