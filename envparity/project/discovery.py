"""Finds the environment and the lock of a project that has no settings for envparity."""

import base64
import hashlib
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from envparity.errors import EnvparityError
from envparity.project.locks.document import pyproject_beside, within
from envparity.text import visible

ENVIRONMENTS = (".venv", "venv", "env")
"""The names of an environment's folder in a project, the first choice first."""
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")
"""The names of a lock in a project, the first choice first."""
_POETRY_REPLACED = re.compile(r'[ $`!*@"\\\r\n\t]')
_MARKS = ("pyvenv.cfg", "conda-meta")  # each environment has one of these


@dataclass(frozen=True)
class Found:
    """An environment's folder or a lock at `path`, and why envparity chose it."""

    path: Path
    why: str

    def shown(self, start: Path) -> str:
        """Return the path, relative to the folder `start` if that is shorter."""
        return min(os.path.relpath(self.path, start), str(self.path), key=len)

    def describe(self, start: Path) -> str:
        """Return the path as `shown` does, and the reason in brackets."""
        return f"{visible(self.shown(start))} ({self.why})"


def find_environment(start: Path, variables: Mapping[str, str], own: Path) -> Found:
    """Return the environment of the project that the folder `start` belongs to.

    The first of these is chosen: the active environment; the nearest folder of `ENVIRONMENTS`; the environment that
    pdm, poetry or pipenv keeps elsewhere for this project. `variables` are the environment variables. `own` is the
    environment that envparity runs in. It counts as active only if it lies in the project, because pre-commit, pipx and
    uvx make one for envparity alone. Raise EnvparityError if there is no environment.
    """
    folders = tuple(_project_folders(start))
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        path = Path(variables.get(name) or "/nonexistent")
        if _is_environment(path) and (not _same(path, own) or path.parent in folders):
            return Found(path, f"active: {name}")
    chosen = variables.get("UV_PROJECT_ENVIRONMENT")
    for folder in folders:
        for name in (*((chosen,) if chosen else ()), *ENVIRONMENTS):
            if _is_environment(folder / name):
                return Found(folder / name, "the nearest environment")
        for tool, path in _elsewhere(folder, variables):
            if _is_environment(path):
                return Found(path, f"the environment that {tool} keeps for this project")
    raise EnvparityError(
        f"environment: expected an active environment, or {', '.join(ENVIRONMENTS)} in {visible(str(start))} or above, "
        "found none; make one, for example with `uv sync`, or name its folder: `envparity check FOLDER`"
    )


def find_lock(start: Path) -> Found | None:
    """Return the nearest lock, in the folder `start` or above it in the project; None if the project has no lock.

    In one folder, the first name of `LOCKS` is chosen. A requirements.txt is a lock only if it pins every version.
    """
    for folder in _project_folders(start):
        there = [name for name in LOCKS if (folder / name).is_file() and _is_lock(folder / name)]
        if there:
            others = f", before {', '.join(there[1:])}" if there[1:] else ""
            return Found(folder / there[0], f"the nearest lock{others}")
    return None


def _is_lock(path: Path) -> bool:
    if path.suffix != ".txt":
        return True
    from envparity.project.locks import read_lock
    from envparity.project.locks.requirements import NotPinnedError

    try:
        read_lock(path)
    except NotPinnedError:
        return False
    return True


def _project_folders(start: Path) -> Iterator[Path]:
    """Yield a folder and the folders above it, up to the root of its repository or the person's home folder."""
    home = Path.home() if os.environ.get("HOME") else None
    for folder in (start, *start.parents):
        if folder == home and folder != start:
            return
        yield folder
        if (folder / ".git").exists():
            return


def _is_environment(path: Path) -> bool:
    return any((path / mark).exists() for mark in _MARKS)


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()


def _elsewhere(folder: Path, variables: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Yield each tool that has a project in this folder, and the folder of the tool's environment for the project."""
    try:
        python = (folder / ".pdm-python").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        python = ""
    if python:
        yield "pdm", Path(python).parent.parent
    if (folder / "poetry.lock").is_file() or within(pyproject_beside(folder), "tool", "poetry") is not None:
        for path in _poetry_environments(folder, variables):
            yield "poetry", path
    if (folder / "Pipfile").is_file():
        for path in _pipenv_environments(folder, variables):
            yield "pipenv", path


def _poetry_environments(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield poetry's environments for a project, the newest first.

    Poetry names an environment by the project's name and by a hash of its folder (EnvManager.generate_env_name).
    """
    from platformdirs import user_cache_path

    project = pyproject_beside(folder)
    name = within(project, "tool", "poetry", "name") or within(project, "project", "name")
    cache = variables.get("POETRY_CACHE_DIR")
    places = variables.get("POETRY_VIRTUALENVS_PATH")
    base = Path(places) if places else (Path(cache) if cache else user_cache_path("pypoetry")) / "virtualenvs"
    if not isinstance(name, str):
        return
    digest = hashlib.sha256(os.path.normcase(os.path.realpath(folder)).encode("utf-8", "surrogateescape")).digest()
    start = _POETRY_REPLACED.sub("_", name.lower())[:42] + "-"
    start += base64.urlsafe_b64encode(digest).decode("ascii")[:8]
    try:
        found = [path for path in base.iterdir() if path.name == start or path.name.startswith(f"{start}-py")]
    except OSError:
        return
    yield from sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)


def _pipenv_environments(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield pipenv's environments for a project: each has a file `.project` with the project's folder in it."""
    from platformdirs import user_data_path

    home = variables.get("WORKON_HOME")
    base = Path(home).expanduser() if home else user_data_path("virtualenvs")
    try:
        candidates = sorted(base.iterdir())
    except OSError:
        return
    for path in candidates:
        try:
            project = (path / ".project").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            continue
        if project and _same(Path(project), folder):
            yield path
