"""Plays the acts in order and tells how each ended."""

from __future__ import annotations

import json
import time
import traceback
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError
from rich.console import Console
from rich.table import Table

from tidegate.cli.demo.story import Act, ActFailedError, ActSkippedError, Stage, Story

_STYLES = {"done": "green", "failed": "red", "skipped": "yellow", "not played": "dim"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """How one act ended. `status`: done, failed, skipped (this stage cannot play it; `figures` say why),
    or not played (an earlier one failed)."""

    number: int
    title: str
    status: str
    figures: tuple[str, ...]
    seconds: float

    @property
    def is_good(self) -> bool:
        """Nothing went wrong. What was skipped promised nothing here."""
        return self.status in ("done", "skipped")


def play(stage: Stage, acts: Sequence[Act], console: Console) -> tuple[Story, list[Ending]]:
    """Play the acts one after the other; after a failed one the rest is not played, since each act
    stands on what the ones before it made."""
    story = Story(stage, console)
    endings: list[Ending] = []
    try:
        with story.waiting.progress:
            for act in acts:
                is_stopped = any(ending.status == "failed" for ending in endings)
                endings.append(_not_played(act) if is_stopped else _play_one(story, act, len(acts)))
    finally:
        if story.props.load is not None:
            story.props.load.stop()
    return story, endings


def _play_one(story: Story, act: Act, total: int) -> Ending:
    story.waiting.begin(f"Act {act.number}: {act.title}", act.number, total)
    story.console.print(f"\n[bold]Act {act.number}. {act.title}[/bold]")
    began = time.monotonic()
    status, figures = "failed", tuple[str, ...]()
    try:
        figures = tuple(act.play(story))
        status = "done"
    except ActSkippedError as reason:
        status, figures = "skipped", (str(reason),)
    except ActFailedError as error:
        figures = (str(error),)
    except (ClientError, BotoCoreError, OSError) as error:
        figures = (f"{type(error).__name__}: {error}",)
        story.console.print(traceback.format_exc(), style="dim", markup=False)
    seconds = time.monotonic() - began
    story.console.print(f"  {_styled(status)} in {seconds:.1f} s: ", end="", highlight=False)
    story.console.print("; ".join(figures), markup=False, highlight=False, soft_wrap=True)
    return Ending(number=act.number, title=act.title, status=status, figures=figures, seconds=seconds)


def _not_played(act: Act) -> Ending:
    return Ending(number=act.number, title=act.title, status="not played", figures=(), seconds=0.0)


def table(endings: Sequence[Ending]) -> Table:
    """One line an act: what was checked, figures, done, failed or skipped."""
    table = Table(title="The story", title_justify="left")
    table.add_column("Act", justify="right")
    table.add_column("What")
    table.add_column("Figures", overflow="fold")
    table.add_column("s", justify="right")
    table.add_column("")
    for ending in endings:
        table.add_row(
            str(ending.number),
            ending.title,
            "\n".join(ending.figures),
            f"{ending.seconds:.0f}",
            _styled(ending.status),
        )
    return table


def _styled(status: str) -> str:
    style = _STYLES[status]
    return f"[{style}]{status}[/{style}]"


def write_report(endings: Sequence[Ending], file: Path) -> None:
    """The endings as JSON, for `make story` and the tests."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps([asdict(ending) for ending in endings], indent=2) + "\n")
