"""A planted fault: control takes every target for healthy, whatever its health checks say."""

import sys

if "control" in sys.orig_argv and "tidegate.cli.main" in sys.orig_argv:
    from dataclasses import replace

    from tidegate.control.nodes import balancers

    _health = balancers._health

    def health(target_group_arn, report, now):
        ignored = replace(report, state="healthy", reason=None, description=None)
        return _health(target_group_arn, ignored, now)

    balancers._health = health
