"""The known limits of the libraries: those in dev/matrix/limits.toml, and the transports that a track does not have."""

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
    """A known limit: tests that fail because of a known bug or a missing feature of a library."""

    track: str
    """The track or peer whose library has the limit."""
    role: str
    """The role in which the library fails: dialer or listener."""
    cause: str
    shows: str
    """A regular expression that matches the errors of these tests."""
    peers: tuple[str, ...] = ()
    """The names of the other sides with which the tests fail; empty for all."""
    transport: Transport | None = None
    """The transport, and below the secure channel and the muxer, with which the tests fail; None for all."""
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
