"""What the libraries are known not to do, in rows: dev/matrix/limits.toml for a person."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from dev.lockenv.project import Project


@dataclass(frozen=True)
class Limit:
    """Whose fault it is, with whom, over what, why, whether each time, and on which sides."""

    whose: str
    others: tuple[str, ...]
    over: str
    cause: str
    always: bool
    sides: tuple[str, ...] = ()


def limits(project: Project) -> Iterator[Limit]:
    """In the file's order; what differs in the side alone is one."""
    with (project.root / "pingtest" / "matrix" / "limits.toml").open("rb") as file:
        kinds = tomllib.load(file)
    found: dict[Limit, list[str]] = {}
    for kind in ("limit", "unsteady"):
        for one in kinds[kind]:
            over = ", ".join(f"`{one[key]}`" for key in ("transport", "secure_channel", "muxer") if key in one)
            limit = Limit(one["track"], tuple(one.get("peers", ())), over, one["cause"], kind == "limit")
            found.setdefault(limit, []).append(one["role"])
    for limit, sides in found.items():
        yield replace(limit, sides=tuple(sorted(sides)))
