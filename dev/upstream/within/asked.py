"""Compare the requirements of a py-libp2p checkout with the pins of the locks, and print each difference as a line.

The build of the image runs this module in the environment `.venv-tools`, because the module needs `packaging`.
"""

import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from dev.command.errors import CommandError
from dev.lockenv.lockfile import Lock, read_lock
from dev.lockenv.project import Project, this_project

RELOCK = "interop/transport/relock"
"""The path of the command that locks again, relative to the root of the checkout."""


@dataclass(frozen=True)
class Unmet:
    """A requirement of the checkout that a lock does not satisfy. `str()` gives the line that people read.

    `wanted` is the requirement, for example `trio>=0.30`. `found` is, for example, `trio 0.26.0`, or None if the lock
    has no such distribution. `builds` is True for a requirement of the library's build.
    """

    wanted: str
    found: str | None
    builds: bool = False

    def __str__(self) -> str:
        """Return the difference as one line."""
        lock = "locks/build.txt" if self.builds else "the lock"
        asks = "the build of the checkout" if self.builds else "the checkout"
        return f"{asks} asks for {self.wanted}, and {lock} holds {self.found or 'no such distribution'}"


def read_pyproject(checkout: Path) -> Mapping[str, Any]:
    """Return the content of a checkout's pyproject.toml.

    Raises CommandError if the file is missing or is not TOML, or if it does not list the requirements of the library.
    """
    path = checkout / "pyproject.toml"
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CommandError(f"{path}: expected the pyproject.toml of py-libp2p, found: {error}") from error
    own = table.get("project")
    if not isinstance(own, dict) or not isinstance(own.get("dependencies"), list):
        raise CommandError(f"{path}: expected the requirements of libp2p in [project] dependencies, found none")
    return table


def unmet(pyproject: Mapping[str, Any], extras: Sequence[str], lock: Lock, build_lock: Lock) -> list[Unmet]:
    """Return the requirements that the locks do not satisfy: first those of the library, then those of its build.

    `extras` are the extras of libp2p whose requirements count too. `build_lock` has the pins of the build requirements.
    Requirements for another system or another Python do not count. Raises CommandError if a requirement cannot be read.
    """
    runs = (_missing(one, lock, builds=False) for one in _asked(pyproject["project"], extras))
    built = (_missing(one, build_lock, builds=True) for one in requirements_of_build(pyproject))
    return [one for one in (*runs, *built) if one is not None]


def requirements_of_build(pyproject: Mapping[str, Any]) -> list[Requirement]:
    """Return the build requirements in `pyproject`, or setuptools if `pyproject` names no build requirements.

    Requirements for another system or another Python are left out. Raises CommandError if a requirement cannot be read.
    """
    found = pyproject.get("build-system", {}).get("requires", ["setuptools"])
    return [one for one in map(_parsed, found) if one.marker is None or one.marker.evaluate()]


def check_python(pyproject: Mapping[str, Any], series: str) -> None:
    """Raise CommandError if the checkout does not support the Python of the image, or has an invalid requires-python.

    `series` is, for example, `3.11`.
    """
    wanted = pyproject["project"].get("requires-python", "")
    try:
        specifiers = SpecifierSet(str(wanted))
    except InvalidSpecifier as error:
        raise CommandError(f"pyproject.toml: expected versions in requires-python, found {wanted!r}") from error
    # A lower bound such as >=3.11.4 fits a later Python of the series.
    if not any(specifiers.contains(f"{series}.{patch}") for patch in range(100)):
        raise CommandError(
            f"pyproject.toml: expected a py-libp2p that runs with Python {series}, found requires-python {wanted!r}"
        )


def _asked(own: Mapping[str, Any], extras: Sequence[str]) -> Iterator[Requirement]:
    groups: dict[str, Any] = {
        canonicalize_name(name): those for name, those in own.get("optional-dependencies", {}).items()
    }
    seen: set[str] = set()
    waiting: list[str] = ["", *(canonicalize_name(one) for one in extras)]
    for extra in waiting:  # the loop appends to this list, because an extra can consist of other extras
        if extra in seen:
            continue
        seen.add(extra)
        for one in map(_parsed, groups.get(extra, ()) if extra else own["dependencies"]):
            if one.marker is not None and not one.marker.evaluate({"extra": extra}):
                continue
            if canonicalize_name(one.name) == canonicalize_name(own["name"]):
                waiting += [canonicalize_name(name) for name in sorted(one.extras)]
            else:
                yield one


def _parsed(text: str) -> Requirement:
    try:
        return Requirement(text)
    except (InvalidRequirement, TypeError) as error:  # TypeError if it is not a text
        raise CommandError(f"pyproject.toml: expected requirements, found {text!r}") from error


def _missing(one: Requirement, lock: Lock, *, builds: bool) -> Unmet | None:
    pin = lock.pins.get(canonicalize_name(one.name))
    if pin is not None and one.url is None and one.specifier.contains(pin.version, prereleases=True):
        return None
    one.marker = None  # the marker is true here, and would make the printed line longer
    return Unmet(str(one), f"{pin.name} {pin.version}" if pin else None, builds)


def extras_of(project: Project, track: str) -> list[str]:
    """Return the extras of libp2p that the group of a track asks for, for example `webrtc`."""
    table = tomllib.loads((project.root / "pyproject.toml").read_text(encoding="utf-8"))
    every = map(_parsed, table["dependency-groups"][track])
    return sorted({extra for one in every if canonicalize_name(one.name) == "libp2p" for extra in one.extras})


def main(checkout: Path, report: Path) -> int:
    """Print each difference on standard error and write the lines to `report`; return the exit status.

    The status is 3 if a file or a requirement cannot be read, if the checkout does not support the Python of the image,
    or if the library cannot be built with the locks. Otherwise it is 0, even if there are differences.
    """
    project = this_project()
    track = project.default_track
    try:
        pyproject = read_pyproject(checkout)
        check_python(pyproject, project.toolchain.python_series)
        lock, build_lock = read_lock(project.lock(track)), read_lock(project.lock("build"))
        found = unmet(pyproject, extras_of(project, track), lock, build_lock)
    except CommandError as error:
        print(f"interop/transport: {error}", file=sys.stderr)
        return error.status
    for one in found:
        print(f"interop/transport: {one}", file=sys.stderr)
    report.write_text("".join(f"{one}\n" for one in found), encoding="utf-8")
    if any(one.builds for one in found):
        print(
            f"interop/transport: expected to build the library with the locks; lock again with: {RELOCK}",
            file=sys.stderr,
        )
        return CommandError.status
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
