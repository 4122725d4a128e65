"""A planted fault: control stops tasks without draining their targets first."""

import sys

if "control" in sys.orig_argv and "tidegate.cli.main" in sys.orig_argv:
    from tidegate.control.decisions import tasks

    _stop_task = tasks.stop_task

    def stop_task(task, **arguments):
        return _stop_task(task, **{**arguments, "has_targets": False})

    tasks.stop_task = stop_task
