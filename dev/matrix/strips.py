"""Draw latencies as strip plots in SVG: a lane for each dialer, a dot for each test, on a logarithmic scale."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from markupsafe import Markup

from dev.matrix.maps import Cell, measurable
from pingtest.report import Latency

# Sizes in pixels. _WIDTH is the width of the plot, and _EDGE the space on its left and right. _TOP is the space above
# the first lane. _LANE is the height of a lane, _BAND the height of its coloured part, and _AXIS the height of the
# labels below the last lane. _RADIUS is the radius of a dot, and _STEP the distance between stacked dots.
_WIDTH, _EDGE = 420, 12
_TOP, _LANE, _BAND, _AXIS = 4, 58, 34, 24
_RADIUS, _STEP = 2.7, 4.4
_DEEP = 3  # the number of dots that fit above and below the middle of a lane; further dots overlap
_LONGEST = 24  # characters of a name that fit above a lane

_FRAME = Markup('<svg class="strips" viewBox="0 0 {width} {height}" role="img" aria-label="{title}">{parts}</svg>')
_NAME = Markup('<text class="name" x="{x}" y="{y}">{text}</text><text class="small" x="{end}" y="{y}">{said}</text>')
_BED = Markup('<rect class="bed" x="{x}" y="{y}" width="{width}" height="{height}" rx="4"/>')
_GRID = Markup('<path class="{kind}" d="M{x:.1f} {top}V{bottom}"/>')
_LABEL = Markup('<text class="tick" x="{x:.1f}" y="{y}">{text}</text>')
_DOT = Markup('<g data-test="{number}"><title>{title}</title><circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}"/></g>')
_MEDIAN = Markup('<path class="median" d="M{x:.1f} {top}V{bottom}"/>')


@dataclass(frozen=True)
class _Scale:
    """A logarithmic scale in ms. `low` and `high` are each 1, 2 or 5 times a power of ten."""

    low: float
    high: float

    def x(self, figure: float) -> float:
        low, high = math.log(self.low), math.log(self.high)  # high / low could be too large for a float
        share = (math.log(figure) - low) / (high - low)
        return _EDGE + share * (_WIDTH - 2 * _EDGE)

    def ticks(self) -> Iterator[float]:
        decade = math.floor(math.log10(self.low) + 1e-9)
        while (ten := 10.0**decade) <= self.high * 1.001:
            yield from (ten * step for step in (1, 2, 5) if self.low * 0.999 <= ten * step <= self.high * 1.001)
            decade += 1


def strips(cells: Sequence[Cell], names: Sequence[str], title: str, of: Callable[[Latency], float]) -> Markup:
    """Return a plot with a lane for each dialer in `names` and a dot for each test; empty if no test has the figure.

    A dot shows one figure in ms, which `of` returns from the latency of a test. `title` is the name of the figure.
    """
    lanes: dict[str, list[tuple[float, Cell]]] = {}
    for name in names:
        for cell in cells:
            latency = cell.outcome.latency
            if cell.outcome.test.dialer == name and latency and measurable(of(latency)):
                lanes.setdefault(name, []).append((of(latency), cell))
    if not lanes:
        return Markup("")
    scale = _scale([figure for lane in lanes.values() for figure, _ in lane])
    bottom = _TOP + _LANE * len(lanes)
    parts: list[Markup] = []
    said: list[str] = []
    beds = [_TOP + _LANE * place + _LANE - _BAND for place in range(len(lanes))]
    parts += [_BED.format(x=0, y=y, width=_WIDTH, height=_BAND) for y in beds]
    parts += _grid(scale, beds, bottom)
    for y, (name, lane) in zip(beds, lanes.items(), strict=True):
        middle = median(figure for figure, _ in lane)
        words = f"median {readable(middle)} ms, {len(lane)} test{'' if len(lane) == 1 else 's'}"
        said.append(f"{name}: {words}")
        short = name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
        parts.append(_NAME.format(x=1, end=_WIDTH - 1, y=y - 6, text=short, said=words))
        parts += _dots(scale, lane, y + _BAND / 2)
        parts.append(_MEDIAN.format(x=scale.x(middle), top=y + 2, bottom=y + _BAND - 2))
    return _FRAME.format(
        width=_WIDTH, height=bottom + _AXIS, title=f"{title} by dialer: {'; '.join(said)}", parts=Markup("").join(parts)
    )


def readable(figure: float) -> str:
    """Return a figure in ms as text with about three significant digits."""
    if not math.isfinite(figure):
        return str(figure)
    return f"{figure:.2f}" if figure < 9.995 else f"{figure:.1f}" if figure < 99.95 else f"{figure:,.0f}"


def _scale(figures: Sequence[float]) -> _Scale:
    low, high = min(figures), max(figures)
    below = max(step for step in _steps(low) if step <= low)
    above = min(step for step in _steps(high) if step > high)
    return _Scale(below, above)


def _steps(figure: float) -> list[float]:
    decade = math.floor(math.log10(figure))
    return [step * 10.0**power for power in (decade - 1, decade, decade + 1) for step in (1, 2, 5)]


def _grid(scale: _Scale, beds: Sequence[float], bottom: float) -> Iterator[Markup]:
    ticks = list(scale.ticks())
    tens = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
    named = ticks if len(ticks) <= 9 else tens if len(tens) <= 9 else tens[:: math.ceil(len(tens) / 6)]
    for tick in ticks if len(tens) <= 9 else named:
        for y in beds:
            yield _GRID.format(kind="ten" if tick in tens else "grid", x=scale.x(tick), top=y, bottom=y + _BAND)
    for tick in named:
        words = f"{tick:g}"
        x = scale.x(tick)
        room = len(words) * 3.5
        yield _LABEL.format(x=min(max(x, room), _WIDTH - room), y=bottom + 16, text=words)


def _dots(scale: _Scale, lane: Sequence[tuple[float, Cell]], middle: float) -> Iterator[Markup]:
    """Yield the dots of a lane. Dots that would touch lie one above the other.

    The same figures always give the same picture.
    """
    placed: list[tuple[float, int]] = []
    levels = sorted(range(-_DEEP, _DEEP + 1), key=lambda level: (abs(level), level))
    for figure, cell in sorted(lane, key=lambda one: (one[0], one[1].number)):
        x = scale.x(figure)
        near = {level for at, level in placed[-40:] if x - at < 2 * _RADIUS}
        level = next((level for level in levels if level not in near), levels[len(placed) % len(levels)])
        placed.append((x, level))
        title = f"{cell.outcome.test.name}: {readable(figure)} ms"
        yield _DOT.format(number=cell.number, x=x, y=middle + level * _STEP, radius=_RADIUS, title=title)
