"""Where tasks go: filter the instances, score them, choose, and give out host ports.

The scheduler, RunTask and StartTask all place through `place`. What is taken of an instance is computed
from its tasks and targets (`room_of`), never stored; it is asked for only when an instance's turn comes,
so that a few tasks cost a few instances, however large the cluster.
"""

from tidegate.control.decisions.placement.choose import Assignment, Placement, Refusal, place
from tidegate.control.decisions.placement.demand import (
    Demand,
    PortDemand,
    container_reservations,
    demand_of,
)
from tidegate.control.decisions.placement.room import DYNAMIC_PORT_FIRST, PORT_RESTS_FOR, Port, Room, room_of

__all__ = [
    "DYNAMIC_PORT_FIRST",
    "PORT_RESTS_FOR",
    "Assignment",
    "Demand",
    "Placement",
    "Port",
    "PortDemand",
    "Refusal",
    "Room",
    "container_reservations",
    "demand_of",
    "place",
    "room_of",
]
