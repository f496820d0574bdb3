"""docs/limits.md: what has not been shown, and what the libraries cannot do."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dev.lockenv.project import Project
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


def render(project: Project) -> str:
    """Return the page."""
    return render_template("limits.md.j2", limits=list(limit_rows(project)))


def limit_rows(project: Project) -> Iterator[LimitRow]:
    """Yield the rows in the order of limits.toml; two entries that differ only in the side share a row."""
    with (project.root / "dev" / "matrix" / "limits.toml").open("rb") as file:
        kinds = tomllib.load(file)
    found: dict[LimitRow, list[str]] = {}
    for kind in ("limit", "unsteady"):
        for one in kinds[kind]:
            over = ", ".join(f"`{one[key]}`" for key in ("transport", "secure_channel", "muxer") if key in one)
            row = LimitRow(one["track"], tuple(one.get("peers", ())), over, one["cause"], kind == "limit")
            found.setdefault(row, []).append(one["role"])
    for row, sides in found.items():
        yield replace(row, sides=tuple(sorted(sides)))
