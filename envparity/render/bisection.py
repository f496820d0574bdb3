"""The result of a bisection, which finds the release that broke a command, as text for a person or as JSON."""

import shlex
from functools import partial
from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from envparity.history.bisect import Bisection
from envparity.render.files import printed
from envparity.render.history.words import cause, lines, minute
from envparity.render.history.write import as_json
from envparity.render.words import number, printable
from envparity.text import listed


def render(found: Bisection, form: str, stream: TextIO | None = None) -> str:
    """Return the result as text, or as JSON if `form` is `json`.

    If `stream` is a terminal, the text has the terminal's width and colours.
    """
    found = printable(found)
    if form == "json":
        return as_json(found)
    return printed(partial(_show, found), stream, 140)


def _show(found: Bisection, out: Console) -> None:
    out.print(
        Text(f"{' '.join(found.requirements)}, installed by {found.installer}: {shlex.join(found.command)}", "bold")
    )
    out.print(Text(f"{number(found.between, 'event')} between {minute(found.good)} and {minute(found.bad)} UTC", "dim"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    table.add_column("as of (UTC)", no_wrap=True)
    table.add_column("last release", overflow="fold")
    table.add_column("the command", no_wrap=True)
    table.add_column("last line of output", overflow="fold")
    table.add_column("s", justify="right")
    for trial in found.trials:
        style = "" if trial.passed is None else "green" if trial.passed else "red"
        last = Text(listed(trial.releases))
        table.add_row(minute(trial.as_of), last, Text(trial.word, style), Text(trial.said), f"{trial.seconds:.1f}")
    out.print()
    out.print(table)
    out.print()
    if found.unsteady is not None:
        outcomes = [trial.passed for trial in found.trials if trial.as_of == found.unsteady]
        out.print(
            Text(
                f"unsteady: as of {minute(found.unsteady)} UTC the command passed {outcomes.count(True)} and failed "
                f"{outcomes.count(False)} times with the same releases, so no release is the cause",
                "bold yellow",
            )
        )
        return
    if not found.found:
        between = (
            f"one of {len(found.events)} events broke the command; the environments between them could not be judged"
        )
        out.print(Text(between, "bold yellow"))
    for event in found.events:
        said = "broke the command" if found.found else "may have broken the command"
        out.print(Text(f"{cause(event)}, {minute(event.instant)} UTC, {said}", "bold red"))
        for line in lines(event):
            out.print(Text(f"  {line}"))
