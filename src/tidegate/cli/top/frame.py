"""A look as it is drawn: fewer columns where the terminal is narrow, fewer rows where it is low.

What is not as it should be comes first, so that it is seen in any terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from tidegate.cli.top.seen import BalancerSeen, Seen, ServiceSeen, TargetGroupSeen, TargetSeen

R = TypeVar("R")

# Each section has a title and is followed by an empty line.
_LINES_AROUND = 2
_NOTHING = "-"
_GOOD, _POOR, _BAD = "green", "yellow", "bold red"


@dataclass(frozen=True, slots=True)
class Column(Generic[R]):
    """`from_width`: of the narrowest terminal that shows it; `share`: of the width that is left."""

    title: str
    cell: Callable[[R], RenderableType]
    from_width: int = 0
    share: int | None = None
    is_number: bool = True


def number(value: float | None, unit: str = "") -> str:
    """Digits that matter."""
    if value is None:
        return _NOTHING
    if value == 0 or value >= 100:
        return f"{value:,.0f}{unit}"
    return f"{value:.2f}{unit}" if value < 1 else f"{value:.1f}{unit}"


def seconds(value: float | None) -> str:
    if value is None:
        return _NOTHING
    return f"{value * 1000:,.0f} ms" if value < 1 else f"{value:.1f} s"


def size(value: float | None) -> str:
    """Bytes with the prefix that keeps the number short."""
    if value is None:
        return _NOTHING
    for prefix in ("", "k", "M", "G"):
        if value < 1000 or prefix == "G":
            break
        value /= 1000
    return f"{number(value)} {prefix}B"


def _tasks(service: ServiceSeen) -> Text:
    style = _GOOD if service.running == service.desired else _BAD if not service.running else _POOR
    return Text(f"{service.running}/{service.desired}", style)


def _rollout(service: ServiceSeen) -> Text:
    style = {"COMPLETED": "", "FAILED": _BAD}.get(service.rollout, _POOR)
    more = f" ({service.deployments})" if service.deployments > 1 else ""
    return Text(f"{service.rollout}{more}", style)


def _healthy(group: TargetGroupSeen) -> Text:
    total = len(group.targets)
    style = _GOOD if group.healthy == total else _BAD if not group.healthy else _POOR
    return Text(f"{group.healthy}/{total}", style)


def _errors(value: float | None) -> Text:
    return Text(number(value), _BAD if value else "")


_SERVICES: Sequence[Column[ServiceSeen]] = (
    Column("SERVICE", lambda one: f"{one.cluster}/{one.name}", share=1, is_number=False),
    Column("TASKS", _tasks),
    Column("PENDING", lambda one: str(one.pending), 64),
    Column("DEPLOYMENT", _rollout, 48, is_number=False),
    Column("CPU", lambda one: number(one.cpu, "%"), 56),
    Column("MEMORY", lambda one: number(one.memory, "%"), 72),
)


def _of_group(
    cell: Callable[[TargetGroupSeen], RenderableType],
) -> Callable[[TargetGroupSeen | TargetSeen], RenderableType]:
    """What a group has and its targets have not."""
    return lambda row: cell(row) if isinstance(row, TargetGroupSeen) else ""


def _health(row: TargetGroupSeen | TargetSeen) -> Text:
    if isinstance(row, TargetGroupSeen):
        return _healthy(row)
    return Text(row.state, _POOR if row.state in ("initial", "draining") else _BAD)


_GROUPS: Sequence[Column[TargetGroupSeen | TargetSeen]] = (
    Column(
        "TARGET GROUP",
        lambda one: f"{'' if isinstance(one, TargetGroupSeen) else '  '}{one.name}",
        share=1,
        is_number=False,
    ),
    Column("HEALTHY", _health),
    Column(
        "LOAD BALANCER",
        lambda one: one.balancer if isinstance(one, TargetGroupSeen) else one.reason,
        80,
        share=1,
        is_number=False,
    ),
    Column("REQ/S", _of_group(lambda one: number(one.requests)), 40),
    Column("5XX/S", _of_group(lambda one: _errors(one.errors)), 48),
    Column("P95", _of_group(lambda one: seconds(one.p95)), 56),
)
_BALANCERS: Sequence[Column[BalancerSeen]] = (
    Column("LOAD BALANCER", lambda one: one.name, share=1, is_number=False),
    Column("REQ/S", lambda one: number(one.requests)),
    Column("5XX/S", lambda one: _errors(one.errors), 40),
    Column("OPEN", lambda one: number(one.open_now), 56),
    Column("CONN/S", lambda one: number(one.connections), 64),
    Column("BYTES/S", lambda one: size(one.bytes), 72),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A renderable of `seen`, for the terminal that it is drawn on. `title`: what region this is. `trouble`:
    why there is nothing newer, at `now`. `is_bounded`: it has to fit the terminal's height."""

    title: str
    seen: Seen
    now: datetime
    trouble: str = ""
    is_bounded: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = options.max_width
        head = list(self._head())
        yield from head
        sections = list(self._sections())
        room = [len(rows) for _, rows in sections]
        if self.is_bounded:
            room = shared(room, options.size.height - len(head) - (_LINES_AROUND * len(sections)))
        for (columns, rows), rows_max in zip(sections, room, strict=True):
            yield _table(columns, rows, width, rows_max)
            yield Text("")

    def _head(self) -> Iterator[Text]:
        seen = self.seen
        yield _line(f"{self.title}  {seen.at:%H:%M:%S}", "bold")
        running, desired = sum(s.running for s in seen.services), sum(s.desired for s in seen.services)
        requests = sum(one.requests or 0 for one in seen.balancers)
        errors = sum(one.errors or 0 for one in seen.balancers) + sum(one.errors or 0 for one in seen.groups)
        yield _line(
            f"{running} of {desired} tasks run, {number(requests)} requests/s, {number(errors)} errors/s", ""
        )
        if seen.alarms:
            yield _line(f"alarms: {', '.join(seen.alarms)}", _BAD)
        if self.trouble:
            age = round((self.now - seen.at).total_seconds())
            yield _line(f"{age} s old: {self.trouble}", _BAD)
        yield Text("")

    def _sections(self) -> Iterator[tuple[Sequence[Column[Any]], Sequence[Any]]]:
        seen = self.seen
        yield _SERVICES, _troubled_first(seen.services)
        groups: list[TargetGroupSeen | TargetSeen] = []
        for group in _troubled_first(seen.groups):
            groups.append(group)
            groups.extend(target for target in group.targets if target.state != "healthy")
        yield _GROUPS, groups
        yield _BALANCERS, _troubled_first(seen.balancers)


def shared(wanted: Sequence[int], room: int) -> list[int]:
    """How many rows each section gets: what it wants, or, where that is more than there is room for, one
    after the other in turns. A section that wants any gets one at least."""
    given = [min(1, rows) for rows in wanted]
    while sum(given) < room:
        hungry = [index for index, rows in enumerate(wanted) if given[index] < rows]
        if not hungry:
            break
        for index in hungry[: room - sum(given)]:
            given[index] += 1
    return given


def _troubled_first(rows: Sequence[R]) -> Sequence[R]:
    return sorted(rows, key=lambda row: bool(getattr(row, "is_steady", True)))


def _line(text: str, style: str) -> Text:
    return Text(text, style, no_wrap=True, overflow="ellipsis")


def _table(columns: Sequence[Column[Any]], rows: Sequence[Any], width: int, rows_max: int) -> Table:
    shown = [column for column in columns if column.from_width <= width]
    table = Table(box=None, expand=True, padding=(0, 2, 0, 0), header_style="dim", pad_edge=False)
    for column in shown:
        justify: Any = "right" if column.is_number else "left"
        table.add_column(column.title, justify=justify, no_wrap=True, overflow="ellipsis", ratio=column.share)
    # The last row that there is room for says what there is none for.
    fit = rows if len(rows) <= rows_max else rows[: max(0, rows_max - 1)]
    for row in fit:
        cells = [column.cell(row) for column in shown]
        table.add_row(*cells)
    if len(fit) < len(rows):
        table.add_row(Text(f"... {len(rows) - len(fit)} more", "dim"))
    if not rows:
        table.add_row(Text("none", "dim"))
    return table
