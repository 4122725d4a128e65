"""HAProxy's configuration, from the edge document."""

from tidegate.balancer.decisions.configuration.backends import shape
from tidegate.balancer.decisions.configuration.file import CONNECT_SECONDS, Paths, render
from tidegate.balancer.decisions.configuration.frontends import Bound

__all__ = ["CONNECT_SECONDS", "Bound", "Paths", "render", "shape"]
