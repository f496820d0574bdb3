"""Compares the distributions that envparity and the lock's own tool read from a lock, for each target environment."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import partial
from pathlib import Path

from dev.quality.locks.entry import Entry, entry_of_pin
from dev.quality.locks.exports import Answer, export_of
from dev.quality.locks.target import TARGETS, Target
from dev.quality.locks.toolbox import Toolbox, ToolError
from envparity.errors import EnvparityError
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice, Lock

_MOST = 6  # a line names at most this many differences


class Result(Enum):
    """The result for one lock, for which several comparisons are made.

    EQUAL means that every comparison was equal. DIFFERENT means that a comparison found a difference. EXPLAINED means
    that no comparison found a difference, but at least one comparison was impossible.
    """

    EQUAL = "equal"
    EXPLAINED = "explained"
    DIFFERENT = "different"


@dataclass(frozen=True)
class Outcome:
    """The result for one lock. `tool` is the program with which envparity was compared.

    `reason` says why the result is not EQUAL; it is empty for EQUAL. `equal` counts the comparisons that were equal.
    """

    lock: Path
    tool: str
    result: Result
    reason: str
    equal: int


def compare(lock: Path, tools: Toolbox) -> Outcome:
    """Compare the distributions that envparity and the lock's own tool read from a lock, and return the outcome.

    In each target environment, there is one comparison for the default groups, and one for all groups and extras. If
    the tool fails, its message is the reason why a comparison is impossible. Raise CommandError if a tool cannot be
    installed.
    """
    export = export_of(lock)
    different: dict[str, list[str]] = {}
    explained: dict[str, list[str]] = {}
    equal = 0
    for everything in (False, True):
        chosen = "every group and extra" if everything else "default groups"
        try:
            answer, wanted = export.ask(lock, everything, tools), export.python(lock)
        except (ToolError, ValueError, LookupError) as error:
            explained.setdefault(str(error), []).append(chosen)
            continue
        for first in TARGETS:
            target = first.for_python(partial(export.fits, wanted))
            where = f"{target or first}, {chosen}"
            if target is None:
                explained.setdefault(f"no Python that the comparison knows fits {wanted}", []).append(where)
                continue
            try:
                said = list(_differences(lock, answer, target, everything, project=export.project))
            except ToolError as error:
                explained.setdefault(str(error), []).append(where)
                continue
            if said:
                text = f"{', '.join(said[:_MOST])}{', …' if len(said) > _MOST else ''}"
                different.setdefault(text, []).append(where)
            else:
                equal += 1
    reasons = different or explained
    result = Result.DIFFERENT if different else Result.EXPLAINED if explained else Result.EQUAL
    return Outcome(lock, export.tool, result, "; ".join(f"{one} ({_where(reasons[one])})" for one in reasons), equal)


def _where(places: list[str]) -> str:
    """Return the comparisons with the same reason, such as `linux 3.11, default groups`.

    If there are three or more, return only their number.
    """
    return "; ".join(places) if len(places) < 3 else f"{len(places)} times"


def _differences(lock: Path, answer: Answer, target: Target, everything: bool, *, project: bool) -> Iterator[str]:
    """Yield each difference between the distributions that envparity reads and the distributions in `answer`.

    With `everything`, envparity reads every group and extra. With `project`, it also reads the project itself. Raise
    ToolError if the tool has no answer for `target`.
    """
    theirs = _by_name(answer(target))
    choice = Choice(all_groups=everything, all_extras=everything, no_project=not project)
    try:
        ours = _by_name(_read(lock, choice, target))
    except EnvparityError as error:
        yield f"envparity said: {error}"
        return
    for name in sorted(ours.keys() | theirs.keys()):
        one, other = ours.get(name), theirs.get(name)
        if one is None or other is None or one.source != other.source:
            yield f"envparity read {one or f'no {name}'}, the tool read {other or f'no {name}'}"
        elif other.hashes and one.hashes != other.hashes:
            yield f"{one}: envparity read {len(one.hashes)} hashes, the tool read {len(other.hashes)}"


def _read(lock: Path, choice: Choice, target: Target) -> frozenset[Entry]:
    found: Lock = read_lock(lock, choice=choice)
    return frozenset(entry_of_pin(pin) for pin in found.for_environment(target.markers).values())


def _by_name(entries: frozenset[Entry]) -> dict[str, Entry]:
    """Return a dict from name to entry.

    If a name has several sources, its entry lists all of them. So the entry differs from an entry with one source.
    """
    found: dict[str, Entry] = {}
    for one in sorted(entries, key=str):
        other = found.get(one.name)
        if other is None:
            found[one.name] = one
        elif other.source == one.source:
            found[one.name] = Entry(one.name, one.source, one.hashes | other.hashes)
        else:
            found[one.name] = Entry(one.name, f"{other.source} and {one.source}")
    return found
