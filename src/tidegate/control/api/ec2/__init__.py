"""The EC2 front end: the slice of EC2 that load balancers and container instances stand on."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from tidegate.control.api.ec2.defaults import ensure_defaults

if TYPE_CHECKING:
    from tidegate.control.api.ec2.front_end import FRONT_END

__all__ = ["FRONT_END", "ensure_defaults"]


def __getattr__(name: str) -> object:
    """Load the operations when they are asked for: a start needs the default VPC alone."""
    if name == "FRONT_END":
        return import_module("tidegate.control.api.ec2.front_end").FRONT_END
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
