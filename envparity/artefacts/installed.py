"""Computes the files that an installer writes for a wheel: the path of each file, and the bytes that it may have.

The rules are those of the wheel format, as pip, uv and `installer` (which poetry and PDM use) apply them.
"""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from envparity.artefacts.artefact import Wheel
from envparity.probe.normal import INSTALLER_FILES, Normaliser
from envparity.snapshot.types import File, Snapshot

# Installers write these files into the metadata folder. PDM writes REFER_TO.
NOTES = frozenset((*INSTALLER_FILES, "REFER_TO"))
# These files sign RECORD, so RECORD cannot list them, and installers may leave them out.
_SIGNATURES = frozenset(("RECORD.jws", "RECORD.p7s"))
_FIRST_LINE = re.compile(rb"#!pythonw?([^\n]*\n?)")


@dataclass(frozen=True)
class Place:
    """One file that an installer makes from a wheel.

    `paths` are the paths at which the file may be, written as in the snapshot. `sha256` is the hash of its bytes
    in the wheel; None if the installer itself writes these bytes. `script` has the bytes of a script whose first line
    the installer rewrites. `starts` is the entry point of a script that the installer writes. `optional` is True if
    some installers leave the file out, or replace it.
    """

    paths: tuple[str, ...]
    sha256: str | None = None
    script: bytes | None = None
    starts: str | None = None
    optional: bool = False

    def allows(self, file: File, scripts: "Scripts") -> bool:
        """Return whether an installed file has bytes that an installer writes for this place."""
        if file.sha256 is not None and file.sha256 == self.sha256:
            return True
        if self.starts is not None and file.starts == self.starts:
            return True
        return self.script is not None and file.normal in scripts.rewritten(self.script)


class Scripts:
    """Computes the hashes that the scripts of wheels have after an installation in one environment."""

    def __init__(self, snapshot: Snapshot) -> None:
        prefix = snapshot.located.prefix
        self.normaliser = Normaliser([prefix], PurePosixPath(prefix).name)
        self._python = os.fsencode(f"#!{prefix}/bin/python")

    def rewritten(self, script: bytes) -> set[str]:
        """Return the hashes of the texts that installers make from a script of a wheel.

        As for the field `normal` in a snapshot, each hash is of a text without the environment's path. uv replaces only
        the word after `#!`. pip and `installer` replace the whole first line. Return an empty set if the first line of
        the script does not begin with `#!python`.
        """
        first = _FIRST_LINE.match(script)
        if first is None:
            return set()
        rest = script[first.end() :]
        found: set[str] = set()
        for text in (self._python + first[1] + rest, self._python + b"\n" + rest):
            entry: dict[str, str] = {}
            self.normaliser.note_text("scripts/script", entry, text)
            found.add(entry["normal"])
        return found


def places(wheel: Wheel, snapshot: Snapshot, site: str) -> Iterator[Place]:
    """Yield each file that an installer makes from a wheel; `site` is the site folder's name in the snapshot."""
    data = wheel.info.removesuffix(".dist-info") + ".data/"
    notes = {f"{wheel.info}/{name}" for name in NOTES}
    signatures = {f"{wheel.info}/{name}" for name in _SIGNATURES}
    prefix = f"{site}/"
    for path, sha256 in wheel.files.items():
        if path.startswith(data):
            yield from _data(wheel, path, path.removeprefix(data), snapshot, site)
        elif path not in notes:
            optional = path in signatures or (path.endswith(".pyc") and "/__pycache__/" in f"/{path}")
            yield Place((prefix + path,), sha256, optional=optional)
    for name, starts in wheel.commands.items():
        yield Place((f"scripts/{name}",), starts=starts, optional=name in wheel.extras)


def _data(wheel: Wheel, path: str, rest: str, snapshot: Snapshot, site: str) -> Iterator[Place]:
    scheme, _, name = rest.partition("/")
    sha256 = wheel.files[path]
    if scheme in ("purelib", "platlib"):
        others = [other for other in snapshot.located.sites if other != site]
        yield Place(tuple(f"{one}/{name}" for one in (site, *others)), sha256)
    elif scheme == "scripts":
        # An installer that makes a script for an entry point of this name leaves out this file.
        yield Place((f"scripts/{name}",), sha256, script=wheel.scripts.get(path), optional=name in wheel.commands)
    elif scheme == "headers":
        ends = (f"/{wheel.name}/{name}", f"/{wheel.info.partition('-')[0]}/{name}")
        found = [one for one in snapshot.files if one.startswith("data/include/") and one.endswith(ends)]
        series = snapshot.interpreter.series
        yield Place((*found, f"data/include/site/python{series}/{wheel.name}/{name}"), sha256)
    elif scheme == "data":
        yield Place(_below_prefix(name, snapshot.located.sites, snapshot.located.prefix), sha256)


def _below_prefix(name: str, sites: Mapping[str, str], prefix: str) -> tuple[str, ...]:
    """Return the paths that a file may have in the snapshot; `name` is its path below the environment's folder."""
    whole = f"{prefix.rstrip('/')}/{name}"
    inside = [f"{site}/{whole[len(folder) + 1 :]}" for site, folder in sites.items() if whole.startswith(f"{folder}/")]
    scripts = [f"scripts/{name.removeprefix('bin/')}"] if name.startswith("bin/") else []
    return (*inside, *scripts, f"data/{name}", f"prefix/{name}")


def is_alias(path: str, file: File, wheel: Wheel) -> bool:
    """Return whether a file is a script that starts one of the wheel's entry points under a name with a version.

    pip installs itself as pip, pip3 and pip3.11, and its wheel names only pip and pip3.
    """
    scheme, _, name = path.partition("/")
    if scheme != "scripts" or file.starts is None:
        return False
    stem = re.sub(r"[-\d.]+$", "", name)
    return any(file.starts == starts and re.sub(r"[-\d.]+$", "", one) == stem for one, starts in wheel.commands.items())
