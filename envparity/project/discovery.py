"""Finds the environment and the lock of a project whose settings do not name them."""

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from packaging.utils import canonicalize_name

from envparity.errors import EnvparityError
from envparity.project.elsewhere import chosen_by_pdm, kept_elsewhere, named_in
from envparity.text import visible

if TYPE_CHECKING:  # not at run time: most commands never need this module
    from envparity.project.locks.lock import Lock

ENVIRONMENTS = (".venv", "venv", "env")
"""The names of an environment's folder in a project; earlier names are chosen first."""
LOCKS = ("uv.lock", "poetry.lock", "pdm.lock", "Pipfile.lock", "pylock.toml", "requirements.txt")
"""The names of a lock in a project; earlier names are chosen first."""
OTHERS = ("pylock.*.toml", "requirements*.txt", "*requirements.txt", "requirements*.lock", "requirements/*.txt")
"""Patterns of further names, for folders without one of `LOCKS`. Such a lock must list every distribution."""
_INSTALLERS = {"pip", "setuptools", "uv", "wheel"}
_NAME_ENDS = re.compile(r"[^\w.-]", re.ASCII)  # the first character after the name in a requirement
_MARKS = ("pyvenv.cfg", "conda-meta")  # each environment has this file or this folder


@dataclass(frozen=True)
class Found:
    """The path of an environment's folder or of a lock, and why envparity chose it."""

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

    The active environment is the first choice. The second choice is the environment that `_in_folder` finds in the
    nearest folder, from `start` upwards. The last choice is the base environment of conda, which is usually active
    without a person's choice. `variables` are the environment variables. `own` is the environment of envparity itself.
    Often this environment was made only for envparity: pre-commit, pipx and uvx make it outside the project, and a
    person may make it in the project. So `own` counts as active only if it is in the project and has distributions that
    envparity does not need. Raise EnvparityError if no environment is found.
    """
    folders = tuple(_project_folders(start))
    active = [
        Found(path, f"active: {name}")
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX")
        if _is_environment(path := Path(variables.get(name) or "/nonexistent"))
        and (not _same(path, own) or (path.parent in folders and not _has_only_envparity(own)))
    ]
    is_base = variables.get("CONDA_DEFAULT_ENV") in ("base", "root")
    for found in active:
        if not (is_base and found.why.endswith("CONDA_PREFIX")):
            return found
    for folder in folders:
        if (nearest := _in_folder(folder, variables)) is not None:
            return nearest
    if active:
        return active[0]
    raise EnvparityError(
        f"environment: expected an active environment, or {', '.join(ENVIRONMENTS)} in {visible(str(start))} or above, "
        "found none; make one, for example with `uv sync`, or name its folder: `envparity check FOLDER`"
    )


def _in_folder(folder: Path, variables: Mapping[str, str]) -> Found | None:
    """Return the environment of the project in `folder`; None if envparity finds no environment for this folder.

    The first of these is chosen: the environment that UV_PROJECT_ENVIRONMENT names; the environment that `pdm use`
    chose, if the folder has a pdm.lock; a folder whose name is in `ENVIRONMENTS`, or the environment that a file with
    such a name mentions; the environment that pdm, poetry or pipenv keeps elsewhere for this project.
    """
    chosen = variables.get("UV_PROJECT_ENVIRONMENT")
    if chosen and _is_environment(folder / chosen):
        return Found(folder / chosen, "UV_PROJECT_ENVIRONMENT names it")
    by_pdm = chosen_by_pdm(folder) if (folder / "pdm.lock").is_file() else None
    if by_pdm is not None and _is_environment(by_pdm):
        return Found(by_pdm, "the environment that pdm keeps for this project")
    for name in ENVIRONMENTS:
        path = folder / name
        if _is_environment(path):
            return Found(path, "the nearest environment")
        named = named_in(path, variables)
        if named is not None and _is_environment(named):
            return Found(named, f"the file {name} names it")
    for tool, path in kept_elsewhere(folder, variables):
        if _is_environment(path):
            return Found(path, f"the environment that {tool} keeps for this project")
    return None


def find_lock(start: Path) -> Found | None:
    """Return the nearest lock, in the folder `start` or above it in the project; None if the project has no lock.

    In one folder, envparity chooses the first file that `LOCKS` names, or else a file that a plugin names. If the
    folder has no such file, envparity chooses the one lock whose name matches `OTHERS`. If the folder has a
    requirements.txt that is no lock, only a match with `lock` in its name counts. A requirements file is a lock only if
    it pins every version. Raise EnvparityError if several locks of a folder match `OTHERS`, because any of them may be
    the lock of the environment. Raise EnvparityError, too, if a requirements.txt cannot be read or a plugin is broken.
    """
    from envparity.project.locks.further import further_formats

    of_plugins = [name for one in further_formats() for name in one.names]
    for folder in _project_folders(start):
        there = [name for name in (*LOCKS, *of_plugins) if (folder / name).is_file()]
        locks = [name for name in there if name != "requirements.txt" or _pins(folder / name) is not None]
        if locks:
            others = f", before {', '.join(locks[1:])}" if locks[1:] else ""
            if locks[0] == "requirements.txt" and (besides := _others_in(folder)):
                others += f", without {_names(besides, folder)}"  # an environment may be made from several files
            return Found(folder / locks[0], f"the nearest lock{others}")
        # Next to a list of requirements, only a file with a name such as requirements.lock is certainly a lock.
        further = [path for path in _others_in(folder) if (not there or "lock" in path.name) and _is_whole(path)]
        if len(further) == 1:
            return Found(further[0], "the only lock here")
        if further:
            raise EnvparityError(
                f"lock: expected one lock in {visible(str(folder))}, found {_names(further, folder)}; name the lock "
                "that the environment was made from: --lock FILE, or use --no-lock"
            )
    return None


def _others_in(folder: Path) -> list[Path]:
    """Return the files whose paths below `folder` match `OTHERS`, except files of `folder` that `LOCKS` names."""
    found = {path for name in OTHERS for path in folder.glob(name) if path.name not in LOCKS or path.parent != folder}
    return sorted(path for path in found if path.is_file())


def _names(paths: list[Path], folder: Path) -> str:
    return ", ".join(visible(os.path.relpath(path, folder)) for path in paths)


def _pins(path: Path) -> "Lock | None":
    """Return the lock in a file; None if the file is a requirements file that does not pin every version."""
    from envparity.project.locks import read_lock
    from envparity.project.locks.requirements import NotPinnedError

    try:
        return read_lock(path)
    except NotPinnedError:
        return None


def _is_whole(path: Path) -> bool:
    try:
        lock = _pins(path)
    except EnvparityError:
        return False
    return lock is not None and lock.whole


def _project_folders(start: Path) -> Iterator[Path]:
    """Yield `start` and the folders above it. Stop after the root of the repository, and before the home folder.

    If `start` is the home folder, yield only the home folder.
    """
    home = Path.home() if os.environ.get("HOME") else None
    for folder in (start, *start.parents):
        if folder == home and folder != start:
            return
        yield folder
        if folder == home or (folder / ".git").exists():
            return


def _is_environment(path: Path) -> bool:
    return any((path / mark).exists() for mark in _MARKS)


def _has_only_envparity(environment: Path) -> bool:
    """Return whether an environment has only envparity, the distributions that it requires, and `_INSTALLERS`."""
    from importlib.metadata import distributions

    sites = [str(one) for one in environment.glob("lib/python*/site-packages")]
    installed = {canonicalize_name(one.name): one for one in distributions(path=sites)}
    needed: set[str] = set()
    new = [name for name in installed if name == "envparity"]
    while new:
        needed.update(new)
        asked = {_NAME_ENDS.split(text)[0] for name in new for text in installed[name].requires or ()}
        new = [name for name in map(canonicalize_name, asked) if name in installed and name not in needed]
    return "envparity" in needed and needed | _INSTALLERS >= installed.keys()


def _same(one: Path, other: Path) -> bool:
    return one.resolve() == other.resolve()
