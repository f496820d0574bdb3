"""Tests of the instants on a command line: the accepted forms, the end of a day, and the texts that are refused."""

from datetime import UTC, datetime, timedelta

import pytest
from hostile import NASTY
from hypothesis import given
from hypothesis import strategies as st

from envparity.errors import EnvparityError
from envparity.history.instant import now, read_instant, stamp, to_minute

NOW = datetime(2025, 10, 27, 14, 22, 45, tzinfo=UTC)
PAST = st.datetimes(datetime(1990, 1, 1), datetime(2025, 10, 26), timezones=st.just(UTC))


def read(text: str, *, end: bool = False, at: datetime = NOW) -> str:
    return stamp(read_instant("--since", text, at, end=end))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-10-20T14:22Z", "2025-10-20T14:22:00Z"),
        ("2025-10-20T14:22:45Z", "2025-10-20T14:22:45Z"),
        ("2025-10-20 14:22:45", "2025-10-20T14:22:45Z"),
        ("2025-10-20 14:22", "2025-10-20T14:22:00Z"),
        ("2025-10-20T14", "2025-10-20T14:00:00Z"),
        ("20251020T142245Z", "2025-10-20T14:22:45Z"),
        ("2025-10-20T14:22:45.999999Z", "2025-10-20T14:22:45Z"),
        ("2025-10-20T14:22+02:00", "2025-10-20T12:22:00Z"),
        ("2025-10-20T23:30-05:30", "2025-10-21T05:00:00Z"),
        ("2025-10-20T00:10+14:00", "2025-10-19T10:10:00Z"),
        ("2025-W42-1T08:00", "2025-10-13T08:00:00Z"),
        ("  2025-10-20T14:22Z\n", "2025-10-20T14:22:00Z"),
    ],
)
@pytest.mark.parametrize("end", [False, True])
def test_an_instant_is_the_same_as_beginning_and_as_end(text: str, expected: str, end: bool) -> None:
    assert read(text, end=end) == expected


@pytest.mark.parametrize("text", ["2025-10-20", "20251020", "2025-W43-1", "2025W431", " 2025-10-20 "])
def test_a_date_means_the_beginning_or_the_end_of_its_day(text: str) -> None:
    assert read(text) == "2025-10-20T00:00:00Z"
    assert read(text, end=True) == "2025-10-21T00:00:00Z"


@pytest.mark.parametrize("text", ["2025W42T14", "2025W42 14", "2025W42t14"])
def test_a_short_instant_is_not_taken_for_a_date(text: str) -> None:
    assert read(text, end=True) == "2025-10-13T14:00:00Z"


def test_the_end_of_a_day_that_is_not_over_is_now() -> None:
    assert read("2025-10-27", end=True) == stamp(NOW)
    assert read("2025-10-27") == "2025-10-27T00:00:00Z"
    midnight = NOW.replace(hour=0, minute=0, second=0)
    assert read("2025-10-27", end=True, at=midnight) == read("2025-10-26", end=True, at=midnight) == stamp(midnight)


def test_the_current_instant_is_accepted() -> None:
    assert read("2025-10-27T14:22:45Z") == stamp(NOW)
    assert read("2025-10-27T14:22:45.5Z", end=True) == stamp(NOW)
    assert now().microsecond == 0
    assert now() <= datetime.now(UTC) < now() + timedelta(seconds=2)


@pytest.mark.parametrize(
    ("text", "end", "found"),
    [
        ("2025-10-28", False, "2025-10-28 00:00 UTC"),
        ("2025-10-28", True, "2025-10-29 00:00 UTC"),
        ("2025-10-27T14:22:46Z", False, "2025-10-27 14:22 UTC"),
        ("2025-10-27T14:23Z", True, "2025-10-27 14:23 UTC"),
        ("2025-10-27T14:22-01:00", True, "2025-10-27 15:22 UTC"),
        ("9998-01-01", True, "9998-01-02 00:00 UTC"),
        # This midnight is written as an instant, not as a date, so it does not mean the end of the day.
        ("2025-10-28T00:00Z", True, "2025-10-28 00:00 UTC"),
    ],
)
def test_an_instant_in_the_future_is_refused(text: str, end: bool, found: str) -> None:
    with pytest.raises(EnvparityError) as error:
        read(text, end=end)
    expected = f"--since: expected a time in the past, found {found}; now it is 2025-10-27 14:22 UTC"
    assert str(error.value) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "yesterday", "2025", "2025-10", "2025-13-01", "2025-02-29", "27.10.2025", "1761574965", "2025-300"),
        *("2025-10-27T25:00", "2025-10-27T14:22 UTC", "2025-10-27T14:22+99:00", "-2025-10-27", "12025-10-27"),
        *("0001-01-01T00:00+14:00", "9999-12-31T23:00-14:00", "\uff12\uff10\uff12\uff15-10-27", "2025-10-27\0"),
        *(text for text in NASTY if not text.isdecimal()),  # Python reads "1" * 5000 as 1111-11-11T11:11:11
    ],
)
@pytest.mark.parametrize("end", [False, True])
def test_a_text_that_is_no_instant_is_refused_in_one_short_line(text: str, end: bool) -> None:
    with pytest.raises(EnvparityError, match=r"^--since: expected a date or an instant such as 2025-10-27 or") as error:
        read(text, end=end)
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 200


def test_the_last_date_of_the_calendar_is_refused() -> None:
    with pytest.raises(EnvparityError, match=r"^--since: expected a"):
        read("9999-12-31", end=True)


@given(text=st.text(st.sampled_from("0123456789-:TWZ+. \x1b\u202e\ud800"), max_size=30), end=st.booleans())
def test_any_text_gives_a_past_instant_or_a_one_line_error(text: str, end: bool) -> None:
    try:
        found = read_instant("--until", text, NOW, end=end)
    except EnvparityError as error:
        assert str(error).isprintable()
        return
    assert found <= NOW
    assert (found.tzinfo, found.microsecond) == (UTC, 0)


@given(instant=PAST, hours=st.integers(-14, 14), end=st.booleans())
def test_a_written_instant_reads_back_unchanged(instant: datetime, hours: int, end: bool) -> None:
    instant = instant.replace(microsecond=0)
    assert read(stamp(instant), end=end) == stamp(instant)
    there = instant + timedelta(hours=hours)
    assert read(f"{there:%Y-%m-%dT%H:%M:%S}{hours:+03d}:00", end=end) == stamp(instant)


@given(instant=PAST)
def test_a_day_ends_when_the_next_begins(instant: datetime) -> None:
    after = instant + timedelta(days=1)
    assert read(f"{instant:%Y-%m-%d}", end=True) == read(f"{after:%Y-%m-%d}")


def test_a_program_and_a_person_read_the_same_instant() -> None:
    assert stamp(NOW) == "2025-10-27T14:22:45Z"
    assert to_minute(NOW) == "2025-10-27 14:22 UTC"


def test_an_early_year_has_four_digits() -> None:
    early = datetime(33, 4, 3, tzinfo=UTC)
    assert stamp(early) == "0033-04-03T00:00:00Z"
    assert to_minute(early) == "0033-04-03 00:00 UTC"
