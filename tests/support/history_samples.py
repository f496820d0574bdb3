"""Histories and bisections for the tests of the renderers, which turn them into text, HTML and pictures.

A history lists the changes, over time, of the versions that an installer chooses for a requirement. A bisection
searches a history for the event that broke a command. Each sample is consistent like a real history: the versions at
its end follow from its beginning and its events.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from report_samples import ATTACKS

from envparity.history.bisect import Bisection
from envparity.history.collisions import Collision
from envparity.history.record import Change, Effort, Event, History
from envparity.history.trial import Trial
from envparity.text import visible

Document = TypeVar("Document", History, Bisection)

# STEERING attacks contain characters that control a terminal or the direction of text, so no renderer may print them
# unchanged. PRINTABLE attacks contain no such characters.
PRINTABLE = tuple(attack for attack in ATTACKS if visible(attack) == attack)
STEERING = tuple(attack for attack in ATTACKS if visible(attack) != attack)

PATH = "the requirement -> libp2p==0.3.0 (0.3.0) -> multiaddr>=0.0.9 (0.1.0) -> py-multihash>=2.0.0 (2.0.1)"
FAILURE = "Because only libp2p<=0.2.9 is available and you require libp2p==0.3.0, it cannot be satisfied."
FILES = ("multihash/__init__.py", "multihash/multihash.py")


def at(text: str) -> datetime:
    """Return the instant of an ISO 8601 text, in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


SINCE, UNTIL = at("2025-10-01"), at("2026-01-01")
COLLIDES, MOVES, MENDS = at("2025-10-27T14:22:45"), at("2025-12-18T08:03:10"), at("2025-12-28T17:00:00")


def collision(version: str) -> Collision:
    """Return the collision between this version of py-multihash and pymultihash, which install the same module."""
    return Collision("multihash", (f"py-multihash {version}", "pymultihash 0.8.2"), FILES)


def event(
    instant: datetime,
    releases: Sequence[str],
    *changes: Change,
    gained: Sequence[Collision] = (),
    ended: Sequence[Collision] = (),
) -> Event:
    """Return an event; `gained` are the collisions that begin with it, and `ended` those that end with it."""
    return Event(instant, tuple(releases), changes, tuple(gained), tuple(ended), None, True)


def moved(instant: datetime, name: str, before: str, after: str) -> Event:
    """Return the event of a release that replaces the previous version of a distribution."""
    return event(instant, [f"{name} {after}"], Change(name, before, after, f"the requirement -> {name}"))


def _made(first: dict[str, str], events: Sequence[Event], remaining: Sequence[Collision]) -> History:
    made = History(
        schema="envparity-history-1",
        requirements=("libp2p==0.3.0",),
        track=None,
        python="3.11",
        platform="linux x86_64",
        resolver="uv 0.9.17",
        since=SINCE,
        until=UNTIL,
        known_until=None,
        first=first,
        first_failure=None,
        began=(),
        events=tuple(events),
        last={},
        remaining=tuple(remaining),
        watched=("libp2p", "multiaddr", "py-multihash", "pymultihash"),
        unread={},
        effort=Effort(resolutions=12, asked=5, stretches=6, artefacts=61),
    )
    return replace(made, last=made.versions_at(UNTIL + timedelta(seconds=1)))


_FIRST = {"libp2p": "0.3.0", "multiaddr": "0.0.11", "pymultihash": "0.8.2", "trio": "0.31.0"}


def sample() -> History:
    """Return a history like the real one: multiaddr 0.1.0 requires py-multihash, which collides with pymultihash."""
    return _made(
        _FIRST,
        [
            moved(at("2025-10-20T09:30:00"), "multiaddr", "0.0.11", "0.0.12"),
            event(
                COLLIDES,
                ["multiaddr 0.1.0"],
                Change("multiaddr", "0.0.12", "0.1.0", "the requirement -> libp2p==0.3.0 (0.3.0) -> multiaddr>=0.0.9"),
                Change("py-multihash", None, "2.0.1", PATH),
                gained=[collision("2.0.1")],
            ),
            moved(at("2025-10-31T19:00:00"), "trio", "0.31.0", "0.32.0"),
            moved(MOVES, "py-multihash", "2.0.1", "3.0.0"),
        ],
        [collision("3.0.0")],
    )


def mended() -> History:
    """Return the history of `sample` with one more event: a release of multiaddr no longer requires py-multihash."""
    events = sample().events
    end = event(
        MENDS,
        ["multiaddr 0.1.1"],
        Change("multiaddr", "0.1.0", "0.1.1", None),
        Change("py-multihash", "3.0.0", None, PATH),
        ended=[collision("3.0.0")],
    )
    return _made(_FIRST, [*events, end], ())


def broken() -> History:
    """Return the history of `sample` with two more events: no versions fit together for eight days in November."""
    first, second, third, fourth = sample().events
    before = _made(_FIRST, [first, second, third], ()).last
    gone = Event(
        at("2025-11-10T10:00:00"),
        (),
        tuple(Change(name, version, None, None) for name, version in before.items()),
        (),
        (collision("2.0.1"),),
        FAILURE,
        True,
    )
    back = Event(
        at("2025-11-18T12:00:00"),
        (f"libp2p {before['libp2p']}",),
        tuple(Change(name, None, version, None) for name, version in before.items()),
        (collision("2.0.1"),),
        (),
        None,
        False,
    )
    return _made(_FIRST, [first, second, third, gone, back, fourth], [collision("3.0.0")])


def hopeless() -> History:
    """Return a history in which no versions ever fit together."""
    return replace(_made({}, [], ()), first_failure=FAILURE)


def unpinned() -> History:
    """Return a history whose requirement has no versions at first.

    The history begins at the first instant at which the requirement can be resolved.
    """
    begins = Event(
        at("2025-10-03T07:00:00"),
        ("libp2p 0.3.0",),
        tuple(Change(name, None, version, None) for name, version in _FIRST.items()),
        (),
        (),
        None,
        False,
    )
    made = replace(_made({}, [begins, *sample().events], [collision("3.0.0")]), since=begins.instant)
    return replace(made, requirements=("libp2p",), first_failure="there are no versions of libp2p")


def ending_there(known: History) -> History:
    """Return `known` as a history that ends at the last instant that is known from the package index.

    One of its releases cannot be read, and one watched distribution never appears.
    """
    return replace(
        known,
        known_until=UNTIL,
        watched=(*known.watched, "py-cid"),
        unread={"fastecdsa==2.3.2": "expected a wheel, found none that fits"},
    )


def window(since: datetime, span: timedelta, *shares: float) -> History:
    """Return a history of the length `span`. At each of `shares`, for example 0.5 of `span`, libp2p has a release."""
    events = [
        moved(since + share * span // timedelta(seconds=1) * timedelta(seconds=1), "libp2p", f"0.{n}", f"0.{n + 1}")
        for n, share in enumerate(sorted(shares), 3)
    ]
    return replace(
        _made({"libp2p": "0.3", "multiaddr": "0.0.12"}, events, ()),
        since=since,
        until=since + span,
        watched=("libp2p", "multiaddr"),
    )


def long(count: int) -> History:
    """Return a history of `count` events, each about a watched distribution."""
    return window(at("2015-01-01"), timedelta(days=4000), *(number / count for number in range(count)))


def mapped(document: Document, change: Callable[[str], str]) -> Document:
    """Return the history or bisection with `change` applied to each text except the name of its schema."""

    def walk(value: Any, field: str = "") -> Any:
        if isinstance(value, str):
            return value if field == "schema" else change(value)
        if isinstance(value, dict):
            free = field in ("first", "last", "unread")
            return {change(key) if free else key: walk(one, "" if free else key) for key, one in value.items()}
        if isinstance(value, list | tuple):
            return [walk(one, field) for one in value]
        return value

    return msgspec.convert(walk(msgspec.to_builtins(document, builtin_types=(datetime,))), type(document))


def attacked(document: Document, attack: str) -> Document:
    """Return the history or bisection with `attack` appended to each of its texts."""
    return mapped(document, lambda text: f"{text}{attack}")


def in_order(text: str, *words: str) -> None:
    """Check that a text contains all these words in this order."""
    found = [text.index(one) for one in words]
    assert found == sorted(found)


def bisection() -> Bisection:
    """Return a bisection that found the event; one of its trials (runs of the command) could not be judged."""
    return Bisection(
        schema="envparity-bisection-1",
        requirements=("libp2p==0.3.0",),
        command=("python", "-c", "import multihash; multihash.Func"),
        installer="pip",
        good=SINCE,
        bad=UNTIL,
        between=4,
        trials=(
            Trial(SINCE, (), True, 0, "nothing", 21.4),
            Trial(
                UNTIL,
                ("py-multihash 3.0.0",),
                False,
                1,
                "AttributeError: module 'multihash' has no attribute 'Func'",
                23.0,
            ),
            Trial(at("2025-10-31T19:00:00"), ("trio 0.32.0",), None, 125, "no compiler here", 19.96),
            Trial(at("2025-10-20T09:30:00"), ("multiaddr 0.0.12", "six 1.17.0"), True, 0, "nothing", 20.0),
        ),
        events=(sample().events[1],),
        unsteady=None,
    )


def undecided() -> Bisection:
    """Return a bisection that could not decide between two events."""
    return replace(bisection(), events=sample().events[1:3])


def unsteady() -> Bisection:
    """Return a bisection whose command passes and also fails, each time with the releases of the same instant."""
    again = Trial(UNTIL, ("py-multihash 3.0.0",), True, 0, "nothing", 20.1)
    return replace(bisection(), trials=(*bisection().trials, again, again), events=(), unsteady=UNTIL)


SAMPLES: tuple[Callable[[], History], ...] = (
    *(sample, mended, broken, hopeless, unpinned),
    lambda: ending_there(sample()),
)

# Text that a renderer prints unchanged; other tests use the attacks of STEERING.
_TEXT = st.one_of(st.sampled_from(PRINTABLE), st.text(st.characters(exclude_categories=()), max_size=30).map(visible))


@st.composite
def hostile(draw: st.DrawFn) -> History:
    """Return any sample with a random text, which may be an attack, at the beginning and at the end of every text."""
    head, tail = draw(_TEXT), draw(_TEXT)
    return mapped(draw(st.sampled_from(SAMPLES))(), lambda text: f"{head}{text}{tail}")


any_history = given(hostile())
