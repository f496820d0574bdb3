"""A history, the versions that requirements resolved to in a past period, as text for a terminal or for a log."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envparity.history.record import Event, History
from envparity.render.history import words
from envparity.render.words import printable


def show(history: History, out: Console, *, everything: bool) -> None:
    """Print the history to `out`.

    Without `everything`, print only the events that change a watched distribution, begin or end a collision of import
    names, or change whether the requirements resolve.
    """
    history = printable(history)
    out.print(Text(words.heading(history), "bold"))
    for number, line in enumerate(words.beginning(history)):
        out.print(Text(line, "red" if number or history.first_failure is not None else "dim"))
    events, left = words.told(history, all_of_them=everything)
    if events:
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
        table.add_column("when (UTC)", no_wrap=True)
        table.add_column("release", max_width=34, overflow="fold")
        table.add_column("changes", overflow="fold")
        for event in events:
            table.add_row(words.minute(event.instant), Text(words.cause(event), _style(event)), _changes(event))
        out.print()
        out.print(table)
    out.print()
    if left:
        out.print(Text(words.others(left), "dim"))
    for line in words.caveats(history):
        out.print(Text(line, "yellow"))
    out.print(Text(words.verdict(history), "bold red" if history.remaining or not history.last else "bold green"))
    out.print(Text(words.effort(history), "dim"))


def _style(event: Event) -> str:
    return "bold red" if event.gained or event.failure is not None else ""


def _changes(event: Event) -> Text:
    lines = [
        *(Text(line) for line in words.changed(event)),
        *(Text(line, "red") for line in words.begun_collisions(event)),
        *(Text(line, "green") for line in words.ended_collisions(event)),
    ]
    return Text("\n").join(lines)
