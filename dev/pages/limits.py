"""docs/reference/limits.md: the claims that no run has proved yet, and the known limits of the libraries.

A known limit is a bug or a missing feature of a libp2p library, which makes some ping tests fail.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dev.lockenv.project import Project
from dev.matrix.limits import KnownLimit, known_limits
from dev.pages.templates import render_template


@dataclass(frozen=True)
class LimitRow:
    """One row: the tests that fail because of a known limit, and the cause.

    `whose` is the track (version of py-libp2p) or the peer (another libp2p program) that has the limit. `others` are
    the tracks and peers with which `whose` fails; empty if `whose` fails with all of them. `over` is Markdown with the
    transport, secure channel and muxer. `sides` has "dialer", "listener" or both: the roles of `whose`.
    """

    whose: str
    others: tuple[str, ...]
    over: str
    cause: str
    sides: tuple[str, ...] = ()


def render(_project: Project) -> str:
    """Return the text of the page."""
    return render_template("limits.md.j2", limits=list(limit_rows(known_limits())))


def limit_rows(limits: Iterable[KnownLimit]) -> Iterator[LimitRow]:
    """Yield one row for each limit, in the order of `limits`; limits that differ only in the side share a row."""
    found: dict[LimitRow, list[str]] = {}
    for one in limits:
        over = ", ".join(f"`{layer}`" for layer in (one.transport, one.secure_channel, one.muxer) if layer is not None)
        row = LimitRow(one.track, one.peers, over, one.cause)
        found.setdefault(row, []).append(one.role)
    for row, sides in found.items():
        yield replace(row, sides=tuple(sorted(sides)))
