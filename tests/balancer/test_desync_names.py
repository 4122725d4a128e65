"""Names of headers that servers may take for those that say where a request ends."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.balancer.decisions.configuration.desync import (
    INVALID_NAMES,
    may_be_remarkable,
    may_be_suspicious,
    suspicious_names,
)

FRAMING = ("transfer-encoding", "content-length")
ORDINARY = (
    "host,connection,user-agent,accept,accept-encoding,accept-language,cookie,referer,origin,authorization,"
    "content-type,cache-control,if-modified-since,sec-fetch-site,sec-fetch-mode,upgrade-insecure-requests,"
    "x-forwarded-for,x-forwarded-proto,x-amzn-trace-id"
)


def finds(expression: str, names: str) -> bool:
    """As HAProxy looks: at bytes, whatever their case."""
    return re.search(expression.encode("latin-1"), names.encode(), re.IGNORECASE) is not None


def is_framing_loosely(name: str) -> bool:
    known = name.lower().replace("ſ", "s").replace("ı", "i")
    dropped = re.sub("[^a-z0-9]", "", known)
    return dropped in {one.replace("-", "") for one in FRAMING}


pieces = st.sampled_from(["", "", "", "-", "--", "_", " ", ".", "x", ","])


@st.composite
def disguised(draw: st.DrawFn) -> str:
    """A framing header's name with something between its letters, or some of them missing."""
    name = draw(st.sampled_from(FRAMING))
    if draw(st.booleans()):
        name = name.replace("-", "")
    letters = [letter + draw(pieces) for letter in name]
    if draw(st.booleans()):
        del letters[draw(st.integers(0, len(letters) - 1))]
    text = draw(pieces) + "".join(letters)
    return text.replace("s", draw(st.sampled_from("sSſ"))).replace("i", draw(st.sampled_from("iIı")))


names = st.lists(st.one_of(disguised(), st.sampled_from([*FRAMING, *ORDINARY.split(",")])), min_size=1)


@given(names)
def test_what_is_suspicious_or_remarkable_is_never_passed_by_the_first_look(listed: list[str]) -> None:
    text = ",".join(listed)
    each = text.split(",")
    loose = [name for name in each if is_framing_loosely(name)]
    is_suspicious = any(name.lower() not in FRAMING for name in loose)
    assert finds(suspicious_names(), text) == is_suspicious
    if is_suspicious:
        assert finds(may_be_suspicious(), text)
    if loose or finds(INVALID_NAMES, text):
        assert finds(may_be_remarkable(), text)


@pytest.mark.parametrize("name", [*FRAMING, "Content-Length", "TRANSFER-ENCODING"])
def test_the_framing_headers_themselves_are_remarkable_and_no_more(name: str) -> None:
    for text in (name, f"host,{name}", f"{name},host", f"host,{name},accept"):
        assert finds(may_be_remarkable(), text)
        assert not finds(may_be_suspicious(), text)


def test_ordinary_requests_are_passed_by_the_first_look() -> None:
    assert not finds(may_be_remarkable(), ORDINARY)
