"""Where tasks go: filter the instances, score them, choose, and give out host ports."""

from tidegate.control.decisions.placement.choose import Assignment, Placement, place
from tidegate.control.decisions.placement.demand import Demand, PortDemand, demand_of
from tidegate.control.decisions.placement.node import Node

__all__ = ["Assignment", "Demand", "Node", "Placement", "PortDemand", "demand_of", "place"]
