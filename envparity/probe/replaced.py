"""Finds out whether a virtual environment was made with another version of Python than it has now.

Each version of Python has its own site folder, so the Python that runs now imports nothing that was installed for the
other version. This module is a section of the probe, the program that reads an environment and prints its facts as
JSON.
"""

from __future__ import annotations

import os
import re

from envparity.probe.reading import names_in, read
from envparity.probe.text import SHOWN_AT_MOST, escaped, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from envparity.probe.places import Layout

# venv writes `version`; virtualenv and uv write `version_info`, and virtualenv adds words such as `final.0`.
MADE_FOR = re.compile(rb"(?mi)^\s*version(?:_info)?\s*=\s*(\d+\.\d+[^\s]*)")
LIBRARY = re.compile(r"(?:python|pypy)\d+\.\d+t?")


def made_for(layout: Layout) -> str | None:
    """Return the version of the Python that made a virtual environment, as pyvenv.cfg names it.

    Return None if the file does not have the version, or if this is no virtual environment.
    """
    try:
        found = MADE_FOR.search(read(os.path.join(layout.prefix, "pyvenv.cfg")))
    except OSError:
        return None
    return printable(found.group(1).decode("utf-8", "replace"))[:SHOWN_AT_MOST] if found and layout.venv else None


def other_sites(layout: Layout) -> list[str]:
    """Return the site folders in a virtual environment that have distributions for other versions of Python.

    The paths are relative to the environment's folder, for example `lib/python3.11/site-packages`.
    """
    own = {os.path.realpath(folder) for _, folder in layout.sites}
    found: dict[str, str] = {}
    for library in ("lib", "lib64") if layout.venv else ():
        for name in sorted(names_in(os.path.join(layout.prefix, library))):
            folder = os.path.join(layout.prefix, library, name, "site-packages")
            real = os.path.realpath(folder)
            installed = [one for one in names_in(folder) if one.endswith((".dist-info", ".egg-info", ".egg-link"))]
            if LIBRARY.fullmatch(name) and real not in own and installed:
                found.setdefault(real, f"{library}/{escaped(name)}/site-packages")
    return sorted(found.values())
