"""Finds the line at which a lock names each distribution, so that a report can point at this line.

A parser of TOML or JSON drops the numbers of the lines. So this module reads the text of a lock again.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from packaging.utils import canonicalize_name

from envparity.project.locks.document import PACKAGE
from envparity.project.locks.lock import LockFile, Place, same_version

_HEADING = re.compile(r"^[ \t]*\[", re.MULTILINE)
_FIELD = r"""^[ \t]*["']?{}["']?[ \t]*=[ \t]*(["'])(.*?)\1"""
_NAME = re.compile(_FIELD.format("name"), re.MULTILINE)
_VERSION = re.compile(_FIELD.format("version"), re.MULTILINE)
_INLINE = re.compile(r"""\bname["']?[ \t]*=[ \t]*(["'])(.*?)\1""")
_KEY = re.compile(r'"([\w.-]+)"\s*:\s*\{')
_MEMBER = re.compile(r'"name"\s*:\s*"([\w.-]+)"')


def places_in_tables(file: LockFile) -> Iterator[Place]:
    """Yield the line `name = …` of each `[[package]]` or `[[packages]]` table of a TOML lock.

    A lock that writes its packages as inline tables has no such headings. For such a lock, yield every `name = …`.
    """
    found = False
    for heading in PACKAGE.finditer(file.text):
        found = True
        following = _HEADING.search(file.text, heading.end())
        end = following.start() if following else len(file.text)
        name = _NAME.search(file.text, heading.end(), end)
        version = _VERSION.search(file.text, heading.end(), end)
        if name is not None:
            yield _place(file, name[2], version[2] if version else None, name.start(2))
    if not found:
        yield from (_place(file, one[2], None, one.start(2)) for one in _INLINE.finditer(file.text))


def places_of_keys(file: LockFile) -> Iterator[Place]:
    """Yield the line of each key whose value is an object, in a JSON lock such as Pipfile.lock."""
    yield from (_place(file, one[1], None, one.start(1)) for one in _KEY.finditer(file.text))


def places_of_names(file: LockFile) -> Iterator[Place]:
    """Yield the line of each `"name": …` of a JSON lock, as in the output of `pip inspect`."""
    yield from (_place(file, one[1], None, one.start(1)) for one in _MEMBER.finditer(file.text))


def _place(file: LockFile, name: str, version: str | None, start: int) -> Place:
    return Place(str(canonicalize_name(name)), version, file.path, file.text.count("\n", 0, start) + 1)


def best_place(places: Iterable[Place], name: str, version: str | None) -> Place | None:
    """Return the place of the distribution `name`: the first place that pins `version`, or else the first place.

    Return None if the lock does not name the distribution.
    """
    there = [one for one in places if one.name == name]
    exact = (one for one in there if version is not None and same_version(one.version, version))
    return next(exact, there[0] if there else None)


def shown_path(path: Path) -> str:
    """Return a path as CI services want it: relative to the root of the repository, with `/` between the names.

    Outside a repository, the path is relative to the current folder. If the file is not in the current folder either,
    return only the name of the file.
    """
    absolute = Path(os.path.normpath(path.absolute()))
    roots: Sequence[Path] = [one for one in absolute.parents if (one / ".git").exists()]
    for root in (*roots[:1], Path.cwd()):
        if absolute.is_relative_to(root):
            return absolute.relative_to(root).as_posix()
    return absolute.name
