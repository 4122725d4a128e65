"""A planted fault: control starts every task of a service twice."""

import sys

if "control" in sys.orig_argv and "tidegate.cli.main" in sys.orig_argv:
    from tidegate.control.decisions import placement

    _place = placement.place

    def place(instances, demand, count, **arguments):
        return _place(instances, demand, 2 * count, **arguments)

    placement.place = place
