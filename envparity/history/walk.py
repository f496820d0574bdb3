"""Finds every change of a resolution in a period, with as few questions as possible.

For example, as of 1 June the requirements resolve to A 2.0 and B 1.4. A 2.0 is the newer of the two and was uploaded on
12 May. From 12 May on, uv could choose A 2.0 and B 1.4. All other releases that uv could choose before 1 June were also
available on 1 June, and uv preferred A 2.0 and B 1.4 to these releases. So uv chooses A 2.0 and B 1.4 for every instant
from 12 May to 1 June. The next question is as of the moment before the upload of A 2.0. One question for each change is
enough.

The walk divides the period into stretches. Each of several threads goes through one stretch, from the end of the
stretch to its beginning. Where two stretches meet, their answers should agree. In two cases no release shows when a
change happened: the answers of two stretches do not agree, or the requirements cannot be resolved. Then the walk halves
the time between two answers until the time of the change is known to the second.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from envparity.history.resolver import Resolution

_AT_ONCE = 3  # resolutions at the same time: one waits for the index while the others compute
_STRETCHES = 6
_SHORTEST = timedelta(days=2)  # a shorter stretch has few changes
_EXACT = timedelta(seconds=1)
_FARTHEST = timedelta(days=20 * 365)  # how far back to look for an older resolution

Resolve = Callable[[datetime], Resolution]


@dataclass(frozen=True)
class Span:
    """A period in which every instant has the same resolution: after `start`, up to and including `end`.

    `start` is None if no release shows at which instant the period begins.
    """

    start: datetime | None
    end: datetime
    resolution: Resolution


@dataclass(frozen=True)
class Turn:
    """A change: at `instant` the resolution changed from `before` to `after`.

    `found` is false if none of the chosen releases was uploaded at that instant.
    """

    instant: datetime
    before: Resolution
    after: Resolution
    found: bool = True


@dataclass(frozen=True)
class Walk:
    """The resolution at the beginning of a period, and the changes after it, oldest first.

    `stretches` counts the parts into which the search divided the period.
    """

    first: Resolution
    turns: tuple[Turn, ...]
    stretches: int

    @property
    def last(self) -> Resolution:
        """Return the resolution at the end of the period."""
        return self.turns[-1].after if self.turns else self.first


def walk(
    resolve: Resolve, since: datetime | None, until: datetime, direct: Sequence[str], stop: Callable[[], None]
) -> Walk:
    """Find all changes from `since` to `until`; without `since`, go back until the requirements do not resolve.

    `resolve` returns the resolution as of an instant. `direct` are the canonical names that the requirements name.
    Without `since`, the walk first guesses that the period begins with the newest upload of these distributions. The
    guess is right if each requirement allows only one release. `walk` calls `stop` to end the running resolutions if
    one of them fails or the person interrupts, and raises the error again.
    """
    top = _span(resolve, until)
    edge = _edge(resolve, since, top) if _may_pass(top) else []
    stretches = _stretches(edge[0] if edge else top, since, direct)
    spans = [*edge, top]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        futures = [pool.submit(_down, resolve, low, high) for low, high in stretches]
        try:
            done, _ = wait(futures, return_when=FIRST_EXCEPTION)
            for future in done:
                spans += future.result()
        except BaseException:
            stop()
            for future in futures:
                future.cancel()
            raise
    spans.sort(key=lambda span: span.end)
    if since is not None and spans[0].end > since and spans[0].start is None:
        spans.insert(0, _span(resolve, since))  # a failed resolution does not show when the failure began
    return Walk(spans[0].resolution, tuple(_turns(resolve, spans)), len(stretches) + 1)


def _span(resolve: Resolve, end: datetime) -> Span:
    found = resolve(end)
    newest = found.newest if found.failure is None else None
    return Span(newest if newest is None or newest < end else end - _EXACT, end, found)


def _stretches(top: Span, since: datetime | None, direct: Sequence[str]) -> list[tuple[datetime | None, datetime]]:
    """Return the stretches before the span `top`, as (beginning, end).

    Without `since` the last stretch of the list has no beginning: it goes back until the requirements do not resolve.
    """
    if top.start is None or (since is not None and top.start <= since):
        return []
    chosen = [one.uploaded for one in top.resolution.selected if one.name in direct and one.uploaded]
    low = since or max(chosen, default=top.start)
    count = max(min(_STRETCHES, (top.start - low) // _SHORTEST), 1)
    bounds = [low + (top.start - low) / count * number for number in range(count)]
    bounds = [*(one.replace(microsecond=0) for one in bounds), top.start]
    bounded: list[tuple[datetime | None, datetime]] = [(begin, end) for begin, end in pairwise(bounds) if begin < end]
    # The latest stretch is first in the list, because people usually ask about the latest changes.
    return [*reversed(bounded), *([] if since else [(None, low)])]


def _down(resolve: Resolve, low: datetime | None, high: datetime) -> list[Span]:
    """Return the spans of a stretch, from its end back to its beginning, or until the requirements do not resolve."""
    found: list[Span] = []
    at: datetime | None = high
    while at is not None and (low is None or at > low):
        span = _span(resolve, at)
        found.append(span)
        at = span.start
        if _may_pass(span):
            edge = _edge(resolve, low, span)
            found += edge
            at = edge[0].start if edge else None
    return found


def _may_pass(span: Span) -> bool:
    """Return whether the resolution failed, but may succeed as of an earlier instant.

    For example, a release that cannot be built does no harm before its upload.
    """
    return span.resolution.failure is not None and not span.resolution.lasting


def _edge(resolve: Resolve, low: datetime | None, failed: Span) -> list[Span]:
    """Find the instant from which the requirements no longer resolve; return the spans just before and just after it.

    `failed` is a span in which the requirements do not resolve. A release that cannot be built does no harm to
    resolutions as of an instant before its upload. No resolution shows when that upload was. So the search goes back in
    growing steps until the requirements resolve, and then halves the time between the two answers. Return an empty list
    if the search finds no earlier instant at which the requirements resolve.
    """
    step, lower = _EXACT, None
    while lower is None and step < _FARTHEST:
        at = failed.end - step
        step *= 16
        if low is not None and at <= low:
            at, step = low + _EXACT, _FARTHEST
        if at >= failed.end:
            break
        span = _span(resolve, at)
        if span.resolution.failure is None:
            lower = span
        else:
            failed = Span(None, span.end, span.resolution)
    while lower is not None and failed.end - lower.end > _EXACT:
        span = _span(resolve, _middle(lower.end, failed.end))
        if span.resolution.failure is None:
            lower = span
        else:
            failed = span
    return [lower, failed] if lower is not None else []


def _middle(low: datetime, high: datetime) -> datetime:
    return low + ((high - low) / 2 // _EXACT) * _EXACT


def _turns(resolve: Resolve, spans: Sequence[Span]) -> list[Turn]:
    turns: list[Turn] = []
    for lower, upper in pairwise(spans):
        if lower.resolution.same(upper.resolution):
            continue
        if upper.start is not None and upper.start >= lower.end:
            turns.append(Turn(upper.start, lower.resolution, upper.resolution))
        else:
            turns += _between(resolve, lower, upper)
    return turns


def _between(resolve: Resolve, lower: Span, upper: Span) -> list[Turn]:
    """Return the changes between two spans; halve the time between them until each change is known to the second.

    No chosen release shows the instant of these changes.
    """
    if lower.resolution.same(upper.resolution):
        return []
    if upper.end - lower.end <= _EXACT:
        return [Turn(lower.end, lower.resolution, upper.resolution, found=False)]
    middle = _middle(lower.end, upper.end)
    span = Span(None, middle, resolve(middle))
    return [*_between(resolve, lower, span), *_between(resolve, span, upper)]
