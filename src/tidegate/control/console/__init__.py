"""What the web console takes of control beside AWS's APIs, all below `/console/`.

The console is a static application on the public APIs. Here are its files, the exchange of a one-time code
for a session's credentials, and the stream of names of what changed; nothing else is private to it.
"""

from tidegate.control.console.application import Console
from tidegate.control.console.assets import ConsoleFiles
from tidegate.control.console.changes import ChangeStream
from tidegate.control.console.invitations import Invitations

__all__ = ["ChangeStream", "Console", "ConsoleFiles", "Invitations"]
