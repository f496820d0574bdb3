"""At which instants a requirement has to be resolved: at the end, and just before each release that was chosen.

A resolution holds down to the newest of the releases that it chose: until then each of them is to be had, and of what
else there is, less. So one resolution is enough for each change. The time is divided into stretches that are walked
side by side, each from its end to its beginning; where two meet, they have to say the same. Where they do not, or
where nothing can be resolved and so no release says how far that goes, the change is found by halving the time.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from envparity.history.resolver import Resolution

_AT_ONCE = 3  # resolutions side by side: one waits for the index while the others compute
_STRETCHES = 6
_SHORTEST = timedelta(days=2)  # of a stretch: a shorter one has little to find
_EXACT = timedelta(seconds=1)
_FARTHEST = timedelta(days=20 * 365)  # that an older resolution is looked for

Resolve = Callable[[datetime], Resolution]


@dataclass(frozen=True)
class Span:
    """`resolution` is that of every instant after `start`, up to and with `end`; None is where no release says."""

    start: datetime | None
    end: datetime
    resolution: Resolution


@dataclass(frozen=True)
class Turn:
    """At `instant` one resolution became another; `found` is false where no chosen release came just then."""

    instant: datetime
    before: Resolution
    after: Resolution
    found: bool = True


@dataclass(frozen=True)
class Walk:
    """`first` is the resolution at the beginning, `turns` the changes since, in order; `stretches` were walked."""

    first: Resolution
    turns: tuple[Turn, ...]
    stretches: int

    @property
    def last(self) -> Resolution:
        """The resolution at the end."""
        return self.turns[-1].after if self.turns else self.first


def walk(
    resolve: Resolve, since: datetime | None, until: datetime, direct: Sequence[str], stop: Callable[[], None]
) -> Walk:
    """All changes between two instants; without `since`, from the first instant at which there was a resolution.

    `direct` are the names that are asked for: with one release each, nothing is older than the newest of them.
    `stop` ends what is being resolved, where one resolution fails or the person has had enough.
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
        spans.insert(0, _span(resolve, since))  # no release says since when there is none
    return Walk(spans[0].resolution, tuple(_turns(resolve, spans)), len(stretches) + 1)


def _span(resolve: Resolve, end: datetime) -> Span:
    found = resolve(end)
    newest = found.newest if found.failure is None else None
    return Span(newest if newest is None or newest < end else end - _EXACT, end, found)


def _stretches(top: Span, since: datetime | None, direct: Sequence[str]) -> list[tuple[datetime | None, datetime]]:
    """What is left below the topmost span, as (beginning, end); the one without a beginning ends where nothing is."""
    if top.start is None or (since is not None and top.start <= since):
        return []
    chosen = [one.uploaded for one in top.resolution.selected if one.name in direct and one.uploaded]
    low = since or max(chosen, default=top.start)
    count = max(min(_STRETCHES, (top.start - low) // _SHORTEST), 1)
    bounds = [low + (top.start - low) / count * number for number in range(count)]
    bounds = [*(one.replace(microsecond=0) for one in bounds), top.start]
    bounded: list[tuple[datetime | None, datetime]] = [(begin, end) for begin, end in pairwise(bounds) if begin < end]
    # The latest first, for it is what people ask about.
    return [*reversed(bounded), *([] if since else [(None, low)])]


def _down(resolve: Resolve, low: datetime | None, high: datetime) -> list[Span]:
    """From the end of a stretch to its beginning, or without one to where there is no resolution."""
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
    """Whether it is a failure that need not have been there before."""
    return span.resolution.failure is not None and not span.resolution.lasting


def _edge(resolve: Resolve, low: datetime | None, failed: Span) -> list[Span]:
    """Where, going down, a failure begins that need not have been there before: the last spans on both of its sides.

    A release that cannot be built makes what is older no worse. No release tells when it came, so it is looked for in
    growing steps, and then by halving. Nothing is given where there is no resolution further down either.
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
    """Changes that no chosen release tells of, each found to the second."""
    if lower.resolution.same(upper.resolution):
        return []
    if upper.end - lower.end <= _EXACT:
        return [Turn(lower.end, lower.resolution, upper.resolution, found=False)]
    middle = _middle(lower.end, upper.end)
    span = Span(None, middle, resolve(middle))
    return [*_between(resolve, lower, span), *_between(resolve, span, upper)]
