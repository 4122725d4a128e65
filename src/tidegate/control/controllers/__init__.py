"""Controllers: load, decide, commit. The decisions have the same names and are pure."""

from tidegate.control.controllers.context import ControlContext
from tidegate.control.controllers.driver import Controller, Driver

__all__ = ["ControlContext", "Controller", "Driver"]
