"""The implementations in dev/matrix/implementations.toml, and the release or commit of py-libp2p in each track.

A track is one pinned version of py-libp2p on one Python. A peer is another program for the ping test, such as
`peers/go`.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project


@cache
def declared() -> dict[str, list[dict[str, Any]]]:
    """Return a dict from the kind, `track` or `peer`, to the list of its tables in implementations.toml."""
    with Path(__file__).with_name("implementations.toml").open("rb") as file:
        return tomllib.load(file)


def commit_of(project: Project, track: str) -> str:
    """Return the first seven digits of the commit of libp2p that a track uses; empty if the track uses a release."""
    return project.git_libraries.get(track, "").rpartition("@")[2][:7]


def release_of(project: Project, track: str) -> str:
    """Return the release of libp2p that a track uses. Raises KeyError if the track uses a commit."""
    return read_lock(project.lock(track)).pins["libp2p"].version
