"""Assembles the probe: the text of one program, which envparity sends to the Python behind each door.

A door is a command that starts the Python of an environment, for example `ssh host python`. Each section of the probe
is a module of this package that you can read, check and test alone. In the text all sections share one namespace: the
assembler leaves out the imports of one section from another, and the lines that only a type checker reads. So two
sections never define the same name. A section that uses a class or a constant of another section at import time comes
after the other section in SECTIONS.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

SECTIONS = (
    *("text", "reading", "root", "environment", "replaced", "interpreter", "places", "digests", "versions"),
    *("editables", "distributions", "records", "conda", "namespaces", "normal", "bytecode", "elf", "files", "forked"),
    *("share", "installation", "startup", "libraries", "names", "programs", "toolchain", "behaviour", "main"),
)
_HEAD = '''\
"""Print what is installed in this Python's environment, as one JSON document on standard output.

Feed this program to any Python from 3.8 on, on standard input: `envparity probe | python -I -S -`. It needs only the
standard library, writes no file, imports nothing that is installed in the environment, and prints the same bytes for
the same environment. `envparity/schema/snapshot.schema.json` describes the document. The program reports each file
that it cannot read. While it walks the environment, it follows no link to a folder. If a RECORD names a path outside
the environment, the program reports the path and does not open it.
"""

from __future__ import annotations

import sys

sys.dont_write_bytecode = True  # the probe never changes the environment
'''
# The lines that the text leaves out. They include the imports for type checkers, because an import of `typing` takes
# longer than some of the sections.
_LEFT_OUT = re.compile(
    r"^from __future__ import annotations\n"
    r"|^from envparity\.probe\.\w+ import (?:\([^)]*\)|.*)\n"
    r"|^TYPE_CHECKING = False\nif TYPE_CHECKING:\n(?:    .*\n|\n(?=    ))+",
    re.MULTILINE,
)
_SETTINGS = 'SETTINGS = "{}"'


def section_path(name: str) -> Path:
    """Return the path of the module that holds a section. `name` is one of SECTIONS."""
    return Path(__file__).with_name(f"{name}.py")


def section_text(name: str) -> str:
    """Return the text of a section, in which each line that the assembler leaves out has become an empty line."""
    text = section_path(name).read_text(encoding="utf-8")
    return _LEFT_OUT.sub(lambda found: "\n" * found[0].count("\n"), text)


@cache
def assembled() -> str:
    """Return the text of the whole program, without settings for a run."""
    return re.sub(r"\n{4,}", "\n\n\n", "\n\n".join([_HEAD, *map(section_text, SECTIONS)]))


def probe_text(settings: Mapping[str, object] | None = None) -> str:
    """Return the text of the program with the settings for one run, for example `{"bytecode": True}`.

    `snapshot` in `main.py` describes the settings. Without `settings`, the program uses its defaults.
    """
    if not settings:
        return assembled()
    return assembled().replace(_SETTINGS, f"SETTINGS = {json.dumps(json.dumps(settings))}")
