"""A history for a person at a terminal, or for a log."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envparity.history.record import Event, History
from envparity.render.history.words import (
    cause,
    caveats,
    changed,
    effort,
    ended,
    gained,
    heading,
    minute,
    told,
    verdict,
)


def show(history: History, out: Console, *, everything: bool) -> None:
    """All events, or without `everything` those that change what is watched."""
    out.print(Text(heading(history), "bold"))
    if history.first_failure is None:
        out.print(Text(f"at the beginning: {len(history.first)} distributions", "dim"))
    for one in history.began:
        out.print(Text(f"at the beginning: import {one.name} has {len(one.providers)} providers", "red"))
    events, others = told(history, all_of_them=everything)
    if events:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("when (UTC)", no_wrap=True)
        table.add_column("what was released", max_width=34, overflow="fold")
        table.add_column("what changed", overflow="fold")
        for event in events:
            table.add_row(minute(event.instant), Text(cause(event), _style(event)), _changes(event))
        out.print()
        out.print(table)
    out.print()
    if others:
        out.print(Text(f"and {others} other events, which change nothing that is watched", "dim"))
    for line in caveats(history):
        out.print(Text(line, "yellow"))
    out.print(Text(verdict(history), "bold red" if history.remaining or not history.last else "bold green"))
    out.print(Text(effort(history), "dim"))


def _style(event: Event) -> str:
    return "bold red" if event.gained or event.failure is not None else ""


def _changes(event: Event) -> Text:
    parts = [
        *(Text(line) for line in changed(event)),
        *(Text(gained(one), "red") for one in event.gained),
        *(Text(ended(one), "green") for one in event.ended),
    ]
    return Text("\n").join(parts)
