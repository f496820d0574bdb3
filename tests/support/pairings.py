"""The pairs of tracks and peers in both directions: the program of each side, and the tests that pass on loopback."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from dev.lockenv.project import this_project
from dev.matrix.implementations import find_parties, unsupported
from dev.matrix.plan import Test, every_test

TRACKS = ("v0.4", "v0.8")
PEERS = ("go", "js", "rust")


def programs() -> dict[str, Path]:
    """Return the program of each side by name: a track's Python, or the program of a peer that is built."""
    project = this_project()
    parties = {party.name: party for party in find_parties(project)}
    return {
        name: parties[name].program or project.environment(name) / "bin" / "python"
        for name in (*TRACKS, *PEERS)
        if name in parties
    }


def passing(tracks: Iterable[str]) -> Iterator[Test]:
    """Yield the tests, in both directions, of these tracks with the built peers, except tests with a known limit."""
    parties = {party.name: party for party in find_parties(this_project())}
    for track in tracks:
        for peer in (peer for peer in PEERS if peer in parties):
            for pair in ((track, peer), (peer, track)):
                yield from (test for test in every_test(*pair) if not unsupported(test, parties) and test.limit is None)
