"""The `tidegate` command: finds the subcommand and imports that one alone.

Each subcommand lives in a module of its own, so that `tidegate agent` does not pay for what `tidegate
deploy` needs: an agent is registered half a second after its start.
"""

from __future__ import annotations

import gc
import importlib
import sys
from types import ModuleType

from tidegate import __version__

COMMANDS = {
    "up": "Start everything: the API, the load balancer, agents; restart what dies.",
    "down": "Stop everything; --purge also removes the data.",
    "env": 'Print the exports for AWS clients: eval "$(tidegate env)".',
    "console": "Open the web console in a browser, signed in.",
    "status": "What runs, where it answers, what is wrong and how to mend it.",
    "top": "Watch services, targets and load balancers live; --once prints one look.",
    "logs": "Print a task's or a service's log lines; -f follows.",
    "deploy": "Register a task definition file, update the service, wait and tell.",
    "ab": "Compare target groups on live traffic; shift weights step by step, and back.",
    "demo": "Play the main job end to end, act by act.",
    "instance": "List or kill the virtual container instances.",
    "ca": "Print the root certificate behind the HTTPS of requested certificates.",
    "image": "Build or list images.",
    "control": "Run the control process alone.",
    "agent": "Run one agent alone.",
    "balancer": "Run the balancer alone.",
}

# The processes that `tidegate up` keeps running.
_PARTS = ("control", "agent", "balancer")


def main() -> None:
    """Run the subcommand named on the command line."""
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("--version", "version"):
        print(f"tidegate {__version__}")
        return
    if name not in COMMANDS:
        _help()
        if name not in ("--help", "-h", "help"):
            print(f"\ntidegate: no such command: {name}", file=sys.stderr)
            sys.exit(2)
        return
    module = command_module(name)
    sys.argv = [f"tidegate {name}", *sys.argv[2:]]
    module.app()


def command_module(name: str) -> ModuleType:
    """The module of a subcommand, imported as fast as may be."""
    # Modules are never garbage: a start need not wait for walks over them.
    gc.disable()
    if name in _PARTS:
        # Their log lines are JSON (`fleet/logs.py`). structlog would import rich, to colour tracebacks on
        # terminals: a tenth of their start. None says that it is not installed.
        sys.modules["rich"] = None  # type: ignore[assignment]
    module = importlib.import_module(f"tidegate.cli.commands.{name}")
    if name in _PARTS:
        del sys.modules["rich"]
    gc.enable()
    return module


def _help() -> None:
    print("Usage: tidegate COMMAND [OPTIONS]\n")
    print("Amazon ECS services behind an Application Load Balancer, on your own machines.\n")
    for name, text in COMMANDS.items():
        print(f"  {name:<10} {text}")
    print("\n`tidegate COMMAND --help` tells more. Every command takes --data-dir.")


if __name__ == "__main__":
    main()
