"""Read until when each pinned thing is supported, and say which support ends soon.

The dates are in the tables [support.*] of locks/toolchain.toml.
"""

import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dev.command.errors import CommandError

WARNED = timedelta(days=90)
"""How long before a date `ending` warns."""


@dataclass(frozen=True)
class Support:
    """A pinned thing, the last day on which its publisher gives security updates, and the next step."""

    what: str
    until: date
    next: str


def read_support(root: Path) -> tuple[Support, ...]:
    """Return the pinned things of the project in the folder `root`, the earliest end first.

    Raises CommandError if the file names no thing, or if a table has other keys than `what`, `until` (a date)
    and `next`.
    """
    path = root / "locks" / "toolchain.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("support", {})
        # The dates are texts, because the flake reads the file too, and Nix reads no dates of TOML.
        found = [Support(**table | {"until": date.fromisoformat(table["until"])}) for table in tables.values()]
    except (OSError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise CommandError(
            f"{path}: expected tables [support.*] of what, until (as 2027-10-31) and next, found: {error}"
        ) from error
    if not found:
        raise CommandError(
            f"{path}: expected tables [support.*] of what, until and next, found none; restore it from git"
        )
    return tuple(sorted(found, key=lambda one: one.until))


def ending(supported: Sequence[Support], today: date) -> Iterator[str]:
    """Yield a line for each thing whose support ends within 90 days or has ended."""
    for one in supported:
        if one.until - today <= WARNED:
            verb = "ended" if one.until < today else "ends"
            yield f"{one.what}: its support {verb} on {one.until}; {one.next}"
