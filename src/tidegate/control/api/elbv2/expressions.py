"""Regular expressions of conditions and transforms: what AWS takes of them, and what balancers can read.

AWS refuses what cannot be matched in linear time: looking around, backreferences, atomic groups, possessive
quantifiers, subroutines, recursion, and Unicode properties. The rest must be an expression in every
dialect, for one that a balancer cannot read would hold up the changes of all its listeners. An expression is
looked at without its escapes and character classes, in which the same signs mean something else.
"""

from __future__ import annotations

import re
import warnings
from itertools import accumulate

from tidegate.control.api.elbv2.faults import invalid
from tidegate.wire import Fault

_TOKEN = re.compile(r"\\x[0-9a-fA-F]{2}|\\.|\[\^?\]?(?:\[:\w+:\]|\\.|[^\]\\])*\]|.", re.DOTALL)
_ESCAPES = re.compile(r"\\(?:[dDwWsSbBnrtfv]|x..|[^a-zA-Z0-9])")
_REPETITIONS = re.compile(r"\{(\d+)?,?(\d+)?\}")
# Some readers take no more.
_REPETITIONS_MAX = 1000
_NESTED_MAX = 50
_UNSUPPORTED = {
    "lookahead assertions": re.compile(r"\(\?[=!]"),
    "lookbehind assertions": re.compile(r"\(\?<[=!]"),
    "atomic groups": re.compile(r"\(\?>"),
    "recursive patterns": re.compile(r"\(\?(?:R|[+-]?\d+)\)"),
    "subroutines": re.compile(r"\(\?(?:&|P>)"),
    "backreferences": re.compile(r"\(\?P=|\(\?\("),
    "possessive quantifiers": re.compile(r"[*+?}]\+"),
}


def check(expression: str) -> None:
    """Raise ValidationError for what is no expression, or none that is supported. AWS's words for either
    are not known."""
    if not expression.isascii() or not expression.isprintable():
        raise _not_valid(expression)
    plain = "".join(_plain(token, expression) for token in _TOKEN.findall(expression))
    for what, pattern in _UNSUPPORTED.items():
        if pattern.search(plain):
            raise _unsupported(expression, what)
    if _depth(plain) > _NESTED_MAX:
        raise _unsupported(expression, f"more than {_NESTED_MAX} nested groups")
    repetitions = [int(number) for pair in _REPETITIONS.findall(plain) for number in pair if number]
    if any(number > _REPETITIONS_MAX for number in repetitions):
        raise _unsupported(expression, f"more than {_REPETITIONS_MAX} repetitions")
    _compile(re.sub(r"\(\?<(?=\w)", "(?P<", plain), expression)


def _depth(plain: str) -> int:
    """How deep groups are nested at the most, were all closed that are opened."""
    depths = accumulate({"(": 1, ")": -1}.get(sign, 0) for sign in plain)
    return max(depths, default=0)


def _plain(token: str, expression: str) -> str:
    """A token as it counts for the structure: escapes and classes stand for one character."""
    if len(token) == 1:
        return token
    if re.search(r"\\[pP]", token):
        raise _unsupported(expression, "Unicode properties")
    if token.startswith("["):
        _compile(re.sub(r"\[:\w+:\]", "a", token), expression)
    elif re.match(r"\\[1-9kg]", token):
        raise _unsupported(expression, "backreferences")
    elif not _ESCAPES.fullmatch(token):
        raise _not_valid(expression)
    return "x"


def _compile(pattern: str, expression: str) -> None:
    try:
        with warnings.catch_warnings():
            # Signs in a class that a later Python may read otherwise are no concern of other readers.
            warnings.simplefilter("ignore", FutureWarning)
            re.compile(pattern)
    except (re.error, OverflowError) as error:
        raise _not_valid(expression) from error


def _not_valid(expression: str) -> Fault:
    return invalid(f"The regular expression '{expression}' is not valid")


def _unsupported(expression: str, what: str) -> Fault:
    return invalid(f"The regular expression '{expression}' is not valid: {what} are not supported")
