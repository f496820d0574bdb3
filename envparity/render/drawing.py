"""Drawings of requirement paths: a box for each distribution, from left to right, and an arrow for each requirement.

The first box of a path names a track, or a distribution that no other distribution requires. The last box names the
distribution that the drawing is about.
"""

from collections.abc import Sequence

from markupsafe import Markup
from rich.cells import cell_len

from envparity.judge.report import Step, Why, path_text
from envparity.render.words import short

# All sizes are in pixels. _NAME and _LABEL are the widths of one character of a name and of an arrow's label, in the
# fixed-width font and the font sizes of the page's style sheet.
_NAME, _LABEL = 7.9, 6.7
_PAD, _MARGIN = 14, 2
_BOX, _ROW = 46, 74
_SHORTEST_ARROW = 64
_LONGEST = 34  # the most characters of a name or a requirement in the drawing; the tooltip shows the whole text

_FRAME = Markup(
    '<svg class="paths" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" '
    'aria-labelledby="why-{number}"><title id="why-{number}">{title}</title>{rows}</svg>'
)
_BOXED = Markup(
    '<g class="{kind}"><title>{title}</title>'
    '<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{round}"/>{text}</g>'
)
_TEXT = Markup('<text class="{kind}" x="{x}" y="{y}">{text}</text>')
_ARROW = Markup(
    '<g class="edge"><title>{title}</title><path d="M{start} {y}H{end}"/>'
    '<path class="head" d="M{end} {y}l-7 -4v8z"/>{text}</g>'
)


def drawn(why: Why, number: int) -> Markup:
    """Return an SVG drawing of the paths to one distribution, one row for each path.

    `number` is the number of the drawing on its page; the ids of the drawing's elements contain this number.
    """
    rows: list[Markup] = []
    width = 0.0
    for index, path in enumerate(why.paths):
        row, end = _row(path, _MARGIN + index * _ROW)
        rows.append(row)
        width = max(width, end)
    said = "; ".join(path_text(path) for path in why.paths)
    return _FRAME.format(
        width=round(width + _MARGIN),
        height=max(len(why.paths) * _ROW - (_ROW - _BOX) + 2 * _MARGIN, 2 * _MARGIN),
        number=number,
        title=f"How {why.distribution} came in: {said}",
        rows=Markup("").join(rows),
    )


def _row(path: Sequence[Step], y: float) -> tuple[Markup, float]:
    """Return the boxes and arrows of one path, and the x coordinate at which the last box ends."""
    if not path:
        return Markup(""), 0
    box, x = _box("root", path[0].source, None, _MARGIN, y)
    shapes = [box]
    for step in path:
        arrow, x = _arrow(step.requirement, x, y + _BOX / 2)
        kind = "last" if step is path[-1] else "step"
        box, x = _box(kind if step.version else f"{kind} absent", step.target, step.version or "not installed", x, y)
        shapes += [arrow, box]
    return Markup("").join(shapes), x


def _box(kind: str, name: str, version: str | None, x: float, y: float) -> tuple[Markup, float]:
    lines = [short(name, _LONGEST)] + ([short(version, _LONGEST)] if version else [])
    width = max(cell_len(line) for line in lines) * _NAME + 2 * _PAD
    middle = f"{x + width / 2:.1f}"
    heights = [y + 20, y + 36] if version else [y + _BOX / 2 + 4.5]
    text = Markup("").join(
        _TEXT.format(kind=kind, x=middle, y=f"{height:.1f}", text=line)
        for kind, height, line in zip(("name", "version"), heights, lines, strict=False)
    )
    shape = _BOXED.format(
        kind=kind,
        title=f"{name} {version or ''}".strip(),
        x=f"{x:.1f}",
        y=f"{y:.1f}",
        width=f"{width:.1f}",
        height=_BOX,
        round=_BOX / 2 if kind == "root" else 8,
        text=text,
    )
    return shape, x + width


def _arrow(requirement: str, x: float, y: float) -> tuple[Markup, float]:
    """Return an arrow, and the x coordinate at which the next box begins.

    The requirement is above the arrow, and the marker of the requirement below.
    """
    wanted, semicolon, marker = requirement.partition(";")
    above, below = short(wanted.strip(), _LONGEST), short(f"; {marker.strip()}" if semicolon else "", _LONGEST)
    length = max(max(cell_len(above), cell_len(below)) * _LABEL + 24, _SHORTEST_ARROW)
    start, end = x + 4, x + length - 4
    middle = f"{x + length / 2:.1f}"
    text = _TEXT.format(kind="label", x=middle, y=f"{y - 8:.1f}", text=above)
    if below:
        text += _TEXT.format(kind="label", x=middle, y=f"{y + 17:.1f}", text=below)
    arrow = _ARROW.format(title=requirement, start=f"{start:.1f}", end=f"{end:.1f}", y=f"{y:.1f}", text=text)
    return arrow, x + length
