"""docs/pictures/why-the-environments-differed.svg: the recorded history of libp2p 0.3.0, drawn as a timeline.

The history has the versions that a fresh install got over time. In a collision, two distributions write the same files.
"""

from collections.abc import Iterator

from dev.evidence.runs import read_evidence
from dev.lockenv.project import Project
from envparity.history.record import Event, History
from envparity.render.history.timeline import Caption, as_svg, numbered
from envparity.render.history.words import cause, day, minute
from envparity.render.words import number
from envparity.text import listed


def render(_project: Project) -> str:
    """Return the drawing as SVG. Raises CommandError if the recorded history cannot be read."""
    history = read_evidence().before
    return as_svg(history, caption(history))


def caption(history: History) -> Caption:
    """Return the texts of the picture, in full sentences; the lines about collisions are red."""
    fresh = history.title.replace("==", " ")
    return Caption(
        "One release brings a second distribution that writes multihash",
        f"The versions in a fresh install of {fresh}, from {day(history.since)} to {day(history.until)} (UTC), "
        f"with Python {history.python} on {history.platform}",
        tuple(_legend(history)),
    )


def _legend(history: History) -> Iterator[tuple[str, str]]:
    for place, event in enumerate(numbered(history), 1):
        sentences = [f"{place}: {minute(event.instant)}, {cause(event)} is released.", *_consequences(event)]
        yield " ".join(sentences), "bad" if event.gained else "text"
    for one in history.remaining:
        both = f"{listed(one.providers)} still overwrite each other's files"
        yield f"On {day(history.until)}, {both}: {listed(one.paths)}.", "bad"
    yield "Red: two distributions write the same files.", "small"
    first = number(len(history.first), "distribution")
    yield f"The install began with {first}. Each small line at the bottom is an event that changed it.", "small"


def _consequences(event: Event) -> Iterator[str]:
    for change in event.changes:
        if change.before is None and event.gained:
            yield f"It requires {change.name}, which comes in as {change.after}."
    for one in event.gained:
        yield f"From now on, {listed(one.providers)} both write {listed(one.paths)}."
