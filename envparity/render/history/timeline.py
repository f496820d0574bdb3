"""A history as a picture: a row for each watched distribution, and for each import name that distributions share.

A history has the versions that requirements resolved to in a past period, and an event for each change. An HTML page
has two versions of the picture, one for a wide and one for a narrow window. A picture in a separate file also has
colours and a legend. A row of the picture is called a lane.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from markupsafe import Markup
from rich.cells import cell_len

from envparity.history.record import Event, History
from envparity.render.history import words
from envparity.render.words import printable, short

# All sizes are in pixels. The first row has the widths of one character in the font sizes of STYLE: of normal and of
# bold text, of small text, and of the title. The second row has the heights of a bar, of a lane, and of a lane with its
# name above the bar. _EDGE is the margin, _TICK the room for a date on the axis, and _LINE the height of a text line.
_COLUMN, _BOLD, _SMALL, _TITLE = 7.3, 8.0, 6.6, 9.2
_BAR, _LANE, _STACKED = 24, 36, 54
_EDGE = 14
_APART = 20  # the least distance between the middles of two numbers
_TICK = 78
_NUMBERS = 9  # the most events with a number; the page lists every event below the picture
_LINE = 19

STYLE = """
.timeline text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; fill: var(--ink); }
.timeline .small { font-size: 11.5px; fill: var(--soft); }
.timeline .small, .timeline .name { paint-order: stroke; stroke: var(--ground); stroke-width: 3px; }
.timeline .name { font-weight: 600; }
.timeline .grid { stroke: var(--line); }
.timeline .bar { fill: var(--tint); stroke: var(--soft); stroke-width: .8; }
.timeline .odd { fill: var(--card); }
.timeline .torn { fill: var(--error-tint); stroke: var(--error); }
.timeline .bad { fill: var(--error); }
.timeline .at { stroke: var(--soft); stroke-dasharray: 2 3; }
.timeline .at.bad { stroke: var(--error); }
.timeline .tick { stroke: var(--soft); stroke-width: 1.2; }
.timeline .mark { fill: var(--soft); }
.timeline .mark.bad { fill: var(--error); }
.timeline .digit { fill: var(--paper); font-size: 11px; font-weight: 600; text-anchor: middle; }
.timeline .middle { text-anchor: middle; }
.timeline .title { font-size: 15px; font-weight: 650; }
"""
_LIGHT = (
    "--paper: #fbfaf7; --card: #ffffff; --ink: #23252a; --soft: #686c74; --line: #e5e2da; --tint: #f3f1eb; "
    "--error: #a8322a; --error-tint: #fbeeec; --ground: #fbfaf7;"
)
_DARK = (
    "--paper: #16181b; --card: #1d2024; --ink: #dfdedb; --soft: #9a9da5; --line: #31353b; --tint: #24282d; "
    "--error: #f0938a; --error-tint: #352120; --ground: #16181b;"
)
_FILE = Markup(
    "<style>svg {{ {light} }} @media (prefers-color-scheme: dark) {{ svg {{ {dark} }} }} {style}"
    '</style><rect width="100%" height="100%" style="fill: var(--paper)"/>'
)
_FRAME = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" class="timeline {kind}" width="{width}" height="{height:.0f}" '
    'viewBox="0 0 {width} {height:.0f}" role="img" aria-label="{title}">{shapes}</svg>'
)
_TEXT = Markup('<text class="{kind}" x="{x:.1f}" y="{y:.1f}">{text}</text>')
_LINE_UP = Markup('<path class="{kind}" d="M{x:.1f} {top:.1f}V{bottom:.1f}"/>')
_SEGMENT = Markup(
    '<g><title>{title}</title><rect class="bar {kind}" x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height}" '
    'rx="3"/></g>'
)
_MARK = Markup(
    '<g><title>{title}</title><circle class="mark {kind}" cx="{x:.1f}" cy="{y}" r="9"/>'
    '<text class="digit" x="{x:.1f}" y="{down}">{number}</text></g>'
)


@dataclass(frozen=True)
class _Scale:
    """Maps an instant to its x coordinate: `begin` to `left`, `end` to `right`."""

    begin: datetime
    end: datetime
    left: float
    right: float

    def x(self, instant: datetime) -> float:
        span = max((self.end - self.begin).total_seconds(), 1)
        share = (instant - self.begin).total_seconds() / span
        return self.left + min(max(share, 0), 1) * (self.right - self.left)


@dataclass(frozen=True)
class Caption:
    """The texts of a picture that is a file: a title and a heading above the lanes, and a legend below the lanes.

    Each line of the legend is a pair of the text and its CSS class: `text`, `small` or `bad`.
    """

    title: str
    heading: str
    legend: tuple[tuple[str, str], ...]


def as_svg(history: History, caption: Caption | None = None) -> str:
    """Return the picture as the text of an SVG file, with `caption` or else with `own_caption`."""
    return f"{drawn(history, 960, caption=caption or own_caption(history))}\n"


def own_caption(history: History) -> Caption:
    """Return a caption with the events of a history, its beginning and its end."""
    history = printable(history)
    return Caption(f"History of {history.title}", words.heading(history), tuple(_legend(history, numbered(history))))


def drawn(history: History, width: int, *, stacked: bool = False, caption: Caption | None = None) -> Markup:
    """Return the picture as SVG, `width` pixels wide.

    With `stacked`, the name of each lane is above its bar; otherwise the name is on the left. With `caption`, the
    picture has its own colours and the texts of the caption, so that it can be a separate file.
    """
    history = printable(history)
    lanes = words.periods(history)
    names = {words.colliding_name(name): those for name, those in words.colliding(history).items()}
    longest = max((cell_len(name) for name in (*lanes, *names)), default=0)
    left = _EDGE if stacked else min(_EDGE + longest * _BOLD + 12, width / 3)
    scale = _Scale(history.since, history.until, left, width - _EDGE)
    room = int((width - 2 * _EDGE) / _SMALL)
    headed = [*_wrapped(caption.heading, room)] if caption else []
    top = 50 + _LINE * len(headed) - 3 if caption else 10
    marked = numbered(history)
    shapes: list[Markup] = []
    if caption:
        shapes.append(_FILE.format(light=_LIGHT, dark=_DARK, style=Markup(STYLE)))  # noqa: S704 - a text of this module
        shapes.append(_text("title", _EDGE, 26, short(caption.title, int((width - 2 * _EDGE) / _TITLE))))
        shapes += [_text("small", _EDGE, 46 + _LINE * number, line) for number, line in enumerate(headed)]
    axis = top + (34 if marked else 12)
    lane = _STACKED if stacked else _LANE
    first = axis + 14
    bottom = first + lane * (len(lanes) + len(names)) + 12
    shapes += _marks(scale, marked, top, bottom)
    shapes += _axis(scale, axis, bottom)
    torn = _torn(history)
    y: float = first
    for name, those in lanes.items():
        shapes += _lane(scale, name, those, y, torn.get(name, ()), stacked=stacked)
        y += lane
    for name, those in names.items():
        shapes += _lane(scale, name, those, y, [(one.begin, one.end) for one in those], stacked=stacked)
        y += lane
    shapes += _others(scale, history, y)
    y += 38
    if caption:
        for line, kind in caption.legend:
            columns = room if kind == "small" else int((width - 3 * _EDGE) / _COLUMN)
            for number, text in enumerate(_wrapped(line, columns)):
                shapes.append(_text(kind, _EDGE + _EDGE * (number > 0), y, text))
                y += _LINE
    kind = "narrow" if stacked else "wide"
    return _FRAME.format(
        kind=kind,
        width=width,
        height=y + 4,
        title=caption.heading if caption else words.heading(history),
        shapes=Markup("").join(shapes),
    )


def numbered(history: History) -> list[Event]:
    """Return the events that have a number in the picture, in order of time.

    If there are more than _NUMBERS events, the most important events get a number. First come events that begin a
    collision, or after which the requirements do not resolve. Then come events that end a collision, and then events
    after which the requirements resolve again.
    """
    events, _ = words.told(history, all_of_them=False)
    weight = {id(one): (not (one.gained or one.failure), not one.ended, not one.begins) for one in events}
    kept = sorted(events, key=lambda one: weight[id(one)])[:_NUMBERS]
    return [one for one in events if one in kept]


def _text(kind: str, x: float, y: float, text: str) -> Markup:
    return _TEXT.format(kind=kind, x=x, y=y, text=text)


def _torn(history: History) -> dict[str, list[tuple[datetime, datetime]]]:
    """Return a dict from each distribution to the periods, as (begin, end), in which it collided with another."""
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for one, begun, ended in history.collisions():
        for provider in one.providers:
            found.setdefault(provider.partition(" ")[0], []).append((begun, ended))
    return found


def _lane(
    scale: _Scale,
    name: str,
    those: Sequence[words.Period],
    y: float,
    torn: Sequence[tuple[datetime, datetime]],
    *,
    stacked: bool,
) -> Iterator[Markup]:
    bar = y + (_STACKED - _LANE if stacked else 0)
    columns = int(((scale.right if stacked else scale.left) - _EDGE) / _BOLD)
    yield _text("name", _EDGE, y + 12 if stacked else bar + 17, short(name, columns))
    if not those:
        yield _text("small", scale.left, bar + 17, "never installed")
    for number, one in enumerate(those):
        fits = cell_len(one.label) * _COLUMN + 10 <= scale.x(one.end) - scale.x(one.begin)
        for begin, end, bad in _cut(one, torn):
            yield _SEGMENT.format(
                title=f"{name} {one.label}, {words.minute(one.begin)} to {words.minute(one.end)} UTC",
                kind="torn" if bad else "odd" if number % 2 else "",
                x=scale.x(begin),
                y=bar,
                width=max(scale.x(end) - scale.x(begin) - (end == one.end), 1.5),
                height=_BAR,
            )
        if fits:
            yield _text("label", scale.x(one.begin) + 6, bar + 16.5, one.label)


def _cut(one: words.Period, torn: Sequence[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime, bool]]:
    """Cut a period where collisions begin and end.

    Yield the begin and the end of each piece, and whether the distribution collides during the piece.
    """
    cuts = {one.begin, one.end, *(at for pair in torn for at in pair if one.begin < at < one.end)}
    for begin, end in pairwise(sorted(cuts)):
        yield begin, end, any(since <= begin and end <= until for since, until in torn)


def _marks(scale: _Scale, marked: Sequence[Event], top: float, bottom: float) -> Iterator[Markup]:
    least = scale.left - _APART
    for number, event in enumerate(marked, 1):
        x = scale.x(event.instant)
        bad = "bad" if event.gained or event.failure is not None else ""
        yield _LINE_UP.format(kind=f"at {bad}", x=x, top=top + 18, bottom=bottom)
        # If two events are too near each other, the number of the later event moves to the right, but not its line.
        least = max(least + _APART, x)
        room = scale.right - _APART * (len(marked) - number)
        yield _MARK.format(
            title=f"{words.minute(event.instant)} UTC: {words.cause(event)}",
            kind=bad,
            x=min(least, max(room, scale.left)),
            y=round(top + 9),
            down=f"{top + 13:.1f}",
            number=number,
        )


def _others(scale: _Scale, history: History, y: float) -> Iterator[Markup]:
    """Yield a short vertical line for each event, even if the event changed no watched distribution."""
    for event in history.events:
        yield _LINE_UP.format(kind="tick", x=scale.x(event.instant), top=y, bottom=y + 8)
    if scale.left > _EDGE:
        yield _text("small", _EDGE, y + 9, "every event")


def _axis(scale: _Scale, y: float, bottom: float) -> Iterator[Markup]:
    for at in _ticks(scale):
        x = scale.x(at)
        yield _LINE_UP.format(kind="grid", x=x, top=y, bottom=bottom)
        name = words.day(at) if at.day != 1 or _days(scale) < 300 else at.strftime("%Y-%m")
        if x + 4 + cell_len(name) * _SMALL < scale.right:
            yield _text("small", x + 4, y + 4, name)


def _days(scale: _Scale) -> float:
    return (scale.end - scale.begin) / timedelta(days=1)


def _ticks(scale: _Scale) -> Iterator[datetime]:
    """Yield the instants that the axis names: days, or the first days of months, as many as the width has room for."""
    most = max((scale.right - scale.left) / _TICK, 1)
    days = next((step for step in (1, 2, 5, 10, 15) if _days(scale) / step <= most), None)
    if days is not None:
        at = scale.begin.replace(hour=0, minute=0, second=0) + timedelta(days=1)
        while at < scale.end:
            yield at
            at += timedelta(days=days)
        return
    months = next((step for step in (1, 2, 3, 6, 12, 24, 60, 120) if _days(scale) / 30.4 / step <= most), 240)
    month = scale.begin.year * 12 + scale.begin.month
    month += -month % months
    while (at := datetime(month // 12, month % 12 + 1, 1, tzinfo=UTC)) < scale.end:
        if at > scale.begin:
            yield at
        month += months


def _legend(history: History, marked: Sequence[Event]) -> Iterator[tuple[str, str]]:
    """Yield the meaning of each number, then how the history begins and ends, as pairs of a line and its CSS class."""
    watched = frozenset(history.watched)
    for number, event in enumerate(marked, 1):
        kind = "bad" if event.gained or event.failure is not None else "text"
        yield (
            f"{number}: {words.minute(event.instant)}, {words.cause(event)}: {'; '.join(words.brief(event, watched))}",
            kind,
        )
    yield from ((line, "small") for line in (*words.beginning(history), *words.caveats(history)))
    yield words.verdict(history), "bad" if history.remaining or not history.last else "text"


def _wrapped(text: str, columns: int) -> Iterator[str]:
    line = ""
    chunks = (word[at : at + columns] for word in text.split() for at in range(0, len(word), columns))
    for word in chunks:
        if line and cell_len(line) + cell_len(word) >= columns:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line
