"""The coverage page: what of each AWS service is served, in part or whole, and what is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from textwrap import wrap

from tidegate.wire.frontend import FrontEnd, Operation
from tidegate.wire.models import service_model

_WIDTH = 110
_TITLES = {
    "acm": "Certificate Manager",
    "application-autoscaling": "Application Auto Scaling",
    "cloudwatch": "CloudWatch",
    "ec2": "EC2",
    "ecs": "ECS",
    "elbv2": "Elastic Load Balancing v2",
    "iam": "IAM",
    "logs": "CloudWatch Logs",
    "ssm": "Systems Manager",
    "sts": "STS",
    "tidegate": "Tidegate",
}
_HEAD = """\
# Coverage

Every operation of every service that Tidegate has a front end for. `scripts/coverage` writes this page from
the front ends; a test run checks that it is current.

- **served**: as AWS, less what [differences.md](differences.md) says of the whole.
- **partial**: served, but for what stands beside it.
- **refused**: answered with status 400 and the operation's name, `UnknownOperationException` in JSON,
  `InvalidAction` elsewhere; never ignored. Operations of services without a front end are refused the same
  way.
"""


def coverage_page(front_ends: Iterable[FrontEnd]) -> str:
    """The page as Markdown."""
    ordered = sorted(front_ends, key=lambda front_end: _title(front_end).lower())
    parts = [_HEAD, _summary(ordered), *(_section(front_end) for front_end in ordered)]
    return "\n".join(parts)


def unknown_operations(front_end: FrontEnd) -> list[str]:
    """Operations that a front end serves or explains though its service has none of that name."""
    named = {*front_end.operations, *front_end.refusals}
    return sorted(named - set(service_model(front_end.service).operation_names))


def operation_states(front_end: FrontEnd) -> dict[str, tuple[str, str]]:
    """(state, what is missing or why) of every operation of the service: served, partial or refused. Why is
    empty for a refusal without a reason."""
    states = {}
    for name in service_model(front_end.service).operation_names:
        operation = front_end.operations.get(name)
        if operation is None:
            states[name] = ("refused", front_end.refusals.get(name, ""))
        else:
            states[name] = ("partial" if operation.partial else "served", operation.partial)
    return states


def _summary(front_ends: Iterable[FrontEnd]) -> str:
    lines = ["| Service | Served | Partial | Refused |", "|---|---:|---:|---:|"]
    for front_end in front_ends:
        partial = sum(1 for operation in front_end.operations.values() if operation.partial)
        served = len(front_end.operations) - partial
        refused = len(_refused(front_end))
        lines.append(f"| [{_title(front_end)}](#{_anchor(front_end)}) | {served} | {partial} | {refused} |")
    return "\n".join(lines) + "\n"


def _section(front_end: FrontEnd) -> str:
    parts = [f"## {_title(front_end)}\n"]
    if front_end.operations:
        parts.append(_served(front_end.operations))
    refused = _refused(front_end)
    explained = [name for name in refused if name in front_end.refusals]
    if explained:
        lines = ["| Refused | Why |", "|---|---|"]
        lines += [f"| {name} | {_cell(front_end.refusals[name])} |" for name in explained]
        parts.append("\n".join(lines) + "\n")
    others = [name for name in refused if name not in front_end.refusals]
    if others:
        label = "Refused as well" if explained else "Refused"
        # A list of names is no place to break one of them.
        lines = wrap(f"{label}: {', '.join(others)}.", _WIDTH, break_long_words=False, break_on_hyphens=False)
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


def _served(operations: Mapping[str, Operation]) -> str:
    lines = ["| Operation | State | What is missing |", "|---|---|---|"]
    for name, operation in sorted(operations.items()):
        state = "partial" if operation.partial else "served"
        lines.append(f"| {name} | {state} | {_cell(operation.partial)} |")
    return "\n".join(lines) + "\n"


def _refused(front_end: FrontEnd) -> list[str]:
    return sorted(set(service_model(front_end.service).operation_names) - set(front_end.operations))


def _title(front_end: FrontEnd) -> str:
    return _TITLES.get(front_end.service, front_end.service)


def _anchor(front_end: FrontEnd) -> str:
    return _title(front_end).lower().replace(" ", "-")


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
