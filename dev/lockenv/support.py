"""Read the last day of support for each thing that this project pins, and report each support that ends soon.

A pinned thing is, for example, a Python or an image. The dates are in the tables [support.*] of locks/toolchain.toml.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dev.command.errors import CommandError
from dev.lockenv.toolchain import PYTHON

WARNED = timedelta(days=90)
"""`ending` warns about each support that ends within this time."""


@dataclass(frozen=True)
class Support:
    """A pinned thing, the last day on which its publisher gives security updates, and what to do before that day."""

    what: str
    until: date
    next: str


def read_support(root: Path, pythons: Sequence[str]) -> tuple[Support, ...]:
    """Return the pinned things of the project in the folder `root`, sorted by the last day of their support.

    `pythons` are the Pythons of the tracks, for example `3.11`: each is one of the pinned things. Raises CommandError
    if the file lists no pinned thing, if [support.python] lacks the date of a Python, or if a table has other keys than
    `what`, `next` and `until` (a date).
    """
    path = root / "locks" / "toolchain.toml"
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8")).get("support", {})
        # The dates are texts, because the flake reads the file too, and Nix reads no dates of TOML.
        python = tables.pop("python", None)
        rows = [*tables.values(), *(_of_python(python, one) for one in pythons if python)]
        found = [Support(**row | {"until": date.fromisoformat(row["until"])}) for row in rows]
    except (OSError, tomllib.TOMLDecodeError, TypeError, ValueError, KeyError) as error:
        raise CommandError(
            f"{path}: expected tables [support.*] of what, until (as 2027-10-31) and next, found: {error}"
        ) from error
    if not found:
        raise CommandError(
            f"{path}: expected tables [support.*] of what, until and next, found none; restore it from git"
        )
    return tuple(sorted(found, key=lambda one: one.until))


def _of_python(table: Mapping[str, Any], python: str) -> dict[str, str]:
    """Return the fields of `Support` for one Python, as texts.

    `table` is [support.python], in which `until` has a date for each Python.
    """
    return {
        "what": table["what"].replace(PYTHON, python),
        "until": table["until"][python],
        "next": table["next"].replace(PYTHON, python),
    }


def ending(supported: Sequence[Support], today: date) -> Iterator[str]:
    """Yield a line for each Python, image or other pin whose support has ended or ends within 90 days from `today`."""
    for one in supported:
        if one.until - today <= WARNED:
            verb = "ended" if one.until < today else "ends"
            yield f"{one.what}: its support {verb} on {one.until}; {one.next}"
