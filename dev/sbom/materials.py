"""The materials of an environment: its distributions, as described by their own metadata."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import PurePosixPath

from packaging.markers import default_environment
from packaging.utils import canonicalize_name

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.sbom.licence import Licence, read_licence

_LICENCE_FILES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE")


@dataclass(frozen=True)
class Material:
    """One installed distribution.

    `source` is the URL of the commit, folder or file that the distribution was installed from, or None if an index
    provided it.
    """

    name: str
    version: str
    licence: Licence
    summary: str
    requires: tuple[str, ...]
    files: tuple[str, ...]
    """The licence files, as paths relative to the distribution's metadata folder."""
    source: str | None = None

    @property
    def key(self) -> str:
        """Return the canonical name, which locks also use."""
        return canonicalize_name(self.name)


@dataclass(frozen=True)
class Materials:
    """The materials of one environment, by canonical name. `python` is its minor version of Python, such as 3.11."""

    by_name: Mapping[str, Material]
    python: str

    @cached_property
    def marker_environment(self) -> dict[str, str]:
        """Return the values with which requirement markers are evaluated.

        These are the values of the running interpreter, except for the version of Python. If the environment has
        another minor version, the patch version is not known, and 0 is assumed.
        """
        values = {name: str(value) for name, value in default_environment().items()}
        if values["python_version"] != self.python:
            values |= {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        return values

    def __iter__(self) -> Iterator[Material]:
        return iter(self.by_name.values())


def make_materials(project: Project) -> dict[str, Materials]:
    """Make the environment of each track that uses a release of py-libp2p; return a dict from track to materials.

    The dict has no track that uses a commit of py-libp2p, because its environment needs a git host. It also has no
    track that shares the lock of another track. Raises CommandError if an environment cannot be made.
    """
    maker = EnvironmentMaker(project)
    for track in project.released_tracks:
        maker.track(track)
    return {track: read_materials(project, track) for track in project.released_tracks}


def read_materials(project: Project, track: str) -> Materials:
    """Return the materials of a track's environment. Raises CommandError if the environment is missing."""
    folder = project.environment(track)
    site = next(iter(folder.glob("lib/python3.*/site-packages")), None)
    if site is None:
        raise CommandError(
            f"{folder}: expected the environment of the track, found none; make it with: scripts/ping --track {track}"
        )
    found = sorted((_material(one) for one in distributions(path=[str(site)])), key=lambda material: material.key)
    return Materials({material.key: material for material in found}, site.parent.name.removeprefix("python"))


def _material(one: Distribution) -> Material:
    metadata = one.metadata
    summaries = metadata.get_all("Summary") or [""]
    return Material(
        metadata["Name"],
        one.version,
        read_licence(metadata),
        summaries[0],
        tuple(one.requires or ()),
        tuple(sorted(_licence_files(one))),
        _source(one),
    )


def _licence_files(one: Distribution) -> Iterator[str]:
    for file in one.files or ():
        path = PurePosixPath(file)
        if len(path.parts) > 1 and path.parts[0].endswith(".dist-info"):
            within = PurePosixPath(*path.parts[1:])
            if within.parts[0] == "licenses" or within.name.upper().startswith(_LICENCE_FILES):
                yield str(within)


def _source(one: Distribution) -> str | None:
    text = one.read_text("direct_url.json")
    if text is None:
        return None
    told = json.loads(text)
    commit = told.get("vcs_info", {}).get("commit_id")
    return f"{told['vcs_info']['vcs']}+{told['url']}@{commit}" if commit else str(told["url"])
