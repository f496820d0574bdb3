"""The project's own facts: its folder, its tracks, where each environment and lock lives.

A door that shares the checkout with another, as a devcontainer and `nix develop` do with the host, keeps its
environments elsewhere: in the folder that LOCKENV_HOME names.
"""

import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path

from dev.command.errors import CommandError
from dev.lockenv.settings import Settings, read_settings
from dev.lockenv.toolchain import Toolchain, read_toolchain


@dataclass(frozen=True)
class Project:
    """One checkout: every path below is absolute."""

    root: Path
    home: Path
    """Where environments and caches are made: the checkout itself, or what LOCKENV_HOME names."""
    tracks: tuple[str, ...]
    default_track: str
    toolchain: Toolchain
    git_libraries: dict[str, str]
    """Track -> the git requirement of its libp2p, for tracks whose library is a commit."""
    name: str = "this project"
    """What the locks' remarks call it."""
    settings: Settings = field(default_factory=read_settings)

    @property
    def released_tracks(self) -> tuple[str, ...]:
        """The tracks whose library is a release: no git host is needed to make their environments."""
        return tuple(track for track in self.tracks if track not in self.git_libraries)

    def lock(self, name: str) -> Path:
        """Return the path of the hash lock of a track, of `tools`, `node` or `build`."""
        return self.root / "locks" / f"{name}.txt"

    def environment(self, name: str) -> Path:
        """Return the folder of an environment: of a track, `tools`, `node` or `test-TRACK`."""
        return self.home / f".venv-{name}"

    @property
    def cache(self) -> Path:
        """The folder for files that lockenv can make again; it is never committed."""
        return self.home / ".cache"

    def check_track(self, track: str) -> str:
        """Return `track` if the project has it; else raise CommandError, which names the tracks."""
        if track not in self.tracks:
            raise CommandError(f"track: expected one of {', '.join(self.tracks)} (pyproject.toml), found {track!r}")
        return track


def read_project(root: Path, home: Path | None = None) -> Project:
    """Read pyproject.toml and locks/toolchain.toml of the checkout at `root`."""
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
        raise CommandError(f"{path}: expected the table or group {error}, found none") from error
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
    """Return the project that this very file belongs to; its environments are in LOCKENV_HOME where that is set."""
    project = read_project(Path(__file__).resolve().parents[2])
    return replace(project, home=project.settings.home or project.root)
