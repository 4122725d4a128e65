"""Filter patterns of CloudWatch Logs: which events a text asks for.

A pattern is made of terms (`ERROR -"health check"`), of selectors of JSON (`{ $.status >= 500 }`) or of
columns of a line (`[ip, user, status = 5*]`). It is parsed once, into a function of a message.
"""

from tidegate.control.decisions.log_patterns.parsing import parse_pattern
from tidegate.control.decisions.log_patterns.pattern import InvalidPatternError, LogPattern

__all__ = ["InvalidPatternError", "LogPattern", "parse_pattern"]
