"""The project's own facts: its folder, its tracks, where each environment and lock lives.

A door that shares the checkout with another, as a devcontainer and `nix develop` do with the host, keeps its
environments elsewhere: in the folder that LOCKENV_HOME names.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

from dev.command.errors import CommandError
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

    def lock(self, name: str) -> Path:
        """The hash lock of a track, or of `tools` or `build`."""
        return self.root / "locks" / f"{name}.txt"

    def environment(self, name: str) -> Path:
        """The folder of an environment: a track, `tools`, or `test-TRACK`."""
        return self.home / f".venv-{name}"

    @property
    def cache(self) -> Path:
        """Where what can be made again lives; never committed."""
        return self.home / ".cache"

    def check_track(self, track: str) -> str:
        """The track itself, if the project has it; else CommandError naming those it has."""
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
    """The project that this very file belongs to, with the folder of LOCKENV_HOME where that is set."""
    home = os.environ.get("LOCKENV_HOME")
    if home and not Path(home).is_absolute():
        raise CommandError(f"LOCKENV_HOME: expected an absolute path, found {home!r}; set it so, or unset it")
    return read_project(Path(__file__).resolve().parents[2], Path(home) if home else None)
