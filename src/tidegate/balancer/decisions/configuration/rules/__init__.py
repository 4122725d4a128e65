"""The rules of a listener, as HAProxy finds the first that matches."""

from tidegate.balancer.decisions.configuration.rules.matching import Matching, matching
from tidegate.balancer.decisions.configuration.rules.numbers import DEFAULT_NUMBER, number_of, portions

__all__ = ["DEFAULT_NUMBER", "Matching", "matching", "number_of", "portions"]
