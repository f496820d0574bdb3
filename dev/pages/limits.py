"""docs/limits.md: what has not been shown, and what the libraries cannot do."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dev.lockenv.project import Project
from dev.matrix.limits import KnownLimit, known_limits
from dev.pages.templates import render_template


@dataclass(frozen=True)
class LimitRow:
    """Which track fails, with whom, over what, why, whether each time, and as a dialer, a listener or both."""

    whose: str
    others: tuple[str, ...]
    over: str
    cause: str
    always: bool
    sides: tuple[str, ...] = ()


def render(_project: Project) -> str:
    """Return the page."""
    return render_template("limits.md.j2", limits=list(limit_rows(known_limits())))


def limit_rows(limits: Iterable[KnownLimit]) -> Iterator[LimitRow]:
    """Yield the rows in the order of `limits`; two limits that differ only in the side share a row."""
    found: dict[LimitRow, list[str]] = {}
    for one in limits:
        over = ", ".join(f"`{layer}`" for layer in (one.transport, one.secure_channel, one.muxer) if layer is not None)
        row = LimitRow(one.track, one.peers, over, one.cause, one.always)
        found.setdefault(row, []).append(one.role)
    for row, sides in found.items():
        yield replace(row, sides=tuple(sorted(sides)))
