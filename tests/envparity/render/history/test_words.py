"""Tests of the texts that all output formats of a history share, and of the periods that the picture shows.

A history lists, for a past period, each change of the releases that uv chooses for some requirements.
"""

from dataclasses import replace

from history_samples import (
    COLLIDES,
    FAILURE,
    FILES,
    MENDS,
    MOVES,
    PATH,
    SINCE,
    UNTIL,
    at,
    broken,
    collision,
    ending_there,
    event,
    hopeless,
    mended,
    sample,
    unpinned,
)

from envparity.history.collisions import Collision
from envparity.history.record import Change, Effort
from envparity.render.history.words import (
    Period,
    brief,
    cause,
    caveats,
    changed,
    colliding,
    day,
    effort,
    ended,
    gained,
    heading,
    lines,
    minute,
    over,
    periods,
    told,
    verdict,
)

GAINED = (
    "import multihash: 2 providers, py-multihash 2.0.1 and pymultihash 0.8.2, with different bytes in "
    "multihash/__init__.py and multihash/multihash.py"
)


def test_instants_are_cut_to_the_day_and_to_the_minute() -> None:
    assert (day(COLLIDES), minute(COLLIDES)) == ("2025-10-27", "2025-10-27 14:22")


def test_the_heading_has_title_python_platform_and_period() -> None:
    said = "Python 3.11 on linux x86_64, 2025-10-01 00:00 to 2026-01-01 00:00 UTC"
    assert heading(sample()) == f"libp2p==0.3.0, {said}"
    assert heading(replace(sample(), track="v0.4")) == f"the track v0.4, {said}"


def test_an_event_names_its_release_and_the_path_of_each_new_distribution() -> None:
    collides = sample().events[1]
    assert cause(collides) == "multiaddr 0.1.0"
    assert [*changed(collides)] == ["was 0.0.12", f"py-multihash 2.0.1 enters, through {PATH}"]
    assert lines(collides) == [*changed(collides), GAINED]


def test_simultaneous_releases_are_all_named_with_their_old_versions() -> None:
    both = event(
        COLLIDES, ["a 2", "b 2"], Change("a", "1", "2", "x"), Change("b", "1", "2", "x"), Change("c", "1", None, "x")
    )
    assert cause(both) == "a 2 and b 2"
    assert lines(both) == ["a 1 -> 2", "b 1 -> 2", "c 1 leaves, which had come through x"]


def test_a_new_distribution_that_is_its_own_cause_has_its_path() -> None:
    made = event(COLLIDES, ["a 1"], Change("a", None, "1", "the requirement -> a"))
    assert lines(made) == ["a 1 enters, through the requirement -> a"]


def test_a_change_without_a_known_release_is_written_in_full() -> None:
    withdrawn = event(COLLIDES, [], Change("a", "2", "1", "the requirement -> a"))
    assert cause(withdrawn) == "an unknown release"
    assert lines(withdrawn) == ["a 2 -> 1"]


def test_a_failure_is_one_line_instead_of_all_removed_distributions() -> None:
    gone = broken().events[3]
    assert [*changed(gone)] == [f"the requirements can no longer be resolved: {FAILURE}"]
    assert lines(gone)[1:] == []


def test_a_first_resolution_counts_its_distributions() -> None:
    assert lines(unpinned().events[0]) == ["the requirements can be resolved from now on: 4 distributions"]


def test_a_resolution_after_a_failure_is_not_called_the_first() -> None:
    assert "first" not in lines(broken().events[4])[0]


def test_the_brief_form_has_only_watched_distributions_and_no_paths() -> None:
    collides = sample().events[1]
    everything = frozenset(sample().watched)
    assert brief(collides, everything) == ["multiaddr 0.0.12 -> 0.1.0", "py-multihash 2.0.1 enters", GAINED]
    assert brief(collides, frozenset(["multiaddr"])) == ["multiaddr 0.0.12 -> 0.1.0", GAINED]
    assert brief(broken().events[3], everything)[0] == f"the requirements can no longer be resolved: {FAILURE}"


def test_a_collision_names_both_providers_and_at_most_three_files() -> None:
    assert gained(collision("2.0.1")) == GAINED
    assert ended(collision("2.0.1")) == ("import multihash: py-multihash 2.0.1 and pymultihash 0.8.2 no longer collide")
    many = Collision("m", ("a 1", "b 1"), tuple("pqrst"))
    assert over(many) == "with different bytes in p, q, r and 2 more"
    assert over(replace(many, paths=tuple("pqr"))) == "with different bytes in p, q and r"
    assert over(replace(many, paths=())) == "each at a different path; Python imports only one of them"


def test_events_without_a_watched_distribution_are_only_counted() -> None:
    events = sample().events
    assert told(sample(), all_of_them=False) == ([events[0], events[1], events[3]], 1)
    assert told(sample(), all_of_them=True) == ([*events], 0)


def test_collisions_and_failures_are_always_listed() -> None:
    other = replace(broken(), watched=("trio",))
    events = other.events
    assert told(other, all_of_them=False) == ([events[1], events[2], events[3], events[4]], 2)


def test_periods_are_in_order_and_have_gaps_while_nothing_was_installed() -> None:
    first = at("2025-10-20T09:30:00")
    assert periods(mended()) == {
        "libp2p": (Period("0.3.0", SINCE, UNTIL),),
        "multiaddr": (
            Period("0.0.11", SINCE, first),
            Period("0.0.12", first, COLLIDES),
            Period("0.1.0", COLLIDES, MENDS),
            Period("0.1.1", MENDS, UNTIL),
        ),
        "py-multihash": (Period("2.0.1", COLLIDES, MOVES), Period("3.0.0", MOVES, MENDS)),
        "pymultihash": (Period("0.8.2", SINCE, UNTIL),),
    }


def test_without_a_resolution_nothing_is_installed() -> None:
    gone, back = at("2025-11-10T10:00:00"), at("2025-11-18T12:00:00")
    assert periods(broken())["libp2p"] == (Period("0.3.0", SINCE, gone), Period("0.3.0", back, UNTIL))
    label = "py-multihash and pymultihash"
    assert colliding(broken()) == {"multihash": (Period(label, COLLIDES, gone), Period(label, back, UNTIL))}


def test_a_distribution_that_was_never_installed_has_no_period() -> None:
    assert periods(ending_there(sample()))["py-cid"] == ()
    assert set(periods(hopeless()).values()) == {()}


def test_a_collision_lasts_across_versions_of_its_providers() -> None:
    label = "py-multihash and pymultihash"
    assert colliding(sample()) == {"multihash": (Period(label, COLLIDES, UNTIL),)}
    assert colliding(mended()) == {"multihash": (Period(label, COLLIDES, MENDS),)}
    before = Collision("before", ("a 1", "b 1"), FILES)
    assert colliding(replace(mended(), began=(before,), events=())) == {
        "before": (Period("a and b", SINCE, UNTIL),),
    }


def test_the_verdict_says_how_the_history_ends() -> None:
    assert verdict(sample()) == f"at the end: {gained(collision('3.0.0'))}"
    assert verdict(mended()) == "at the end: 4 distributions, no import name with several providers"
    assert verdict(hopeless()) == "at the end: the requirements cannot be resolved"


def test_the_effort_is_counted() -> None:
    assert effort(sample()) == (
        "4 events from 12 resolutions (5 new, the others cached) in 6 stretches; 61 artefacts read; "
        "resolved by uv 0.9.17"
    )
    little = replace(sample(), events=sample().events[:1], effort=Effort(1, 0, 1, 1))
    assert effort(little).startswith("1 event from 1 resolution (0 new, the others cached) in one stretch; 1 art")


def test_unknown_facts_are_reported() -> None:
    assert [*caveats(sample())] == []
    assert [*caveats(ending_there(sample()))] == [
        "the index cannot be reached, so changes after 2026-01-01 00:00 UTC are unknown",
        "watched, but never installed: py-cid",
        "the files of fastecdsa==2.3.2 are unknown: expected a wheel, found none that fits",
    ]
