"""The pictures docs/pictures/{first-ping,collision,four-doors}.svg: recorded commands as a terminal shows them."""

import re
from io import StringIO
from itertools import groupby

from rich.console import Console
from rich.padding import Padding
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from dev.evidence.runs import FOLDER
from dev.evidence.terminal import Printed, read_terminal
from dev.lockenv.project import Project

_COLUMNS = {"first-ping": 72, "collision": 104, "four-doors": 104}
"""Maps the name of each picture to the width of its terminal."""
_LEFT_OUT = {
    # The README of envparity shows the same commands. The picture leaves out lines that repeat information.
    "collision": re.compile(
        r"checking |Checked |Installed |equal |$| door | \.venv | ─|note |  the package|`envparity|      site/"
        r"|Traceback|  File"
    ),
    "four-doors": re.compile(r"equal  (?!the same)|note |  \[|devcontainer also|$"),
}
"""Maps a picture's name to a pattern; the picture leaves out each line whose beginning matches the pattern."""
_TITLES = {
    "first-ping": "the first ping",
    "collision": "a collision of two packages, found and fixed",
    "four-doors": "four environments, compared from outside",
}
# The eight normal and the eight bright colours of a dark terminal, from black to white.
_NORMAL = ["3c4046", "f0938a", "7fc796", "dcb866", "8fb7ea", "c8a0e6", "78cdd7", "dededc"]
_BRIGHT = ["969aa2", "ffa59c", "96dcac", "f0cd7d", "a5c8f5", "d7b4f0", "91dce6", "ffffff"]
# Rich's own format loads fonts from a server. This format uses only fonts of the reader's machine.
_FORMAT = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre; }}
.{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: system-ui, sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def render(_project: Project, name: str) -> str:
    """Return the picture `name` as SVG. Raises CommandError if the recording cannot be read."""
    console = Console(record=True, width=_COLUMNS[name], file=StringIO(), force_terminal=True, color_system="truecolor")
    for line in shown(name, read_terminal(FOLDER / "terminal.json")[name]):
        indent = len(line.plain) - len(line.plain.lstrip())
        console.print(Padding(line[indent:], (0, 0, 0, indent), expand=False) if line.plain.strip() else "")
    theme = TerminalTheme((24, 27, 31), (222, 222, 220), list(map(_rgb, _NORMAL)), list(map(_rgb, _BRIGHT)))
    made = console.export_svg(title=_TITLES[name], theme=theme, code_format=_FORMAT, unique_id=name)
    return "".join(f"{line.rstrip()}\n" for line in made.splitlines())


def _rgb(color: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(color)
    return red, green, blue


def shown(name: str, recording: tuple[Printed, ...]) -> list[Text]:
    """Return the lines of a picture: each command after a prompt, and the lines that it printed.

    One line `…` replaces a group of lines that the picture leaves out. If all of them are empty, one empty line
    replaces them.
    """
    left_out = _LEFT_OUT.get(name)
    lines: list[Text] = []
    for printed in recording:
        lines.append(Text.assemble(("$ ", "bright_black"), (printed.command, "bold")))
        texts = [Text.from_ansi(line) for line in printed.lines]
        for skipped, group in groupby(texts, lambda text: bool(left_out and left_out.match(text.plain))):
            these = list(group)
            blank = not any(text.plain.strip() for text in these)
            lines += [Text("" if blank else "…", "bright_black")] if skipped else these
    return lines
