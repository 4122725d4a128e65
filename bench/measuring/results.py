"""The table that a comparison prints: figures, the goal, whether it was reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Goal:
    """`least`: the figure is to be at least the bound; else at most."""

    bound: float
    least: bool = True
    unit: str = ""

    def __str__(self) -> str:
        return f"{'>=' if self.least else '<='} {self.bound:g}{self.unit}"

    def reached(self, figure: float) -> str:
        good = figure >= self.bound if self.least else figure <= self.bound
        return "[green]reached[/green]" if good else "[red]missed[/red]"


@dataclass(frozen=True, slots=True)
class Row:
    """A figure that stands for itself."""

    name: str
    figure: float
    unit: str
    goal: Goal

    def cells(self) -> tuple[str, ...]:
        return (self.name, f"{self.figure:,.1f}{self.unit}", str(self.goal), self.goal.reached(self.figure))


def print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """The first column to the left, all others to the right."""
    table = Table(title=title, title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left", no_wrap=True)
    for row in rows:
        table.add_row(*row)
    # A table in a file or a pipe must not be folded to the width of a terminal that is not there.
    Console(width=None if Console().is_terminal else 140).print(table)
