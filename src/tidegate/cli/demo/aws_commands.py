"""API calls as commands of the AWS CLI, for whoever wants to do by hand what the demo does."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

from botocore import xform_name

# What only looks is not shown: the demo asks it over and over.
_LOOKS = ("Describe", "List", "Get")
# By operation: names of options that the CLI takes for two of the API's.
_OTHER_NAMES = {"RunInstances": {"MinCount": None, "MaxCount": "count"}}


def aws_command(front_end: str, operation: str, parameters: Mapping[str, Any]) -> str | None:
    """The command line of one API call, as a shell takes it; None for one that changes nothing.

    `front_end`: the service as the CLI names it; `operation` and `parameters`: as the API names them.
    """
    if operation.startswith(_LOOKS):
        return None
    other = _OTHER_NAMES.get(operation, {})
    words = ["aws", front_end, xform_name(operation, "-")]
    for name, value in parameters.items():
        option = other.get(name, xform_name(name, "-"))
        if option is not None:
            words += _option(option, value)
    return " ".join(words)


def _option(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, bool):
        yield f"--{name}" if value else f"--no-{name}"
        return
    yield f"--{name}"
    if isinstance(value, (list, tuple)) and not any(isinstance(item, (dict, list, tuple)) for item in value):
        yield from (shlex.quote(str(item)) for item in value)
    else:
        text = (
            json.dumps(value, separators=(",", ":")) if isinstance(value, (dict, list, tuple)) else str(value)
        )
        yield shlex.quote(text)
