"""docs/reference/limits.md: the claims that no run has shown yet, and the known limits of the libraries."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dev.lockenv.project import Project
from dev.matrix.limits import KnownLimit, known_limits
from dev.pages.templates import render_template


@dataclass(frozen=True)
class LimitRow:
    """One known failure: the track, the peers, the layers, the cause, and on which side.

    `sides` has "dialer", "listener" or both.
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
    """Yield one row per limit, in the order of `limits`; limits that differ only in the side share a row."""
    found: dict[LimitRow, list[str]] = {}
    for one in limits:
        over = ", ".join(f"`{layer}`" for layer in (one.transport, one.secure_channel, one.muxer) if layer is not None)
        row = LimitRow(one.track, one.peers, over, one.cause)
        found.setdefault(row, []).append(one.role)
    for row, sides in found.items():
        yield replace(row, sides=tuple(sorted(sides)))
