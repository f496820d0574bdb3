"""Reads pylock.toml, the standard format of locks (PEP 751)."""

import logging
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from packaging.utils import parse_sdist_filename, parse_wheel_filename

from envparity.errors import EnvparityError
from envparity.project.locks.document import PACKAGE, commit_url, pinned, read_toml_lock
from envparity.project.locks.lock import LockFile, LockFormat, Markers, Pin, Select
from envparity.project.locks.places import places_in_tables
from envparity.text import visible

if TYPE_CHECKING:  # `_read` imports the module at run time, because packaging before 26 lacks it
    from packaging.pylock import Package

_NAME = re.compile(r"pylock(\.[^.]+)?\.toml")
_MAKER = re.compile(r"""^created-by\s*=\s*['"]([\w.-]+)['"]""", re.MULTILINE)


def _read(file: LockFile) -> Select:
    try:
        from packaging.pylock import Pylock, PylockValidationError
    except ImportError as error:
        raise EnvparityError(
            f"{file.origin}: expected packaging 26 or later to read a pylock, found an older version; run `pip install "
            "'packaging>=26'`"
        ) from error
    document = read_toml_lock(file)
    # Without a handler, Python prints packaging's warning about a lock with a newer minor version of the format.
    logging.getLogger("packaging.pylock").addHandler(logging.NullHandler())
    try:
        lock = Pylock.from_dict(document)
    except (PylockValidationError, ValueError, TypeError, RecursionError) as error:
        said = visible(re.sub(r"\n[^\n]*\n\s*[\^~]+", "", str(error)))[:300]
        raise EnvparityError(f"{file.origin}{_line(file, said)}: expected a valid pylock, found: {said}") from error
    every = [*(lock.dependency_groups or ()), *(lock.default_groups or ())]
    # `pdm install` installs every dependency group, although the field default-groups of its pylock does not name them.
    default = every if lock.created_by == "pdm" else lock.default_groups or ()
    groups = frozenset(file.choice.of_groups(every, default, file.origin, always=("default",)))
    extras = frozenset(file.choice.of_extras(lock.extras or (), file.origin))

    def select(environment: Markers) -> Iterator[Pin]:
        variables = {**environment, "extras": extras, "dependency_groups": groups}
        for package in lock.packages:
            if package.marker is None or package.marker.evaluate(variables, context="lock_file"):  # type: ignore[arg-type]
                yield _pin(package, file.origin)

    return select


def _line(file: LockFile, said: str) -> str:
    """Return `, line N` for the package that an error names, such as `packages[3].name`.

    `said` is the error of the library packaging. Return `, line 1` if the error names no package.
    """
    found = re.search(r"\bpackages\[(\d+)\]", said)
    starts = [one.start() for one in PACKAGE.finditer(file.text)]
    if found is None or int(found[1]) >= len(starts):
        return ", line 1"
    return f", line {file.text.count(chr(10), 0, starts[int(found[1])]) + 1}"


def _pin(package: "Package", origin: str) -> Pin:
    where = f"{origin}: {package.name}"
    version = str(package.version) if package.version is not None else None
    if package.directory is not None:
        return pinned(package.name, None, where, local=True)
    if package.vcs is not None:
        at = package.vcs.url or package.vcs.path or ""
        url = commit_url(package.vcs.type, at, package.vcs.commit_id, package.vcs.subdirectory)
        return pinned(package.name, None, where, url=url)
    if package.archive is not None:
        hashes = _hashes(package.archive.hashes)
        if package.archive.url is None:
            return pinned(package.name, version, where, hashes=hashes, local=True)
        return pinned(package.name, None, where, url=package.archive.url, hashes=hashes)
    files = [*(package.wheels or ()), *([package.sdist] if package.sdist else ())]
    hashes = frozenset(one for file in files for one in _hashes(file.hashes))
    if version is None:
        version = _version_in_names(package)
    return pinned(package.name, version, where, hashes=hashes)


def _version_in_names(package: "Package") -> str | None:
    """Return the version in the file name of a wheel, or else of the sdist; None if the package has neither."""
    if package.wheels:
        return str(parse_wheel_filename(package.wheels[0].filename)[1])
    return str(parse_sdist_filename(package.sdist.filename)[1]) if package.sdist else None


def _hashes(hashes: object) -> frozenset[str]:
    return frozenset(f"{name}:{value}".lower() for name, value in dict(hashes).items())  # type: ignore[call-overload]


def _maker(text: str) -> str | None:
    found = _MAKER.search(text)
    return found[1] if found else None


FORMAT = LockFormat(
    "pylock.toml",
    lambda name, _: _NAME.fullmatch(name) is not None,
    _read,
    _maker,
    places=places_in_tables,
    may_lack_project=True,
)
