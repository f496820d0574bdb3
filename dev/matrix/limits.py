"""What the libraries are known not to do: dev/matrix/limits.toml, and the transports that a track does not have."""

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
    """Something that a library is known not to do."""

    track: str
    """Whose fault it is: a track or a peer."""
    role: str
    """The role in which it fails: dialer or listener."""
    cause: str
    shows: str
    """A pattern that the error of a failed test matches."""
    always: bool
    """False where it fails only now and then."""
    peers: tuple[str, ...] = ()
    """The other sides that it fails with; empty for all."""
    transport: Transport | None = None
    """The transport, secure channel and muxer that it fails over; None for all."""
    secure_channel: SecureChannel | None = None
    muxer: Muxer | None = None


@cache
def known_limits() -> tuple[KnownLimit, ...]:
    """Return every limit: those of limits.toml in its order, and the transports that a track does not have."""
    with Path(__file__).with_name("limits.toml").open("rb") as file:
        kinds = tomllib.load(file)
    steady = [_read(one, always=True) for one in kinds["limit"]]
    return (*steady, *_missing_transports(this_project()), *(_read(one, always=False) for one in kinds["unsteady"]))


def _read(entry: dict[str, Any], *, always: bool) -> KnownLimit:
    layers: dict[str, Transport | SecureChannel | Muxer] = {}
    for name, layer in _LAYERS.items():
        if name in entry:
            layers[name] = layer(entry[name])
    return KnownLimit(**entry | layers | {"peers": tuple(entry.get("peers", ()))}, always=always)


def _missing_transports(project: Project) -> list[KnownLimit]:
    return [
        KnownLimit(
            track["name"],
            role,
            f"{_library(project, track['name'])} has no {transport} transport",
            f"expected a transport of the library, found {transport}",
            always=True,
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
