"""The programs of tracks and peers, and the ping tests between them that pass on loopback.

A track is one pinned version of py-libp2p. A peer is a program for the ping test in Go, Rust or JavaScript.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dev.lockenv.project import this_project
from dev.matrix.implementations import find_parties, unsupported
from dev.matrix.plan import Test, every_test

TRACKS = ("v0.4", "v0.8")
PEERS = ("go", "js", "rust")


def programs() -> dict[str, Path]:
    """Return a dict from the name of each track to its Python, and from the name of each built peer to its program."""
    project = this_project()
    parties = {party.name: party for party in find_parties(project)}
    return {
        name: parties[name].program or project.environment(name) / "bin" / "python"
        for name in (*TRACKS, *PEERS)
        if name in parties
    }


def passing(tracks: Iterable[str]) -> Iterator[Test]:
    """Yield the tests between these tracks and the built peers, in both directions.

    Leave out tests that a side does not support, and tests that always fail because of a known limit of a library.
    """
    parties = {party.name: party for party in find_parties(this_project())}
    for track in tracks:
        for peer in (peer for peer in PEERS if peer in parties):
            for pair in ((track, peer), (peer, track)):
                yield from (test for test in every_test(*pair) if not unsupported(test, parties) and test.limit is None)
