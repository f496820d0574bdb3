"""The words that every renderer of a history uses.

A history has the versions that requirements resolved to in a past period, and an event for each change. In a collision,
several distributions (the providers) have the same import name.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from envparity.history.collisions import Collision
from envparity.history.record import Event, History
from envparity.render.words import number
from envparity.text import listed

_PATHS = 3  # how many contested files a line names; the line counts the others


@dataclass(frozen=True)
class Period:
    """The period of one version of a distribution, or of one collision; `label` has the version or the providers."""

    label: str
    begin: datetime
    end: datetime


def day(instant: datetime) -> str:
    """Return the date of an instant: `2025-01-31`."""
    return instant.strftime("%Y-%m-%d")


def minute(instant: datetime) -> str:
    """Return an instant in UTC to the minute: `2025-01-31 14:05`."""
    return instant.strftime("%Y-%m-%d %H:%M")


def heading(history: History) -> str:
    """Return the title of the history, its Python and platform, and its first and last instant."""
    where = f"Python {history.python} on {history.platform}"
    return f"{history.title}, {where}, {minute(history.since)} to {minute(history.until)} UTC"


def cause(event: Event) -> str:
    """Return the releases that caused an event as one text, or `an unknown release`."""
    if event.releases:
        return listed(event.releases)
    return "an unknown release"


def beginning(history: History) -> list[str]:
    """Return lines about the beginning: the number of distributions, then each collision; or why nothing resolves."""
    if history.first_failure is not None:
        return [f"at the beginning: the requirements cannot be resolved: {history.first_failure}"]
    first = f"at the beginning: {number(len(history.first), 'distribution')}"
    return [first, *(f"at the beginning: {gained(one)}" for one in history.began)]


def others(count: int) -> str:
    """Return a line with the number of events that are left out."""
    return f"and {number(count, 'other event')}, which change{'s' * (count == 1)} no watched distribution"


def lines(event: Event) -> list[str]:
    """Return lines about everything that an event changed: distributions, begun collisions, then ended collisions."""
    return [*changed(event), *begun_collisions(event), *ended_collisions(event)]


def begun_collisions(event: Event) -> list[str]:
    """Return a line for each collision that began."""
    return [gained(one) for one in event.gained]


def ended_collisions(event: Event) -> list[str]:
    """Return a line for each collision that ended; no lines if the requirements can no longer be resolved."""
    return [] if event.failure is not None else [ended(one) for one in event.ended]


def changed(event: Event) -> Iterator[str]:
    """Yield a line for each distribution that an event changed, in the order of `event.changes`.

    If the requirements begin to resolve or no longer resolve, yield only one line, which says so.
    """
    if event.failure is not None:
        yield f"the requirements can no longer be resolved: {event.failure}"
    elif event.begins:
        count = number(sum(one.after is not None for one in event.changes), "distribution")
        yield f"the requirements can be resolved from now on: {count}"
    else:
        caused = {release.partition(" ")[0] for release in event.releases}
        for one in event.changes:
            way = "through" if one.before is None else "which had come through"
            by = f", {way} {one.path}" if one.path and None in (one.before, one.after) else ""
            was = f"was {one.before}" if one.before and one.name in caused and len(event.releases) == 1 else one.text
            yield f"{was}{by}"


def brief(event: Event, watched: frozenset[str]) -> list[str]:
    """Return a line for each change of a watched distribution, and for each collision that began or ended.

    The lines have no requirement paths. If the requirements begin to resolve or no longer resolve, one line says so
    instead of the changes.
    """
    if event.failure is not None or event.begins:
        changes = [*changed(event)]
    else:
        changes = [one.text for one in event.changes if one.name in watched]
    return [*changes, *begun_collisions(event), *ended_collisions(event)]


def gained(one: Collision) -> str:
    """Return a line about a collision that began."""
    return f"{colliding_name(one.name)}: {len(one.providers)} providers, {listed(one.providers)}, {over(one)}"


def ended(one: Collision) -> str:
    """Return a line about a collision that ended."""
    return f"{colliding_name(one.name)}: {listed(one.providers)} no longer collide"


def colliding_name(name: str) -> str:
    """Return a text for the name of a collision: `import NAME`, or for example `files in scripts/`."""
    return f"files in {name}" if name.endswith("/") else f"import {name}"


def over(one: Collision) -> str:
    """Return how the providers of an import name differ: in the bytes of some files, or in the path of a module."""
    if not one.paths:
        return "each at a different path; Python imports only one of them"
    more = [f"{len(one.paths) - _PATHS} more"] if len(one.paths) > _PATHS else []
    return f"with different bytes in {listed([*one.paths[:_PATHS], *more])}"


def told(history: History, *, all_of_them: bool) -> tuple[list[Event], int]:
    """Return the events to show, and the number of the other events.

    With `all_of_them`, show every event. Otherwise show the events that concern the watched distributions.
    """
    watched = frozenset(history.watched)
    events = [event for event in history.events if all_of_them or event.concerns(watched)]
    return events, len(history.events) - len(events)


def periods(history: History) -> dict[str, tuple[Period, ...]]:
    """Return a dict from each watched distribution to the periods of its versions, in order of time.

    While the distribution was not installed, there is a gap between two periods.
    """
    found: dict[str, list[Period]] = {name: [] for name in history.watched}
    there = {name: (history.first[name], history.since) for name in history.watched if name in history.first}
    for event in history.events:
        for one in event.changes:
            if one.name not in found:
                continue
            if one.name in there:
                version, begun = there.pop(one.name)
                found[one.name].append(Period(version, begun, event.instant))
            if one.after is not None:
                there[one.name] = (one.after, event.instant)
    for name, (version, begun) in there.items():
        found[name].append(Period(version, begun, history.until))
    return {name: tuple(those) for name, those in found.items()}


def colliding(history: History) -> dict[str, tuple[Period, ...]]:
    """Return a dict from each import name to the periods of its collisions, in order of time.

    The label of a period has the names of the providers.
    """
    found: dict[str, list[Period]] = {}
    for one, begun, ended in history.collisions():
        label = listed(provider.partition(" ")[0] for provider in one.providers)
        found.setdefault(one.name, []).append(Period(label, begun, ended))
    return {name: tuple(those) for name, those in sorted(found.items())}


def verdict(history: History) -> str:
    """Return a text that says how the history ends.

    The text names the collisions that remain, or says that none remains or that the requirements do not resolve.
    """
    if history.remaining:
        return f"at the end: {'; '.join(gained(one) for one in history.remaining)}"
    if not history.last:
        return "at the end: the requirements cannot be resolved"
    return f"at the end: {number(len(history.last), 'distribution')}, no import name with several providers"


def effort(history: History) -> str:
    """Return a line that counts the resolutions and the artefacts (wheels and sdists) that the history needed."""
    did = history.effort
    stretches = "one stretch" if did.stretches == 1 else f"{did.stretches} stretches"
    return (
        f"{number(len(history.events), 'event')} from {number(did.resolutions, 'resolution')} "
        f"({did.asked} new, the others cached) in {stretches}; {number(did.artefacts, 'artefact')} read; "
        f"resolved by {history.resolver}"
    )


def caveats(history: History) -> Iterator[str]:
    """Yield a line for each limit of the history.

    The limits are the time of the last answer if the index cannot be reached, watched distributions that were never
    installed, and releases whose files are unknown.
    """
    if history.known_until is not None:
        yield f"the index cannot be reached, so changes after {minute(history.known_until)} UTC are unknown"
    if history.absent:
        yield f"watched, but never installed: {listed(history.absent)}"
    for key, reason in history.unread.items():
        yield f"the files of {key} are unknown: {reason}"
