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


# Letters, digits and hyphens are valid. In a list there are commas between names.
INVALID_NAME, INVALID_NAMES = "[^-A-Za-z0-9]", "[^-A-Za-z0-9,]"


def remarkable_names() -> str:
    """Finds a name that is one of the framing headers' or may be taken for it, or is invalid."""
    return f"{framing_names()}|{INVALID_NAMES}"


def framing_names() -> str:
    """Finds a name, in a list of them between commas, that is one of the framing headers' once all that is
    neither letter nor digit is dropped."""
    return _found("")


def suspicious_names() -> str:
    """The same, without the framing headers themselves."""
    exact = "|".join(f"{name}(?:,|$)" for name in _FRAMING)
    return _found(f"(?!{exact})")


def _found(restriction: str) -> str:
    loose = "|".join(_loose(name) for name in _FRAMING)
    return f"(?:^|,){restriction}{_BETWEEN}(?:{loose}){_BETWEEN}(?:,|$)"


def _loose(name: str) -> str:
    return _BETWEEN.join(_LETTERS.get(letter, letter) for letter in name if letter.isalpha())
