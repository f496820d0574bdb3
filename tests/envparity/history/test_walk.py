"""Tests of `walk`, which finds every turn in a period.

A turn is an instant at which a resolution (the releases that requirements resolve to) changes. A walk divides the
period into stretches and searches several stretches at once. The tests compare its turns with the resolutions right
before and after every upload.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Event, Lock

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from envparity.history.resolver import Resolution, Selected
from envparity.history.walk import Walk, walk

START = datetime(2025, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAY = 86400
PACKAGES = "abcd"


def at(second: float) -> datetime:
    return START + timedelta(seconds=round(second))


@dataclass(frozen=True)
class Release:
    """A release, uploaded `second` seconds after START. `requires` maps a name to the highest allowed version."""

    name: str
    version: int
    second: int
    requires: dict[str, int] = field(default_factory=dict)
    broken: bool = False
    """True if the release cannot be built, so that its requirements are unknown."""


class Unbuildable(Exception):
    """Raised for a release that cannot be built; the same resolution may succeed later."""


class Index:
    """Releases, and a resolver that chooses the newest releases that fit, as uv does.

    `roots` are the required names. `asked` has the instant of each call of `resolve`.
    """

    def __init__(self, releases: Sequence[Release], roots: Sequence[str] = ("a",)) -> None:
        self.releases = sorted(releases, key=lambda one: -one.version)
        self.roots = roots
        self.uploads = sorted({one.second for one in releases})
        self.asked: list[datetime] = []
        self._lock = Lock()
        self._known: dict[int, Resolution] = {}

    def resolve(self, instant: datetime) -> Resolution:
        with self._lock:
            self.asked.append(instant)
        return self.state(instant)

    def state(self, instant: datetime) -> Resolution:
        """Return the resolution as of an instant, from the releases before it, and leave `asked` unchanged."""
        there = bisect_left(self.uploads, (instant - START).total_seconds())
        with self._lock:
            if there not in self._known:
                self._known[there] = self._resolved(instant, {*self.uploads[:there]})
            return replace_asked(self._known[there], instant)

    def _resolved(self, instant: datetime, seconds: set[int]) -> Resolution:
        there = [one for one in self.releases if one.second in seconds]
        try:
            found = next(self._choices(there, [(name, 99) for name in self.roots], {}), None)
        except Unbuildable:
            return Resolution(instant, failure="cannot be built", lasting=False)
        if found is None:
            return Resolution(instant, failure="none fits")
        chosen = [Selected(one.name, str(one.version), at(one.second)) for one in found.values()]
        return Resolution(instant, tuple(sorted(chosen, key=lambda one: one.name)))

    def _choices(
        self, there: list[Release], wanted: list[tuple[str, int]], chosen: dict[str, Release]
    ) -> Iterator[dict[str, Release]]:
        if any(name in chosen and chosen[name].version > most for name, most in wanted):
            return
        name = next((name for name, _ in wanted if name not in chosen), None)
        if name is None:
            yield chosen
            return
        for one in there:
            if one.name == name and all(one.version <= most for of, most in wanted if of == name):
                if one.broken:
                    raise Unbuildable
                yield from self._choices(there, [*wanted, *one.requires.items()], {**chosen, name: one})

    def turns(self, since: datetime, until: datetime) -> dict[datetime, tuple[dict[str, str], dict[str, str]]]:
        """Return a dict from the instant of each turn to the versions before and after the turn.

        The turns come from resolutions at each upload, and one second after each upload.
        """
        found = {}
        for instant in map(at, self.uploads):
            before, after = self.state(instant), self.state(instant + SECOND)
            if since < instant < until and not before.same(after):
                found[instant] = (before.versions, after.versions)
        return found

    def walk(self, since: float | None, until: float) -> Walk:
        self.asked.clear()
        return walk(self.resolve, None if since is None else at(since), at(until), self.roots, nothing)


def replace_asked(one: Resolution, instant: datetime) -> Resolution:
    return Resolution(instant, one.selected, one.failure, one.lasting)


def nothing() -> None:
    pass


def told(walked: Walk) -> dict[datetime, tuple[dict[str, str], dict[str, str]]]:
    """Return the turns of a walk in the form of `Index.turns`.

    Raises AssertionError if the turns are out of order, or if a turn does not begin with the end of the previous turn.
    """
    assert [turn.instant for turn in walked.turns] == sorted({turn.instant for turn in walked.turns})
    assert all(one.after.same(two.before) for one, two in pairwise(walked.turns))
    assert not walked.turns or walked.turns[0].before.same(walked.first)
    return {turn.instant: (turn.before.versions, turn.after.versions) for turn in walked.turns}


def said_by_a_release(walked: Walk) -> list[bool]:
    """Return for each turn whether a release that is chosen after the turn was uploaded at the instant of the turn."""
    return [any(one.uploaded == turn.instant for one in turn.after.selected) for turn in walked.turns]


SECONDS = st.one_of(st.integers(1, 60 * DAY), st.integers(1, 60).map(lambda day: day * DAY), st.integers(1, 30))
RELEASES = st.lists(
    st.builds(
        Release,
        st.sampled_from(PACKAGES),
        st.integers(1, 9),
        SECONDS,
        st.dictionaries(st.sampled_from(PACKAGES), st.integers(1, 9), max_size=2),
    ),
    min_size=1,
    max_size=18,
    unique_by=lambda one: (one.name, one.version),
)
ROOTS = st.lists(st.sampled_from(PACKAGES), min_size=1, max_size=3, unique=True)


@settings(max_examples=250)
@given(releases=RELEASES, roots=ROOTS, since=st.one_of(st.none(), SECONDS, st.just(0)), until=SECONDS)
def test_exactly_the_turns_are_found(releases: list[Release], roots: list[str], since: int | None, until: int) -> None:
    assume(since is None or since < until)
    index = Index(releases, roots)
    walked = index.walk(since, until)
    asked = len(index.asked)
    assert told(walked) == index.turns(at(since or 0), at(until))
    assert walked.first.same(index.state(at(since or 0) + SECOND))
    assert walked.last.same(index.state(at(until)))
    assert [turn.found for turn in walked.turns] == said_by_a_release(walked) == [True] * len(walked.turns)
    # The walk asks once for each turn, once for each stretch, and once more if the beginning has no resolution.
    assert asked <= len(walked.turns) + walked.stretches + (since is not None and walked.first.failure is not None)


@settings(max_examples=250)
@given(releases=RELEASES, roots=ROOTS, since=SECONDS, until=SECONDS, number=st.integers(0, 17))
def test_a_time_without_a_resolution_is_found_to_the_second(
    releases: list[Release], roots: list[str], since: int, until: int, number: int
) -> None:
    """After the beginning, a release that cannot be built prevents a resolution for a while, or until the end."""
    number %= len(releases)
    releases[number] = replace(releases[number], broken=True)
    index = Index([*releases, *(Release(name, 0, -2) for name in PACKAGES)], roots)
    if since in index.uploads or since >= until or index.state(at(since)).failure:
        since = -1
    expected = index.turns(at(since), at(until))
    assume(sum(after == {} for _, after in expected.values()) <= 1)
    walked = index.walk(since, until)
    assert told(walked) == expected
    assert walked.first.same(index.state(at(since)))
    assert all(not turn.found for turn in walked.turns if turn.after.failure)


def steps(*days: float, name: str = "a") -> list[Release]:
    """Return the releases 1, 2, … of the distribution `name`, each uploaded that many days after START."""
    return [Release(name, number, round(day * DAY)) for number, day in enumerate(days, 1)]


def test_one_resolution_where_nothing_changed() -> None:
    index = Index(steps(1))
    walked = index.walk(2 * DAY, 90 * DAY)
    assert (walked.turns, walked.stretches, walked.first.versions) == ((), 1, {"a": "1"})
    assert index.asked == [at(90 * DAY)]


def test_a_walk_begins_with_the_first_resolution() -> None:
    index = Index(steps(1, 3, 30))
    walked = index.walk(None, 40 * DAY)
    assert [turn.instant for turn in walked.turns] == [at(DAY), at(3 * DAY), at(30 * DAY)]
    assert walked.first.failure == "none fits"
    assert all(turn.found for turn in walked.turns)


def test_a_release_before_the_beginning_is_no_turn() -> None:
    index = Index(steps(1, 3, 30))
    assert list(told(index.walk(3 * DAY, 40 * DAY))) == [at(30 * DAY)]
    assert list(told(index.walk(3 * DAY - 1, 40 * DAY))) == [at(3 * DAY), at(30 * DAY)]


def test_a_release_at_the_end_is_no_turn() -> None:
    index = Index(steps(1, 3, 30))
    assert list(told(index.walk(2 * DAY, 30 * DAY))) == [at(3 * DAY)]
    assert list(told(index.walk(2 * DAY, 30 * DAY + 1))) == [at(3 * DAY), at(30 * DAY)]


def test_two_releases_in_one_second_are_one_turn() -> None:
    both = [Release("a", 2, 9 * DAY, {"b": 9}), Release("b", 2, 9 * DAY)]
    walked = Index([Release("a", 1, DAY, {"b": 9}), Release("b", 1, DAY), *both]).walk(2 * DAY, 20 * DAY)
    assert told(walked) == {at(9 * DAY): ({"a": "1", "b": "1"}, {"a": "2", "b": "2"})}


def test_two_seconds_are_two_turns() -> None:
    index = Index([*steps(1, 9), Release("a", 3, 9 * DAY + 1)])
    assert list(told(index.walk(2 * DAY, 20 * DAY))) == [at(9 * DAY), at(9 * DAY + 1)]


def test_a_release_may_lower_the_version_of_another() -> None:
    index = Index(
        [Release("a", 1, 1, {"b": 9}), Release("b", 1, 1), Release("b", 2, 5 * DAY), Release("a", 2, 9 * DAY, {"b": 1})]
    )
    assert list(told(index.walk(2, 20 * DAY)).values()) == [
        ({"a": "1", "b": "1"}, {"a": "1", "b": "2"}),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}),
    ]


def test_no_resolution_at_all() -> None:
    index = Index([Release("a", 1, DAY, {"b": 9})])
    for since in (None, 0, DAY):
        walked = index.walk(since, 20 * DAY)
        assert (walked.turns, walked.first.failure, walked.stretches) == ((), "none fits", 1)
        assert len(index.asked) == 1 + (since is not None)


def test_no_resolution_at_the_beginning() -> None:
    walked = Index(steps(11.5)).walk(0, 20 * DAY)
    assert told(walked) == {at(11.5 * DAY): ({}, {"a": "1"})}
    assert [turn.found for turn in walked.turns] == [True]


def test_no_resolution_at_the_end() -> None:
    index = Index([*steps(1), Release("a", 2, 11 * DAY + 7, broken=True)])
    walked = index.walk(2 * DAY, 20 * DAY)
    assert told(walked) == {at(11 * DAY + 7): ({"a": "1"}, {})}
    assert [turn.found for turn in walked.turns] == [False]
    assert walked.last.failure == "cannot be built"
    assert len(index.asked) < 30


def test_no_resolution_in_between() -> None:
    index = Index([*steps(1), Release("a", 2, 11 * DAY + 7, broken=True), Release("a", 3, 12 * DAY + 3)])
    walked = index.walk(2 * DAY, 20 * DAY)
    assert told(walked) == {at(11 * DAY + 7): ({"a": "1"}, {}), at(12 * DAY + 3): ({}, {"a": "3"})}
    assert [turn.found for turn in walked.turns] == [False, True]
    assert len(index.asked) < 40


def in_the_way() -> Index:
    """Return an index that has no resolution for nine seconds, and two releases on the day before these seconds."""
    return Index([*steps(1, 10.5, 10.75), Release("a", 4, 11 * DAY, broken=True), Release("a", 5, 11 * DAY + 9)])


def test_a_release_before_a_time_without_a_resolution_is_still_the_cause() -> None:
    walked = in_the_way().walk(10 * DAY, 12 * DAY)
    assert list(told(walked)) == [at(10.5 * DAY), at(10.75 * DAY), at(11 * DAY), at(11 * DAY + 9)]
    assert [turn.found for turn in walked.turns] == said_by_a_release(walked) == [True, True, False, True]


def test_a_release_before_a_time_without_a_resolution_is_the_cause_at_the_end_too() -> None:
    index = Index([*steps(1, 3, 5), Release("a", 4, 11 * DAY, broken=True)])
    walked = index.walk(2 * DAY, 20 * DAY)
    assert list(told(walked)) == [at(3 * DAY), at(5 * DAY), at(11 * DAY)]
    assert [turn.found for turn in walked.turns] == said_by_a_release(walked) == [True, True, False]


@pytest.mark.parametrize("since", [None, 0])
def test_a_walk_without_a_beginning_continues_before_a_time_without_a_resolution(since: int | None) -> None:
    walked = in_the_way().walk(since, 12 * DAY)
    assert list(told(walked)) == [at(day * DAY) for day in (1, 10.5, 10.75, 11)] + [at(11 * DAY + 9)]


def test_no_resolution_at_the_beginning_and_in_between() -> None:
    """In the only stretch, no resolution exists at the beginning and right before the last upload."""
    index = Index([Release("a", 1, 600), Release("a", 2, 3600, broken=True), Release("a", 3, 7200)])
    assert list(told(index.walk(60, 9000))) == [at(600), at(3600), at(7200)]


def test_a_turn_without_an_upload_time_is_found_by_halving() -> None:
    asked: list[datetime] = []

    def resolve(instant: datetime) -> Resolution:
        asked.append(instant)
        return Resolution(instant, (Selected("a", "1" if instant <= at(7 * DAY + 5) else "2"),))

    walked = walk(resolve, at(0), at(20 * DAY), ["a"], nothing)
    assert told(walked) == {at(7 * DAY + 5): ({"a": "1"}, {"a": "2"})}
    assert [turn.found for turn in walked.turns] == [False]
    assert len(asked) < 30
    assert walk(resolve, None, at(20 * DAY), ["a"], nothing).turns == ()


def test_a_long_period_is_divided_and_a_short_one_is_not() -> None:
    daily = Index(steps(*range(1, 61)))
    for since, until, stretches in ((10, 59.5, 7), (50, 59.5, 5), (57.5, 59.5, 2), (58.5, 59.5, 2), (59.2, 59.5, 1)):
        walked = daily.walk(since * DAY, until * DAY)
        assert walked.stretches == stretches
        assert told(walked) == daily.turns(at(since * DAY), at(until * DAY))


def test_the_latest_stretch_is_first_and_no_instant_is_asked_twice() -> None:
    index = Index(steps(*range(1, 61)))
    index.walk(10 * DAY, 59.5 * DAY)
    assert index.asked[:2] == [at(59.5 * DAY), at(59 * DAY)]
    assert len(index.asked) == len({*index.asked})


def test_nothing_is_older_than_the_direct_requirements() -> None:
    """`a` and `c` have one release each. Before the upload of the newer release, no resolution exists."""
    once = [Release("a", 1, 30 * DAY, {"b": 99}), Release("c", 1, 10 * DAY)]
    index = Index([*once, *steps(*range(1, 60), name="b")], ("a", "c"))
    walked = index.walk(None, 59.5 * DAY)
    assert min(turn.instant for turn in walked.turns) == min(index.asked) == at(30 * DAY)
    assert walked.turns[0].after.versions == {"a": "1", "b": "30", "c": "1"}
    assert told(walked) == index.turns(at(0), at(59.5 * DAY))
    assert walked.stretches == 8


def test_an_index_whose_clock_is_ahead_causes_no_endless_loop() -> None:
    asked: list[datetime] = []

    def resolve(instant: datetime) -> Resolution:
        asked.append(instant)
        assert len(asked) < 10
        return Resolution(instant, (Selected("a", "1", at(DAY)),))

    assert walk(resolve, at(0), at(5), ["a"], nothing).turns == ()
    assert min(asked) > at(0)


@pytest.mark.parametrize("direct", [(), ("unknown",), ("b",), ("a", "b")])
def test_every_turn_is_found_for_any_direct_requirements(direct: tuple[str, ...]) -> None:
    index = Index([*(Release("a", n, n * DAY, {"b": 99}) for n in range(1, 20, 3)), *steps(*range(2, 20), name="b")])
    walked = walk(index.resolve, None, at(30 * DAY), direct, nothing)
    assert told(walked) == index.turns(at(0), at(30 * DAY))


class Refused(Exception):
    """Raised by a resolver to make a walk fail."""


@pytest.mark.parametrize("kind", [Refused, KeyboardInterrupt])
@pytest.mark.parametrize("since", [None, 0])
def test_a_failure_stops_the_others_and_is_passed_on(kind: type[BaseException], since: int | None) -> None:
    index, stopped = Index(steps(*range(1, 61))), Event()

    def resolve(instant: datetime) -> Resolution:
        if stopped.is_set() or instant < at(40 * DAY):
            raise kind
        return index.resolve(instant)

    with pytest.raises(kind):
        walk(resolve, None if since is None else at(since), at(59.5 * DAY), ["b"], stopped.set)
    assert stopped.is_set() or since is None


def test_a_failure_stops_long_resolutions_at_once() -> None:
    """The resolver fails in one stretch while it waits in the latest stretch. The walk must end this waiting."""
    index, stopped = Index(steps(*range(1, 61))), Event()
    waited: list[bool] = []

    def resolve(instant: datetime) -> Resolution:
        if instant == at(59 * DAY):
            waited.append(stopped.wait(5))
        elif instant < at(50 * DAY):
            raise Refused
        return index.resolve(instant)

    with pytest.raises(Refused):
        walk(resolve, at(0), at(59.5 * DAY), ["a"], stopped.set)
    assert waited == [True]


def test_a_failure_of_the_first_resolution_is_passed_on() -> None:
    def resolve(instant: datetime) -> Resolution:
        raise Refused(instant)

    with pytest.raises(Refused, match="2025-01-11"):
        walk(resolve, at(0), at(10 * DAY), ["a"], nothing)
