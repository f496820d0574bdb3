"""Tests of the types of a history: the versions at an instant, the length of a collision, and events.

A history lists, for a past period, each change of the releases that uv chooses for some requirements. An event is the
changes at one instant. A collision is an import name that several distributions provide.
"""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envparity.history.collisions import Collision
from envparity.history.record import SCHEMA, Change, Effort, Event, History

SINCE = datetime(2025, 1, 1, tzinfo=UTC)
UNTIL = SINCE + timedelta(days=100)
SECOND = timedelta(seconds=1)


def day(number: int) -> datetime:
    return SINCE + timedelta(days=number)


def event(
    instant: datetime,
    *changes: tuple[str, str | None, str | None],
    gained: tuple[Collision, ...] = (),
    ended: tuple[Collision, ...] = (),
    failure: str | None = None,
    resolved_before: bool = True,
) -> Event:
    made = tuple(Change(name, before, after, None) for name, before, after in changes)
    return Event(instant, (), made, gained, ended, failure, resolved_before)


def history(
    *events: Event,
    first: dict[str, str] | None = None,
    began: tuple[Collision, ...] = (),
    watched: tuple[str, ...] = (),
    track: str | None = None,
) -> History:
    return History(
        schema=SCHEMA,
        requirements=("app", "lib<2"),
        track=track,
        python="3.11",
        platform="linux x86_64",
        resolver="uv 1",
        since=SINCE,
        until=UNTIL,
        known_until=None,
        first=first or {},
        first_failure=None,
        began=began,
        events=events,
        last={},
        remaining=(),
        watched=watched,
        unread={},
        effort=Effort(1, 1, 1, 1),
    )


def collision(name: str, *providers: str) -> Collision:
    return Collision(name, providers, ())


def test_a_change_has_a_text() -> None:
    assert Change("a", None, "1", "root -> a").text == "a 1 enters"
    assert Change("a", "1", None, None).text == "a 1 leaves"
    assert Change("a", "1", "2", None).text == "a 1 -> 2"


def test_the_versions_at_an_instant() -> None:
    found = history(
        event(day(10), ("app", "1", "2"), ("lib", None, "1")),
        event(day(20), ("lib", "1", None)),
        event(day(30), ("app", "2", None), failure="none fits"),
        event(day(40), ("app", None, "3"), resolved_before=False),
        first={"app": "1", "other": "5"},
    )
    assert found.versions_at(SINCE) == found.versions_at(SINCE - SECOND) == {"app": "1", "other": "5"}
    # A release that was uploaded at the instant does not count yet; only earlier uploads count.
    assert found.versions_at(day(10)) == {"app": "1", "other": "5"}
    assert found.versions_at(day(10) + SECOND) == {"app": "2", "lib": "1", "other": "5"}
    assert found.versions_at(day(25)) == {"app": "2", "other": "5"}
    assert found.versions_at(day(35)) == {"other": "5"}
    assert found.versions_at(UNTIL) == {"app": "3", "other": "5"}
    assert found.first == {"app": "1", "other": "5"}


def test_a_collision_has_a_beginning_and_an_end() -> None:
    first, second = collision("hashing", "one 1", "two 1"), collision("docs", "one 1", "two 1")
    found = history(
        event(day(10), gained=(second,)),
        event(day(20), ended=(first,)),
        event(day(30), ended=(second,), gained=(first,)),
        began=(first,),
    )
    assert list(found.collisions()) == [
        (first, SINCE, day(20)),
        (second, day(10), day(30)),
        (first, day(30), UNTIL),
    ]
    assert list(history().collisions()) == []


def test_a_collision_that_began_before_and_never_ended() -> None:
    one = collision("hashing", "one 1", "two 1")
    assert list(history(event(day(10), ("one", "1", "2")), began=(one,)).collisions()) == [(one, SINCE, UNTIL)]


def test_a_collision_ends_in_another_version_than_it_began_with() -> None:
    before, after = collision("hashing", "one 1", "two 1"), collision("hashing", "one 2", "two 3")
    assert list(history(event(day(20), ended=(after,)), began=(before,)).collisions()) == [(before, SINCE, day(20))]


def test_other_providers_are_another_collision() -> None:
    before, after = collision("hashing", "one 1", "two 1"), collision("hashing", "one 1", "three 1")
    found = history(event(day(20), ended=(before,), gained=(after,)), began=(before,))
    assert list(found.collisions()) == [(before, SINCE, day(20)), (after, day(20), UNTIL)]


def test_watched_distributions_that_were_never_installed_are_listed() -> None:
    found = history(
        event(day(10), ("came", None, "1")),
        event(day(20), ("came", "1", None), ("left", "1", None)),
        first={"stays": "1", "left": "1"},
        watched=("never", "stays", "came", "left", "nor-this"),
    )
    assert found.absent == ("never", "nor-this")
    assert history(first={"never": "1"}).absent == ()


def test_an_event_can_begin_a_resolution() -> None:
    assert event(day(1), ("a", None, "1"), resolved_before=False).begins
    assert not event(day(1), ("a", None, "1")).begins
    assert not event(day(1), failure="none", resolved_before=False).begins


@pytest.mark.parametrize(
    ("one", "concerns"),
    [
        (event(day(1), ("app", "1", "2")), True),
        (event(day(1), ("other", "1", "2"), ("app", "1", None)), True),
        (event(day(1), ("other", "1", "2")), False),
        (event(day(1)), False),
        (event(day(1), ("other", "1", "2"), gained=(collision("x", "a 1", "b 1"),)), True),
        (event(day(1), ("other", "1", "2"), ended=(collision("x", "a 1", "b 1"),)), True),
        (event(day(1), ("other", "1", None), failure="none fits"), True),
        (event(day(1), ("other", None, "1"), resolved_before=False), True),
    ],
)
def test_an_event_concerns_the_distributions_that_it_changes(one: Event, concerns: bool) -> None:
    assert one.concerns(frozenset({"app", "unrelated"})) is concerns


def test_a_history_has_a_title() -> None:
    assert history().title == "app lib<2"
    assert history(track="v0.4").title == "the track v0.4"


STATES = st.lists(st.dictionaries(st.sampled_from("abcd"), st.sampled_from("123"), max_size=4), min_size=1, max_size=8)


@given(states=STATES)
def test_the_changes_lead_from_each_state_to_the_next(states: list[dict[str, str]]) -> None:
    events = [
        event(
            day(number + 1),
            *((name, old.get(name), new.get(name)) for name in {*old, *new} if old.get(name) != new.get(name)),
        )
        for number, (old, new) in enumerate(pairwise(states))
    ]
    found = history(*events, first=states[0])
    for number, state in enumerate(states):
        assert found.versions_at(day(number) + SECOND) == found.versions_at(day(number + 1)) == state


@given(states=st.lists(st.frozensets(st.sampled_from("abc")), min_size=1, max_size=8))
def test_collisions_cover_exactly_the_time_of_both_providers(states: list[frozenset[str]]) -> None:
    made = {name: collision(name, "one 1", "two 1") for name in "abc"}
    events = [
        event(
            day(number + 1),
            gained=tuple(made[name] for name in sorted(new - old)),
            ended=tuple(made[name] for name in sorted(old - new)),
        )
        for number, (old, new) in enumerate(pairwise(states))
    ]
    spans = list(history(*events, began=tuple(made[name] for name in sorted(states[0]))).collisions())
    for number, state in enumerate(states):
        middle = day(number) + timedelta(hours=12)
        assert sorted(one.name for one, begin, end in spans if begin <= middle < end) == sorted(state)
    assert all(begin < end for _, begin, end in spans)
