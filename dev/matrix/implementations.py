"""The implementations in a matrix, and the combinations that each of them supports.

An implementation is a track (one pinned version of py-libp2p on one Python) or a peer (another program for the ping
test, such as `peers/go`). A combination is a transport, a secure channel and a muxer.
"""

import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError, UsageError
from dev.lockenv.environments import was_made
from dev.lockenv.project import Project
from dev.matrix.declared import commit_of, declared, release_of
from dev.matrix.endings import Implementation
from dev.matrix.plan import Test, every_test
from pingtest.settings import Muxer, SecureChannel, Transport


@dataclass(frozen=True)
class Party:
    """One implementation in a matrix, with the transports, secure channels and muxers that it supports.

    `program` is the program of a peer, or None for a track.
    """

    implementation: Implementation
    transports: frozenset[Transport]
    secure_channels: frozenset[SecureChannel]
    muxers: frozenset[Muxer]
    program: Path | None = None

    @property
    def name(self) -> str:
        """Return the name of this party in test names, for example `v0.8` or `go`."""
        return self.implementation.name

    def lacks(self, test: Test) -> str:
        """Return the parts of a test that this party lacks, for example `wss, mplex`; empty if it supports all."""
        parts: list[tuple[Transport | SecureChannel | Muxer | None, frozenset[Any]]] = [
            (test.transport, self.transports),
            (test.secure_channel, self.secure_channels),
            (test.muxer, self.muxers),
        ]
        return ", ".join(part for part, supported in parts if part is not None and part not in supported)


def find_parties(project: Project, wanted: Sequence[str] = ()) -> list[Party]:
    """Return the implementations `wanted`, or if `wanted` is empty, all that are ready to run.

    These are ready: a track that uses a release of py-libp2p, a track that uses a commit if its environment exists, and
    a peer that is built. Raises UsageError if a name in `wanted` is unknown. Raises CommandError if `wanted` names a
    peer that is not built, or if the version of a peer cannot be found.
    """
    table = declared()
    every = [one["name"] for kind in ("track", "peer") for one in table[kind]]
    for name in wanted:
        if name not in every:
            raise UsageError(f"implementation: expected one of {', '.join(every)}, found {name!r}")
    tracks = {
        track["name"]: _track(project, track)
        for track in table["track"]
        if track["name"] in (wanted or project.tracks)
        and (wanted or track["name"] not in project.git_libraries or was_made(project, track["name"]))
    }
    peers = {peer["name"]: _peer(project, peer) for peer in table["peer"] if peer["name"] in (wanted or every)}
    for name, party in peers.items():
        if wanted and party is None:
            build = f"scripts/matrix --build {name}"
            raise CommandError(f"implementation {name}: expected a built peer, found none; build it with: {build}")
    return [party for party in (*tracks.values(), *peers.values()) if party is not None]


def not_built(project: Project, parties: Iterable[Party]) -> list[str]:
    """Return the names of the peers that this checkout has and `parties` does not contain.

    If `parties` is the result of `find_parties(project)`, these are the peers that are not built.
    """
    there = {party.name for party in parties}
    peers = (peer for peer in declared()["peer"] if _folder(project, peer).exists())
    return [peer["name"] for peer in peers if peer["name"] not in there]


def everything(parties: Sequence[Party]) -> Iterator[Test]:
    """Yield the tests of every dialer with every listener on every combination.

    This includes the combinations that the dialer or the listener does not support.
    """
    for dialer in parties:
        for listener in parties:
            yield from every_test(dialer.name, listener.name)


def unsupported(test: Test, parties: Mapping[str, Party]) -> str:
    """Return a text about each side that does not support the test, for example `go-libp2p (go) lacks mplex`.

    A side is the dialer or the listener. The text is empty if both sides support the test's transport, secure channel
    and muxer.
    """
    sides = dict.fromkeys([test.dialer, test.listener])
    lacking = {side: parties[side].lacks(test) for side in sides}
    return "; ".join(
        f"{parties[side].implementation.library} ({side}) lacks {lacks}" for side, lacks in lacking.items() if lacks
    )


def _track(project: Project, table: Mapping[str, Any]) -> Party:
    name = table["name"]
    version = os.environ.get("LIBP2P_SOURCE") or commit_of(project, name) or release_of(project, name)
    return _party(table, Implementation(name, "py-libp2p", version), None)


def _peer(project: Project, table: Mapping[str, Any]) -> Party | None:
    folder = _folder(project, table)
    if not (project.root / ".cache" / "peers" / table["name"] / table["built"]).exists() or not folder.exists():
        return None
    path = folder / table["version"]["file"]
    found = re.search(table["version"]["pattern"], path.read_text(encoding="utf-8"))
    if found is None:
        raise CommandError(
            f"{path}: expected the library's version, found none; correct dev/matrix/implementations.toml"
        )
    return _party(table, Implementation(table["name"], table["library"], found[1]), folder / "peer")


def _party(table: Mapping[str, Any], implementation: Implementation, program: Path | None) -> Party:
    return Party(
        implementation,
        frozenset(map(Transport, table["transports"])),
        frozenset(map(SecureChannel, table["secure_channels"])),
        frozenset(map(Muxer, table["muxers"])),
        program,
    )


def _folder(project: Project, table: Mapping[str, Any]) -> Path:
    return project.root / "peers" / str(table["name"])
