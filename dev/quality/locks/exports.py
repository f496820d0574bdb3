"""Asks the tool of a lock for the lock's distributions, for the default groups or for all groups and extras."""

import json
import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from packaging.pylock import Package, PackageSdist, PackageWheel, Pylock, PylockSelectError, PylockValidationError
from packaging.specifiers import SpecifierSet

from dev.quality.locks.entry import Entry, entry
from dev.quality.locks.pdm_lock import entries_of, is_exported
from dev.quality.locks.pip_lines import rows_of_requirements
from dev.quality.locks.target import Target
from dev.quality.locks.toolbox import Toolbox, ToolError
from envparity.project.locks.poetry_constraint import allows

# pipenv adds this marker to each package of a section. The export of the section has the marker, but pip cannot read
# the marker.
_GROUP_CHOSEN = re.compile(r"""["'][\w.-]+["'] in dependency_groups""")

Answer = Callable[[Target], frozenset[Entry]]
"""Returns the distributions that a tool installs in a target environment; raises ToolError if the tool fails."""


@dataclass(frozen=True)
class Export:
    """The way to ask the tool of one lock format.

    `ask` takes a lock, whether every group and extra is wanted, and the tools. It returns a function that gives the
    distributions for each target environment. `python` returns the version specifier of a lock for Python, such as
    `>=3.9`; empty if the lock has none. `fits` takes this specifier and a version, and returns whether the specifier
    allows the version.
    """

    tool: str
    ask: Callable[[Path, bool, Toolbox], Answer]
    python: Callable[[Path], str] = lambda _lock: ""
    fits: Callable[[str, str], bool] = lambda wanted, version: SpecifierSet(wanted).contains(version)
    project: bool = False
    """Whether the tool's answer contains the project itself."""


def export_of(lock: Path) -> Export:
    """Return the way to ask the tool of a lock; a file with an unknown name counts as a requirements file."""
    if lock.name.startswith("pylock."):
        return _PYLOCK
    if lock.name.startswith("pdm."):
        return _PDM
    return _BY_NAME.get(lock.name, _REQUIREMENTS)


def _toml(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _project_python(lock: Path) -> str:
    wanted = _toml(lock.with_name("pyproject.toml")).get("project", {}).get("requires-python", "")
    return wanted if isinstance(wanted, str) else ""


def _uv(lock: Path, everything: bool, tools: Toolbox) -> Answer:
    words = ["--all-groups", "--all-extras"] if everything else []
    printed = tools.call("uv", "export", "-q", "--frozen", "--format", "pylock.toml", *words, folder=lock.parent)
    packages = Pylock.from_dict(tomllib.loads(printed)).packages
    return lambda target: frozenset(
        _entry(one) for one in packages if one.marker is None or one.marker.evaluate(dict(target.markers))
    )


def _poetry(lock: Path, everything: bool, tools: Toolbox) -> Answer:
    project = _toml(lock.with_name("pyproject.toml"))
    poetry = project.get("tool", {}).get("poetry", {})
    tables = poetry.get("group", {})
    names = {*tables, *project.get("dependency-groups", {}), *(["dev"] if "dev-dependencies" in poetry else [])}
    groups = sorted(name for name in names if not tables.get(name, {}).get("optional"))
    words = ["--all-groups", "--all-extras"] if everything else [f"--with={','.join(groups)}"] if groups else []
    with TemporaryDirectory() as folder:
        written = Path(folder) / "requirements.txt"
        tools.call("poetry", "export", "-o", written, *words, folder=lock.parent)
        return _of_lines(written, tools)


def _pdm(lock: Path, everything: bool, tools: Toolbox) -> Answer:
    if not is_exported(lock):
        return _pdm_resolved(lock, tools)
    words = ["-d", "-G", ":all"] if everything else []
    with _copied(lock, "pyproject.toml") as folder:
        written = folder / "requirements.txt"
        tools.call("pdm", "export", "-L", lock.name, "-o", written, *words, folder=folder)
        return _of_lines(written, tools)


def _pdm_resolved(lock: Path, tools: Toolbox) -> Answer:
    def answer(target: Target) -> frozenset[Entry]:
        with _copied(lock, "pyproject.toml") as folder:
            return entries_of(folder, lock.name, target, tools)

    return answer


def _pipenv(lock: Path, everything: bool, tools: Toolbox) -> Answer:
    sections = [name for name in json.loads(lock.read_text(encoding="utf-8")) if name not in ("_meta", "default")]
    words = ["--categories", " ".join(["default", *sections])] if everything else []
    with _copied(lock, "Pipfile") as folder:
        written = folder / "requirements.txt"
        printed = tools.call("pipenv", "requirements", "--hash", *words, folder=folder)
        written.write_text(_GROUP_CHOSEN.sub("python_version >= '0'", printed), encoding="utf-8")
        return _of_lines(written, tools)


@contextmanager
def _copied(lock: Path, other: str) -> Iterator[Path]:
    """Yield a temporary folder with copies of a lock and of the file `other` from the lock's folder.

    The tool gets the temporary folder, because some tools write into the folder of the lock.
    """
    with TemporaryDirectory() as folder:
        for path in (lock, lock.with_name(other)):
            if path.exists():
                shutil.copy(path, folder)
        yield Path(folder)


def _requirements(lock: Path, _everything: bool, tools: Toolbox) -> Answer:
    return _of_lines(lock, tools)


def _of_lines(path: Path, tools: Toolbox) -> Answer:
    """Return pip's answer for a requirements file.

    Without the file the answer is empty, because a tool may write no file if it has nothing to export. The answer
    raises ToolError if a row pins no version.
    """
    rows = tuple(rows_of_requirements(path, tools)) if path.exists() else ()

    def answer(target: Target) -> frozenset[Entry]:
        there = [row for row in rows if row.marker is None or row.marker.evaluate(dict(target.markers))]
        loose = next((row.entry.name for row in there if not row.pinned), None)
        if loose == "?":
            raise ToolError("the tool does not know the name of a project without a pyproject.toml")
        if loose is not None:
            raise ToolError(f"the file pins no version of {loose}")
        return frozenset(row.entry for row in there)

    return answer


def _pylock(lock: Path, everything: bool, _tools: Toolbox) -> Answer:
    try:
        pylock = Pylock.from_dict(_toml(lock))
    except (PylockValidationError, ValueError) as error:
        raise ToolError(f"packaging said: {error}") from error
    groups = [*(pylock.dependency_groups or ()), *(pylock.default_groups or ())]

    def answer(target: Target) -> frozenset[Entry]:
        chosen = {"extras": pylock.extras, "dependency_groups": groups} if everything else {}
        try:
            selected = list(pylock.select(environment=target.markers, tags=target.tags, **chosen))  # type: ignore[arg-type]
        except PylockSelectError as error:
            raise ToolError(f"packaging said: {error}") from error
        return frozenset(_entry(package) for package, _ in selected)

    return answer


def _entry(package: Package) -> Entry:
    """Return the entry of a package of a pylock."""
    files: list[PackageWheel | PackageSdist] = [*(package.wheels or ())]
    files += [package.sdist] if package.sdist else []
    hashes = frozenset(f"{name}:{value}" for one in files for name, value in one.hashes.items())
    version = str(package.version) if package.version else None
    if package.vcs is not None:
        folder = f"#subdirectory={package.vcs.subdirectory}" if package.vcs.subdirectory else ""
        url = f"{package.vcs.type}+{package.vcs.url or package.vcs.path}@{package.vcs.commit_id}{folder}"
        return entry(package.name, url=url)
    if package.archive is not None:
        hashes = frozenset(f"{name}:{value}" for name, value in package.archive.hashes.items())
        local = package.archive.url is None
        return entry(package.name, url=package.archive.url, local=local, hashes=hashes)
    return entry(package.name, version=version, local=package.directory is not None, hashes=hashes)


_REQUIREMENTS = Export("pip", _requirements)
_PDM = Export("pdm", _pdm, _project_python)
_PYLOCK = Export("packaging", _pylock, lambda lock: str(_toml(lock).get("requires-python", "")))
_BY_NAME = {
    "uv.lock": Export("uv", _uv, lambda lock: str(_toml(lock).get("requires-python", "")), project=True),
    "poetry.lock": Export(
        "poetry", _poetry, lambda lock: str(_toml(lock).get("metadata", {}).get("python-versions", "")), allows
    ),
    "Pipfile.lock": Export("pipenv", _pipenv),
}
