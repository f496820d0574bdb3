"""Finds the environments that pdm, poetry and pipenv keep for a project, often outside the project's folder."""

import base64
import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name

from envparity.project.locks.document import pyproject_beside, within

_POETRY_REPLACED = re.compile(r'[ $`!*@"\\\r\n\t]')


def kept_elsewhere(folder: Path, variables: Mapping[str, str]) -> Iterator[tuple[str, Path]]:
    """Yield the environments that tools keep for the project in `folder`: pairs of a tool and an environment's folder.

    `variables` are the environment variables. The environment's folder may not exist.
    """
    if chosen := chosen_by_pdm(folder):
        yield "pdm", chosen
    if (folder / "poetry.lock").is_file() or within(pyproject_beside(folder), "tool", "poetry") is not None:
        for path in _of_poetry(folder, variables):
            yield "poetry", path
    if (folder / "Pipfile").is_file():
        for path in _of_pipenv(folder, variables):
            yield "pipenv", path


def chosen_by_pdm(folder: Path) -> Path | None:
    """Return the environment of the Python that `pdm use` chose for a project; None if nobody chose one."""
    python = _line(folder / ".pdm-python")
    return Path(python).parent.parent if python else None


def named_in(file: Path, variables: Mapping[str, str]) -> Path | None:
    """Return the environment that the first line of a file such as `.venv` names; None without such a line.

    The line is a path, or the name of an environment in pipenv's folder.
    """
    name = _line(file)
    if not name:
        return None
    return file.parent / Path(name).expanduser() if "/" in name else _pipenv_folder(variables) / name


def _line(path: Path) -> str:
    """Return the first line of a file; an empty text if the file is missing, not UTF-8, or too large."""
    try:
        if not path.is_file() or path.stat().st_size > 10_000:
            return ""
        return path.read_text(encoding="utf-8").strip().partition("\n")[0].strip()
    except (OSError, ValueError):
        return ""


def _toml(path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as file:
            return tomllib.load(file)
    except (OSError, ValueError, RecursionError):
        return {}


def _of_poetry(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield poetry's environments for a project.

    The environment that `poetry env use` chose comes first. The other environments follow, the newest first. Poetry
    makes the name of an environment from the project's name and a hash of the path of the project's folder (in
    EnvManager.generate_env_name).
    """
    project = pyproject_beside(folder)
    name = within(project, "tool", "poetry", "name") or within(project, "project", "name")
    base = _poetry_folder(folder, variables)
    if not isinstance(name, str):
        return
    digest = hashlib.sha256(os.path.normcase(os.path.realpath(folder)).encode("utf-8", "surrogateescape")).digest()
    # Poetry takes the canonical name: My_Shop becomes my-shop.
    start = _POETRY_REPLACED.sub("_", canonicalize_name(name))[:42] + "-"
    start += base64.urlsafe_b64encode(digest).decode("ascii")[:8]
    chosen = f"{start}-py{within(_toml(base / 'envs.toml'), start, 'minor')}"
    try:
        found = [path for path in base.iterdir() if path.name == start or path.name.startswith(f"{start}-py")]
    except OSError:
        return
    yield from sorted(found, key=lambda path: (path.name == chosen, path.stat().st_mtime), reverse=True)


def _poetry_folder(folder: Path, variables: Mapping[str, str]) -> Path:
    """Return the folder in which Poetry keeps environments.

    An environment variable, the project's poetry.toml or the user's config.toml may name the folder.
    """
    from platformdirs import user_cache_path, user_config_path

    home = Path(variables.get("POETRY_CONFIG_DIR") or user_config_path("pypoetry"))
    settings = (_toml(folder / "poetry.toml"), _toml(home / "config.toml"))
    caches = (variables.get("POETRY_CACHE_DIR"), *(within(one, "cache-dir") for one in settings))
    cache = next((one for one in caches if isinstance(one, str) and one), str(user_cache_path("pypoetry")))
    places = (variables.get("POETRY_VIRTUALENVS_PATH"), *(within(one, "virtualenvs", "path") for one in settings))
    place = next((one for one in places if isinstance(one, str) and one), "{cache-dir}/virtualenvs")
    return folder / Path(place.replace("{cache-dir}", cache).replace("{project-dir}", str(folder))).expanduser()


def _pipenv_folder(variables: Mapping[str, str]) -> Path:
    from platformdirs import user_data_path

    home = variables.get("WORKON_HOME")
    return Path(home).expanduser() if home else user_data_path("virtualenvs")


def _of_pipenv(folder: Path, variables: Mapping[str, str]) -> Iterator[Path]:
    """Yield pipenv's environments for a project: each has a file `.project` with the project's folder in it."""
    try:
        candidates = sorted(_pipenv_folder(variables).iterdir())
    except OSError:
        return
    for path in candidates:
        project = _line(path / ".project")
        if project and Path(project).resolve() == folder.resolve():
            yield path
