"""Finds the lines of the lock that the findings of a report are about, so that a CI service can mark these lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from packaging.utils import canonicalize_name

from envparity.judge.findings import Finding
from envparity.judge.subject import Subject
from envparity.project.locks.places import best_place, shown_path
from envparity.snapshot.types import doc
from envparity.text import visible


@dataclass(frozen=True)
class LockLine:
    """A line of the lock, or of a file that the lock includes."""

    path: Annotated[str, doc("The file, relative to the root of the repository that has the lock.")]
    line: Annotated[int, doc("The number of the line; the first line is 1.")] = 1


def first_line(subjects: Sequence[Subject]) -> LockLine | None:
    """Return the first line of the lock that the environments were compared with; None without a lock."""
    lock = next((one.lock for one in subjects if one.lock is not None), None)
    return LockLine(visible(shown_path(lock.path))) if lock is not None else None


def lines_of_pins(subjects: Sequence[Subject], findings: Sequence[Finding]) -> dict[str, LockLine]:
    """Return the line of the lock for each distribution that a finding names and that the lock names too.

    Each key is a distribution's name as a finding spells it.
    """
    names = dict.fromkeys(name for one in findings for name in one.distributions)
    subject = next((one for one in subjects if one.lock is not None), None)
    if subject is None or subject.lock is None or not names:
        return {}
    places = tuple(subject.lock.find_places())
    shown: dict[str, LockLine] = {}
    for name in names:
        asked = canonicalize_name(name.partition("@")[0])  # the id of a second copy is `name@path`
        pin = subject.pins.get(asked)
        place = best_place(places, asked, pin.version if pin else None)
        if place is not None:
            shown[name] = LockLine(visible(shown_path(place.path)), place.line)
    return shown
