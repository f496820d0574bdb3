"""A history as one HTML page without scripts, fonts or network requests.

A history has the versions that requirements resolved to in a past period, and an event for each change.
"""

from markupsafe import Markup

from envparity.history.record import History
from envparity.render.history import words
from envparity.render.history.timeline import STYLE, drawn, numbered
from envparity.render.templates import template
from envparity.render.words import number, printable

_WIDE, _NARROW = 940, 340  # the widths of the two pictures in pixels


def as_html(history: History) -> str:
    """Return the page as HTML: a wide and a narrow version of the picture, and a list of the events."""
    history = printable(history)
    events, left = words.told(history, all_of_them=False)
    return template("history/page.html.j2").render(
        history=history,
        words=words,
        caveats=list(words.caveats(history)),
        style=Markup(STYLE),  # noqa: S704 - a text of this package
        wide=drawn(history, _WIDE),
        narrow=drawn(history, _NARROW, stacked=True),
        events=events,
        numbers={one.instant: place for place, one in enumerate(numbered(history), 1)},
        others=[event for event in history.events if event not in events],
        left=number(left, "other event"),
    )
