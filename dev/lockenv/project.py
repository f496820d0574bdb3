"""The facts about the project: its folder, its tracks, and the path of each environment and lock.

A track is one pinned version of libp2p on one Python, such as v0.4, with its own environment. A devcontainer and
`nix develop` share the checkout with the host. So each of the two keeps its environments in a separate folder, which
the variable LOCKENV_HOME names.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.settings import Settings, read_settings
from dev.lockenv.toolchain import Toolchain, read_toolchain


@dataclass(frozen=True)
class Project:
    """One checkout. Every path is absolute."""

    root: Path
    home: Path
    """The folder of environments and caches: the checkout itself, or the folder that LOCKENV_HOME names."""
    tracks: tuple[str, ...]
    default_track: str
    toolchain: Toolchain
    """The content of the toolchain file for the default track's Python; `toolchain_of` is for the other tracks."""
    git_libraries: dict[str, str]
    """A dict from each track that uses a commit of libp2p to the commit's address, `git+URL@COMMIT`."""
    pythons: Mapping[str, str] = field(default_factory=dict)
    """A dict from each track to its Python, for example `3.11`."""
    shared_locks: Mapping[str, str] = field(default_factory=dict)
    """A dict from each track without a separate lock to the track whose group and lock it shares."""
    name: str = "this project"
    """The name of the project in the comments of the locks."""
    groups: tuple[str, ...] = ()
    """The names of the dependency groups. Each group has a lock."""
    library_folder: str | None = None
    """The folder from which pyproject.toml takes libp2p; None if libp2p comes from a lock or from a git commit."""
    settings: Settings = field(default_factory=read_settings)

    @property
    def released_tracks(self) -> tuple[str, ...]:
        """Return the tracks that use a release of libp2p. Their environments need no git host.

        A track that shares the lock of another track is left out.
        """
        return tuple(track for track in self.locked_tracks if track not in self.git_libraries)

    @property
    def locked_tracks(self) -> tuple[str, ...]:
        """Return the tracks that have a separate lock."""
        return tuple(track for track in self.tracks if track not in self.shared_locks)

    def pythons_of(self, name: str) -> tuple[str, ...]:
        """Return the Pythons, for example `3.11`, of the tracks that use the lock `name`. The oldest is the first.

        For a lock that belongs to no single track, such as `tools` or `build`, return the Pythons of all tracks.
        """
        found = {python for track, python in self.pythons.items() if self.shared_locks.get(track, track) == name}
        return tuple(sorted(found or set(self.pythons.values()), key=_number))

    def toolchain_of(self, track: str) -> Toolchain:
        """Return the content of the toolchain file for the Python of `track`.

        Raises CommandError as `read_toolchain` does.
        """
        python = self.pythons.get(track, self.toolchain.python_series)
        if python == self.toolchain.python_series:
            return self.toolchain
        return read_toolchain(self.root / "locks" / "toolchain.toml", python)

    def locks_library(self, track: str) -> bool:
        """Return whether the lock of a track holds libp2p itself, not only its requirements."""
        return track not in self.git_libraries and self.library_folder is None

    def lock(self, name: str) -> Path:
        """Return the path of the lock `name`: the name of a track, `tools`, `node`, `site` or `build`."""
        return self.root / "locks" / f"{self.shared_locks.get(name, name)}.txt"

    def environment(self, name: str) -> Path:
        """Return the folder of the environment `name`.

        `name` is a track, `tools`, `node`, `site`, `test-TRACK`, or `TRACK-from-HASH` for a track with another libp2p.
        """
        return self.home / f".venv-{name}"

    @property
    def cache(self) -> Path:
        """Return the folder for files that the commands can make again. git ignores this folder."""
        return self.home / ".cache"

    def check_track(self, track: str) -> str:
        """Return `track`. Raises CommandError, which lists the tracks, if the project does not have this track."""
        if track not in self.tracks:
            raise CommandError(f"track: expected one of {', '.join(self.tracks)} (pyproject.toml), found {track!r}")
        return track


def read_project(root: Path, home: Path | None = None) -> Project:
    """Return the project at `root`, from its pyproject.toml and locks/toolchain.toml.

    `home` is the folder of environments and caches, `root` by default. Raises CommandError if one of the two files is
    missing or malformed, or lacks a table.
    """
    path = root / "pyproject.toml"
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        own = table["tool"]["lockenv"]
        tracks = table["tool"]["envparity"]["tracks"]
        pythons = {track: one["python"] for track, one in tracks.items()}
        shared = {track: one["lock"] for track, one in tracks.items() if "lock" in one}
        requirements = {track: table["dependency-groups"][shared.get(track, track)] for track in tracks}
        default = pythons[own["default-track"]]
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path}: expected the project's settings, found: {error}") from error
    except KeyError as error:
        raise CommandError(f"{path}: expected the table or group {error}, found none; restore it from git") from error
    except (AttributeError, TypeError) as error:
        raise CommandError(
            f'{path}: expected lines such as "v0.4" = {{ python = "3.11" }} in [tool.envparity.tracks], found: {error}'
        ) from error
    return Project(
        root=root,
        home=home or root,
        tracks=tuple(tracks),
        default_track=own["default-track"],
        toolchain=read_toolchain(root / "locks" / "toolchain.toml", default),
        pythons=pythons,
        shared_locks=shared,
        git_libraries={
            track: wanted.partition("@")[2].strip()
            for track, group in requirements.items()
            for wanted in group
            if wanted.startswith("libp2p @ git+")
        },
        name=own.get("name", Project.name),
        groups=tuple(table["dependency-groups"]),
        library_folder=table["tool"].get("uv", {}).get("sources", {}).get("libp2p", {}).get("path"),
    )


def _number(python: str) -> tuple[int, ...]:
    return tuple(int(part) for part in python.split(".") if part.isdecimal())


def this_project() -> Project:
    """Return the project that this file belongs to. Raises CommandError as `read_project` does.

    If the variable LOCKENV_HOME is set, the environments of the project are in the folder that it names.
    """
    project = read_project(Path(__file__).resolve().parents[2])
    return replace(project, home=project.settings.home or project.root)
