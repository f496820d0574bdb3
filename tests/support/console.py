"""Read the commands in the fenced blocks `console` of a Markdown page, and the output that the page shows for them."""

import re
import textwrap
from dataclasses import dataclass


@dataclass(frozen=True)
class Shown:
    """A command on a page, and the lines of output that the page shows."""

    command: str
    output: tuple[str, ...]


def fenced(text: str, kind: str) -> list[str]:
    """Return the contents of each fenced block of a kind, such as `console`, without the indentation of a list."""
    found = re.findall(rf"(?ms)^( *)```{kind}\n(.*?)^ *```$", text)
    return [textwrap.dedent(block) for _, block in found]


def blocks(text: str) -> list[list[Shown]]:
    """Return a list for each console block of a page, with the commands of the block and their output."""
    found = []
    for block in fenced(text, "console"):
        parts = re.findall(r"(?m)^\$ (.*)\n((?:(?!\$ ).*\n)*)", block)
        found.append([Shown(command, tuple(output.splitlines())) for command, output in parts])
    return found


def lines(text: str, *, exact: bool) -> list[str]:
    """Return the lines of a text in a form for comparison, without empty lines and with single spaces.

    Unless `exact` is set, 0 replaces each number.
    """
    found = (re.sub(r"─+", "─", re.sub(r" +", " ", line)).strip() for line in text.splitlines())
    return [line if exact else re.sub(r"\d+(?:[.,]\d+)*", "0", line) for line in found if line]


def missing_line(shown: Shown, printed: str, *, exact: bool) -> str | None:
    """Return the first line of the shown output that does not follow in `printed`; None if every line does.

    The page may leave out lines at the beginning of the output, at its end, and at each line `…`.
    """
    left = lines(printed, exact=exact)
    goes_on = True
    for line in lines("\n".join(shown.output), exact=exact):
        if line == "…":
            goes_on = True
        elif line not in (left if goes_on else left[:1]):
            return line
        else:
            left = left[left.index(line) + 1 :]
            goes_on = False
    return None
