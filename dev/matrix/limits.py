"""Known limits: bugs and missing features of libraries, because of which some ping tests fail.

dev/matrix/limits.toml lists them, except for the transports that a track does not have. A track is one pinned version
of py-libp2p.
"""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from dev.lockenv.project import Project, this_project
from dev.matrix.declared import commit_of, declared, release_of
from pingtest.settings import Muxer, SecureChannel, Transport

_LAYERS = {"transport": Transport, "secure_channel": SecureChannel, "muxer": Muxer}


@dataclass(frozen=True)
class KnownLimit:
    """One bug or missing feature of a library, and the tests that fail because of it."""

    track: str
    """The name of the track or peer that has the limit."""
    role: str
    """The role in which the library fails: `dialer` or `listener`."""
    cause: str
    shows: str
    """A regular expression that matches the errors of these tests."""
    peers: tuple[str, ...] = ()
    """The names of the implementations with which the tests fail; empty if they fail with all implementations."""
    transport: Transport | None = None
    """The transport with which the tests fail; None for every transport. The next two fields have the same form."""
    secure_channel: SecureChannel | None = None
    muxer: Muxer | None = None


@cache
def known_limits() -> tuple[KnownLimit, ...]:
    """Return every limit: first the entries of limits.toml, then the transports that a track does not have."""
    with Path(__file__).with_name("limits.toml").open("rb") as file:
        entries = tomllib.load(file)["limit"]
    return (*(_read(entry) for entry in entries), *_missing_transports(this_project()))


def _read(entry: dict[str, Any]) -> KnownLimit:
    layers: dict[str, Transport | SecureChannel | Muxer] = {}
    for name, layer in _LAYERS.items():
        if name in entry:
            layers[name] = layer(entry[name])
    return KnownLimit(**entry | layers | {"peers": tuple(entry.get("peers", ()))})


def _missing_transports(project: Project) -> list[KnownLimit]:
    return [
        KnownLimit(
            track["name"],
            role,
            f"{_library(project, track['name'])} has no {transport} transport",
            f"expected a transport of the library, found {transport}",
            transport=transport,
        )
        for track in declared()["track"]
        for transport in Transport
        if transport not in track["transports"]
        for role in ("listener", "dialer")
    ]


def _library(project: Project, track: str) -> str:
    commit = commit_of(project, track)
    return f"libp2p at {commit}" if commit else f"libp2p {release_of(project, track)}"
