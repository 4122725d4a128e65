"""AWS's wire protocols, driven by botocore's service models: route, verify, parse, validate, serialise.

Knows shapes, knows no front end. The protocol of a request is chosen by the request (its content type,
target header or form), never by what a model lists first.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tidegate.wire.faults import Fault
from tidegate.wire.frontend import Call, Finder, FrontEnd, Handler, LargeAnswer, Operation, among, answer_of

if TYPE_CHECKING:
    from tidegate.wire.application import AwsApplication

__all__ = [
    "AwsApplication",
    "Call",
    "Fault",
    "Finder",
    "FrontEnd",
    "Handler",
    "LargeAnswer",
    "Operation",
    "among",
    "answer_of",
]


def __getattr__(name: str) -> object:
    """Load the application when it is asked for: nodes only sign, and start twice as fast without it."""
    if name == "AwsApplication":
        return import_module("tidegate.wire.application").AwsApplication
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
