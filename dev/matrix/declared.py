"""The implementations in dev/matrix/implementations.toml, and the release or commit of py-libp2p in each track."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project


@cache
def declared() -> dict[str, list[dict[str, Any]]]:
    """Return the tables of implementations.toml by their kind, `track` or `peer`."""
    with Path(__file__).with_name("implementations.toml").open("rb") as file:
        return tomllib.load(file)


def commit_of(project: Project, track: str) -> str:
    """Return the first seven digits of the commit of libp2p that a track has; empty if the track has a release."""
    return project.git_libraries.get(track, "").rpartition("@")[2][:7]


def release_of(project: Project, track: str) -> str:
    """Return the release of libp2p that the lock of a track names."""
    return read_lock(project.lock(track)).pins["libp2p"].version
