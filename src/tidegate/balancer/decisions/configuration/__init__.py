"""HAProxy's configuration, from the edge document."""

from tidegate.balancer.decisions.configuration.backends import shape
from tidegate.balancer.decisions.configuration.file import (
    CONNECT_SECONDS,
    HEADER_KIB,
    HEADER_KIB_MAX,
    Paths,
    Rendered,
    render,
)
from tidegate.balancer.decisions.configuration.frontends import Bound
from tidegate.balancer.decisions.configuration.names import NAMES_ADDRESS
from tidegate.balancer.decisions.configuration.tables import Table
from tidegate.balancer.decisions.configuration.tls import has_certificates

__all__ = [
    "CONNECT_SECONDS",
    "HEADER_KIB",
    "HEADER_KIB_MAX",
    "NAMES_ADDRESS",
    "Bound",
    "Paths",
    "Rendered",
    "Table",
    "has_certificates",
    "render",
    "shape",
]
