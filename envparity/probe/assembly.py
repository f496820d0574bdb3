"""Assemble the probe: one program text, made of the sections of this package, that each door feeds to its Python.

Each section is a module that you can read, check and test alone. In the text all sections share one namespace: the
assembler leaves out the imports of one section from another, and the lines that only a type checker reads. So two
sections never define the same name, and a section comes after those whose names it needs while Python reads the text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SECTIONS = (
    *("text", "reading", "interpreter", "places", "distributions", "records", "normal", "bytecode", "elf"),
    *("files", "share", "libraries", "names", "programs", "toolchain", "behaviour", "main"),
)
_HEAD = '''\
"""Print what is installed in this Python's environment, as one JSON document on standard output.

Feed this program to any Python from 3.8 on, on standard input: `envparity probe | python -I -`. It needs only the
standard library, writes no file, imports nothing that is installed in the environment, and prints the same bytes for
the same environment. `envparity/schema/snapshot.schema.json` describes the document. The program reports each file
that it cannot read. It never guesses, follows no link to a folder, and opens no file outside the environment because
a RECORD names it.
"""

from __future__ import annotations

import sys

sys.dont_write_bytecode = True  # the probe never changes the environment
'''
# The text leaves out imports for type checkers, because importing `typing` takes longer than some of the sections.
_LEFT_OUT = re.compile(
    r"^from __future__ import annotations\n"
    r"|^from envparity\.probe\.\w+ import (?:\([^)]*\)|.*)\n"
    r"|^TYPE_CHECKING = False\nif TYPE_CHECKING:\n(?:    .*\n|\n(?=    ))+",
    re.MULTILINE,
)
_SETTINGS = 'SETTINGS = "{}"'


def section_path(name: str) -> Path:
    """Return the path of the file that holds a section."""
    return Path(__file__).with_name(f"{name}.py")


def section_text(name: str) -> str:
    """Return a section as it is in the assembled text; each line that is left out becomes an empty line."""
    text = section_path(name).read_text(encoding="utf-8")
    return _LEFT_OUT.sub(lambda found: "\n" * found[0].count("\n"), text)


@cache
def assembled() -> str:
    """Return the whole text, with default settings."""
    return re.sub(r"\n{4,}", "\n\n\n", "\n\n".join([_HEAD, *map(section_text, SECTIONS)]))


def probe_text(settings: Mapping[str, object] | None = None) -> str:
    """Return the program for a door. `snapshot` in `main.py` reads the `settings`, which must be JSON values."""
    if not settings:
        return assembled()
    return assembled().replace(_SETTINGS, f"SETTINGS = {json.dumps(json.dumps(settings))}")
