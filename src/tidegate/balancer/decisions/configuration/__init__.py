"""HAProxy's configuration, from the edge document."""

from tidegate.balancer.decisions.configuration.backends import shape
from tidegate.balancer.decisions.configuration.file import CONNECT_SECONDS, Paths, Rendered, render
from tidegate.balancer.decisions.configuration.frontends import Bound
from tidegate.balancer.decisions.configuration.tables import Table

__all__ = ["CONNECT_SECONDS", "Bound", "Paths", "Rendered", "Table", "render", "shape"]
