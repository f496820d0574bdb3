"""The facts about the project: its folder, its tracks, and the path of each environment and lock.

A devcontainer and `nix develop` share the checkout with the host. Such a door keeps its environments outside of the
checkout, in the folder that LOCKENV_HOME names.
"""

import tomllib
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
    git_libraries: dict[str, str]
    """Track -> the git address of its libp2p with the commit, for tracks whose library is a commit."""
    name: str = "this project"
    """The name of the project in the comments of the locks."""
    settings: Settings = field(default_factory=read_settings)

    @property
    def released_tracks(self) -> tuple[str, ...]:
        """Return the tracks whose library is a release. Their environments need no git host."""
        return tuple(track for track in self.tracks if track not in self.git_libraries)

    def lock(self, name: str) -> Path:
        """Return the path of the hash lock of a track, of `tools`, `node` or `build`."""
        return self.root / "locks" / f"{name}.txt"

    def environment(self, name: str) -> Path:
        """Return the folder of the environment `name`: a track, `tools`, `node` or `test-TRACK`."""
        return self.home / f".venv-{name}"

    @property
    def cache(self) -> Path:
        """Return the folder for files that lockenv can make again. git ignores this folder."""
        return self.home / ".cache"

    def check_track(self, track: str) -> str:
        """Return `track` if the project has that track; else raise CommandError, which lists the tracks."""
        if track not in self.tracks:
            raise CommandError(f"track: expected one of {', '.join(self.tracks)} (pyproject.toml), found {track!r}")
        return track


def read_project(root: Path, home: Path | None = None) -> Project:
    """Return the project at `root`, from its pyproject.toml and locks/toolchain.toml.

    `home` is the folder of environments and caches, `root` by default. Raises CommandError if a file or a table in it
    is missing or malformed.
    """
    path = root / "pyproject.toml"
    try:
        with path.open("rb") as file:
            table = tomllib.load(file)
        own = table["tool"]["lockenv"]
        tracks = tuple(own["tracks"])
        requirements = {track: table["dependency-groups"][track] for track in tracks}
    except (OSError, tomllib.TOMLDecodeError) as error:
        raise CommandError(f"{path}: expected the project's settings, found: {error}") from error
    except KeyError as error:
        raise CommandError(f"{path}: expected the table or group {error}, found none; restore it from git") from error
    return Project(
        root=root,
        home=home or root,
        tracks=tracks,
        default_track=own["default-track"],
        toolchain=read_toolchain(root / "locks" / "toolchain.toml"),
        git_libraries={
            track: wanted.partition("@")[2].strip()
            for track, group in requirements.items()
            for wanted in group
            if wanted.startswith("libp2p @ git+")
        },
        name=own.get("name", Project.name),
    )


def this_project() -> Project:
    """Return the project that this file belongs to. Its environments are in LOCKENV_HOME if that variable is set."""
    project = read_project(Path(__file__).resolve().parents[2])
    return replace(project, home=project.settings.home or project.root)
