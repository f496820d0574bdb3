"""Tests of the picture of a history: its parts, that nothing overlaps, and that no text becomes markup.

A history lists, for a past period, each change of the releases that uv chooses for some requirements. The picture has a
lane for each watched distribution, and for each import name that several distributions provide. A bar in a lane is a
period, for example the period of one version.
"""

import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from history_samples import (
    FAILURE,
    PRINTABLE,
    SAMPLES,
    SINCE,
    STEERING,
    UNTIL,
    any_history,
    at,
    attacked,
    broken,
    ending_there,
    hopeless,
    long,
    mended,
    sample,
    unpinned,
    window,
)
from hypothesis import given
from hypothesis import strategies as st
from report_samples import fuzzed
from rich.cells import cell_len

from envparity.history.record import History
from envparity.render.history.timeline import Caption, as_svg, drawn, numbered
from envparity.render.history.words import verdict

_DAY = timedelta(days=1)
_EDGE = 14  # the distance in pixels between the sides of the picture and its content
# The width of a character in a browser, in pixels: of names and titles, of small text and digits, and of other text.
_BOLD, _SMALL, _PLAIN = 8.0, 6.5, 6.9


def parsed(picture: str) -> ET.Element:
    # HTML can contain U+FFFE and U+FFFF, XML cannot.
    text = str(picture).translate({0xFFFE: "?", 0xFFFF: "?"})
    return ET.fromstring(text.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1))  # noqa: S314 - it was made here


def wide(history: History) -> ET.Element:
    return parsed(drawn(history, 940))


def narrow(history: History) -> ET.Element:
    return parsed(drawn(history, 340, stacked=True))


def variants(history: History) -> Iterator[ET.Element]:
    yield wide(history)
    yield narrow(history)
    yield parsed(as_svg(history))


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, ""))


def kinds(element: ET.Element) -> list[str]:
    return element.get("class", "").split()


def of_kind(drawing: ET.Element, tag: str, kind: str) -> list[ET.Element]:
    return [element for element in drawing.iter(tag) if kind in kinds(element)]


def texts(drawing: ET.Element, kind: str) -> list[str]:
    return [text.text or "" for text in of_kind(drawing, "text", kind)]


def place(line: ET.Element) -> float:
    """Return the x coordinate of a vertical line, in pixels."""
    found = re.fullmatch(r"M([\d.]+) [\d.]+V[\d.]+", line.get("d", ""))
    assert found is not None
    return float(found[1])


def bars(drawing: ET.Element, name: str) -> list[tuple[str, float, float, str]]:
    """Return a tuple for each bar in the lane `name`: its tooltip, its left and right x coordinate, and its style."""
    found = []
    for group in drawing.iter("g"):
        title, box = group.findtext("title") or "", group.find("rect")
        if box is not None and title.startswith(f"{name} "):
            begin = number(box, "x")
            look = " ".join(kinds(box)[1:])
            found.append((title.removeprefix(f"{name} "), begin, begin + number(box, "width"), look))
    return found


def ticks(drawing: ET.Element) -> list[str]:
    return [text for text in texts(drawing, "small") if re.fullmatch(r"\d{4}-\d\d(-\d\d)?", text)]


def test_a_lane_for_each_watched_distribution_and_for_each_contested_name() -> None:
    for drawing in variants(sample()):
        assert texts(drawing, "name") == ["libp2p", "multiaddr", "py-multihash", "pymultihash", "import multihash"]
    assert texts(wide(hopeless()), "name") == ["libp2p", "multiaddr", "py-multihash", "pymultihash"]
    assert texts(wide(replace(sample(), watched=())), "name") == ["import multihash"]


def test_a_distribution_that_was_never_installed_has_an_empty_lane() -> None:
    drawing = wide(ending_there(sample()))
    assert bars(drawing, "py-cid") == []
    assert texts(drawing, "small").count("never installed") == 1


def test_each_version_is_a_bar_with_its_period() -> None:
    said = [title for title, *_ in bars(wide(mended()), "multiaddr")]
    assert list(dict.fromkeys(said)) == [
        "0.0.11, 2025-10-01 00:00 to 2025-10-20 09:30 UTC",
        "0.0.12, 2025-10-20 09:30 to 2025-10-27 14:22 UTC",
        "0.1.0, 2025-10-27 14:22 to 2025-12-28 17:00 UTC",
        "0.1.1, 2025-12-28 17:00 to 2026-01-01 00:00 UTC",
    ]
    assert [look for *_, look in bars(wide(mended()), "multiaddr")] == ["", "odd", "", "odd"]


def test_a_bar_is_cut_where_a_collision_begins_and_ends() -> None:
    for drawing in variants(mended()):
        _, begins, _, ends = sorted(place(line) for line in of_kind(drawing, "path", "at"))
        before, torn, after = bars(drawing, "pymultihash")
        assert [look for *_, look in (before, torn, after)] == ["", "torn", ""]
        assert before[0] == torn[0] == after[0] == "0.8.2, 2025-10-01 00:00 to 2026-01-01 00:00 UTC"
        assert (before[2], torn[1], torn[2], after[1]) == pytest.approx((begins, begins, ends, ends), abs=0.11)
        assert {look for *_, look in bars(drawing, "py-multihash")} == {"torn"}
        assert {look for *_, look in bars(drawing, "libp2p")} == {""}
        ((said, begin, end, look),) = bars(drawing, "import multihash")
        assert said.startswith("py-multihash and pymultihash, 2025-10-27 14:22 to 2025-12-28 17:00")
        assert (begin, end) == pytest.approx((begins, ends), abs=1.11)
        assert look == "torn"


def test_a_lasting_collision_is_marked_to_the_end_and_an_earlier_one_from_the_beginning() -> None:
    history = replace(sample(), began=sample().remaining, events=())
    ((_, begin, end, look),) = bars(wide(history), "import multihash")
    ((_, left, right, torn),) = bars(wide(history), "pymultihash")
    assert (begin, end, look) == (left, right, torn)
    assert look == "torn"
    assert end == pytest.approx(940 - _EDGE, abs=1.1)


def test_without_a_resolution_every_lane_has_a_gap() -> None:
    drawing = wide(broken())
    for name in ("libp2p", "multiaddr", "pymultihash", "py-multihash", "import multihash"):
        pieces = bars(drawing, name)
        gaps = [(end, begin) for (_, _, end, _), (_, begin, _, _) in pairwise(pieces) if begin - end > 30]
        assert len(gaps) == 1, name


def test_the_tooltip_of_a_number_names_its_event() -> None:
    for drawing in variants(sample()):
        assert texts(drawing, "digit") == ["1", "2", "3"]
        said = [group.findtext("title") for group in drawing.iter("g") if group.find("circle") is not None]
        assert said == [
            "2025-10-20 09:30 UTC: multiaddr 0.0.12",
            "2025-10-27 14:22 UTC: multiaddr 0.1.0",
            "2025-12-18 08:03 UTC: py-multihash 3.0.0",
        ]
        assert [kinds(mark) for mark in drawing.iter("circle")] == [["mark"], ["mark", "bad"], ["mark"]]
        assert [kinds(line) for line in of_kind(drawing, "path", "at")] == [["at"], ["at", "bad"], ["at"]]


def test_every_event_has_a_tick_below_watched_or_not() -> None:
    for drawing in variants(sample()):
        assert len(of_kind(drawing, "path", "tick")) == len(sample().events)
    assert "every event" in texts(wide(sample()), "small")
    assert "every event" not in texts(narrow(sample()), "small")


def test_if_there_are_many_events_those_that_change_a_collision_have_a_number() -> None:
    noise = long(40).events
    crowd = replace(sample(), events=tuple(sorted([*noise, *mended().events], key=lambda one: one.instant)))
    history = replace(crowd, since=noise[0].instant)
    marked = numbered(history)
    assert len(marked) == 9
    assert [one.instant for one in marked] == sorted(one.instant for one in marked)
    assert [one.releases for one in marked if one.gained or one.ended] == [("multiaddr 0.1.0",), ("multiaddr 0.1.1",)]
    assert len(of_kind(wide(history), "path", "tick")) == len(history.events)


def test_a_failure_has_a_number_and_is_marked() -> None:
    assert [kinds(mark)[1:] for mark in wide(broken()).iter("circle")] == [[], ["bad"], ["bad"], ["bad"], []]


def test_names_are_left_of_the_lanes_in_a_wide_picture_and_above_them_in_a_narrow_one() -> None:
    for drawing, above in ((wide(sample()), False), (narrow(sample()), True)):
        first = min(number(box, "x") for box in drawing.iter("rect"))
        assert (first == _EDGE) is above
        for text in of_kind(drawing, "text", "name"):
            (y, *_) = [number(box, "y") for box in lane(drawing, text.text or "")]
            assert number(text, "x") == _EDGE
            assert (number(text, "y") < y) is above
            assert above or number(text, "x") + width(text) < first


def test_names_in_a_wide_picture_take_no_more_room_than_they_need() -> None:
    short = window(at("2025-10-01"), 3 * _DAY)
    (_, left, _, _), *_ = bars(wide(short), "libp2p")
    assert left == pytest.approx(_EDGE + len("multiaddr") * 8 + 12)


def test_a_long_name_ends_before_the_bars_begin() -> None:
    name = "opentelemetry-instrumentation-elasticsearch"
    check(replace(sample(), watched=(name,), first={name: "0.48b0"}, events=(), remaining=()))


def test_a_version_is_written_if_the_line_has_room_for_it() -> None:
    assert texts(wide(sample()), "label") == [
        *("0.3.0", "0.0.11", "0.0.12", "0.1.0", "2.0.1", "3.0.0", "0.8.2"),
        "py-multihash and pymultihash",
    ]
    assert texts(narrow(sample()), "label") == [
        *("0.3.0", "0.0.11", "0.1.0", "2.0.1", "0.8.2"),
        "py-multihash and pymultihash",
    ]


@pytest.mark.parametrize(
    ("since", "span", "in_wide", "in_narrow"),
    [
        ("2025-10-27T14:00", timedelta(hours=1), [], []),
        ("2025-10-27T23:30", timedelta(hours=1), ["2025-10-28"], ["2025-10-28"]),
        ("2025-10-27T14:00", 3 * _DAY, ["2025-10-28", "2025-10-29", "2025-10-30"], ["2025-10-28", "2025-10-29"]),
        (
            "2025-10-20T06:00",
            70 * _DAY,
            [f"2025-{day}" for day in ("10-21", "10-31", "11-10", "11-20", "11-30", "12-10", "12-20")],
            ["2025-11-01", "2025-12-01"],
        ),
        (
            "2025-03-10",
            365 * _DAY,
            [*(f"2025-{month:02}" for month in (5, 7, 9, 11)), "2026-01"],
            ["2025-07", "2026-01"],
        ),
        ("2013-06-15", 4383 * _DAY, [f"{year}-01" for year in range(2014, 2025, 2)], ["2015-01", "2020-01"]),
    ],
    ids=["an hour", "an hour over midnight", "3 days", "70 days", "a year", "12 years"],
)
def test_the_axis_names_days_or_months_as_near_as_there_is_room(
    since: str, span: timedelta, in_wide: list[str], in_narrow: list[str]
) -> None:
    history = window(at(since), span, 0.5)
    assert ticks(wide(history)) == in_wide
    assert ticks(narrow(history)) == in_narrow
    check(history)


def test_a_day_is_labelled_at_its_beginning() -> None:
    history = window(at("2025-10-01T12:00"), 2 * _DAY)
    drawing = wide(history)
    ((_, left, right, _),) = bars(drawing, "libp2p")
    assert [place(line) for line in of_kind(drawing, "path", "grid")] == pytest.approx(
        [left + (right + 1 - left) * share for share in (0.25, 0.75)], abs=0.11
    )


def test_the_name_of_the_last_tick_is_not_cut() -> None:
    check(window(at("2025-10-27T14:00"), 2.55 * _DAY))


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0], ids=["beginning", "middle", "end"])
def test_numbers_of_simultaneous_events_are_side_by_side(share: float) -> None:
    history = window(SINCE, 30 * _DAY, *(share + number / 1e5 for number in range(9)))
    for drawing in variants(history):
        assert len(of_kind(drawing, "circle", "mark")) == 9
    check(history)


@fuzzed
@given(st.lists(st.floats(0, 1), max_size=12), st.sampled_from([timedelta(seconds=1), timedelta(hours=1), 400 * _DAY]))
def test_numbers_never_overlap(shares: list[float], span: timedelta) -> None:
    check(window(SINCE + timedelta(hours=10), span, *shares), edge=False)


def test_a_period_of_one_instant_can_be_drawn() -> None:
    check(replace(sample(), events=(), since=UNTIL))
    check(replace(unpinned(), events=unpinned().events[:1], until=unpinned().since))


def test_a_picture_file_has_its_colours_and_its_legend() -> None:
    text = as_svg(ending_there(sample()))
    drawing = parsed(text)
    assert texts(drawing, "title") == ["History of libp2p==0.3.0"]
    assert "prefers-color-scheme: dark" in (drawing.findtext("style") or "")
    said = " ".join(" ".join(element.text or "" for element in drawing.iter("text")).split())
    order = (
        "1: 2025-10-20 09:30, multiaddr 0.0.12: multiaddr 0.0.11 -> 0.0.12",
        "2: 2025-10-27 14:22, multiaddr 0.1.0: multiaddr 0.0.12 -> 0.1.0; py-multihash 2.0.1 enters; import mult",
        "3: 2025-12-18 08:03, py-multihash 3.0.0: py-multihash 2.0.1 -> 3.0.0",
        "the index cannot be reached",
        "watched, but never installed: py-cid",
        "fastecdsa==2.3.2",
        verdict(sample()),
    )
    places = [said.index(words) for words in order]
    assert places == sorted(places)
    assert FAILURE in " ".join(" ".join(element.text or "" for element in parsed(as_svg(broken())).iter()).split())


def test_a_file_can_have_other_texts() -> None:
    drawing = parsed(as_svg(sample(), Caption("A title", "A heading.", (("A line.", "text"), ("A red line.", "bad")))))
    assert texts(drawing, "title") == ["A title"]
    assert texts(drawing, "text") == ["A line."]
    assert texts(drawing, "bad") == ["A red line."]
    assert drawing.get("aria-label") == "A heading."
    assert "History of " not in as_svg(sample(), Caption("A title", "A heading.", ()))


def test_a_picture_in_a_page_has_no_colours_and_no_legend() -> None:
    for drawing in (wide(ending_there(sample())), narrow(ending_there(sample()))):
        assert list(drawing.iter("style")) == []
        assert texts(drawing, "title") == []
        assert "at the end" not in " ".join(element.text or "" for element in drawing.iter("text"))


def test_the_picture_has_a_label_for_screen_readers() -> None:
    for drawing in variants(sample()):
        assert drawing.get("role") == "img"
        assert (drawing.get("aria-label") or "").startswith("libp2p==0.3.0, Python 3.11 on linux x86_64, 2025-10-01")


def test_a_long_heading_stays_inside_the_picture() -> None:
    check(
        replace(sample(), requirements=("libp2p==0.3.0", "multiaddr==0.0.12", "py-cid<0.4", "pymultihash==0.8.2") * 3)
    )


def test_a_legend_with_a_long_path_stays_inside_the_picture() -> None:
    deep = replace(sample().remaining[0], paths=("/".join(["a_folder_in_a_folder"] * 12),))
    check(replace(sample(), remaining=(deep,)))


def test_the_lines_of_a_legend_are_wrapped_between_words() -> None:
    failing = " ".join(["resolution"] * 60)
    gone = broken().events[3]
    history = replace(broken(), events=(*broken().events[:3], replace(gone, failure=failing)), remaining=(), last={})
    lines = [
        element.text or "" for element in parsed(as_svg(history)).iter("text") if "resolution" in str(element.text)
    ]
    assert len(lines) > 4
    assert sum(line.count("resolution") for line in lines) == 60


def test_a_continued_line_is_indented() -> None:
    legend = [text for text in of_kind(parsed(as_svg(sample())), "text", "bad") if "at the end" not in str(text.text)]
    first, second, *_ = legend
    assert number(first, "x") < number(second, "x")


def test_a_long_legend_stays_inside_the_picture() -> None:
    words = "Because only libp2p<=0.2.9 is available and you require libp2p==0.3.0, your requirements fail. "
    gone = replace(broken().events[3], failure=words * 4)
    check(replace(broken(), events=(*broken().events[:3], gone), remaining=(), last={}))


def test_each_attack_is_drawn_as_text() -> None:
    for attack in PRINTABLE:
        for made in SAMPLES:
            check(attacked(made(), attack), words=False)


@fuzzed
@any_history
def test_hostile_text_is_drawn_as_text(history: History) -> None:
    check(history, words=False)


@pytest.mark.parametrize("attack", [one for one in STEERING if "\n" not in one], ids=ascii)
def test_control_characters_are_escaped(attack: str) -> None:
    for drawing in variants(attacked(broken(), attack)):
        printable = [*(element.text or "" for element in drawing.iter() if element.tag != "style")]
        assert not re.search(
            r"[\x00-\x1f\x7f-\x9f\u200b\u202e\ufeff]", "".join([*printable, drawing.get("aria-label", "")])
        )


@pytest.mark.parametrize("character", ["\ufffe", "\uffff"], ids=ascii)
def test_the_file_has_only_characters_that_xml_allows(character: str) -> None:
    assert ET.fromstring(as_svg(attacked(sample(), character))).get("role") == "img"  # noqa: S314 - it was made here


def width(text: ET.Element) -> float:
    """Return the approximate width of a text in pixels."""
    (kind,) = kinds(text)
    column = _BOLD if kind in ("name", "title") else _SMALL if kind in ("small", "digit") else _PLAIN
    return cell_len(text.text or "") * column


def lane(drawing: ET.Element, name: str) -> list[ET.Element]:
    return [
        box
        for group in drawing.iter("g")
        for box in group.iter("rect")
        if (group.findtext("title") or "").startswith(f"{name} ")
    ]


def check(history: History, *, words: bool = True, edge: bool = True) -> None:
    """Check that each variant of the picture is well-formed, and that nothing in it overlaps or is outside.

    `words` is false for unusually long texts, which need not fit. `edge` is false if the axis labels need not fit.
    """
    for drawing in variants(history):
        assert {element.tag for element in drawing.iter()} <= {
            *("svg", "title", "g", "rect", "path", "circle", "text", "style")
        }
        wide_, high = number(drawing, "width"), number(drawing, "height")
        assert drawing.get("viewBox") == f"0 0 {wide_:.0f} {high:.0f}"
        marks = [number(mark, "cx") for mark in drawing.iter("circle")]
        assert all(later - sooner >= 20 - 0.11 for sooner, later in pairwise(marks)), "room for a number"
        assert all(9 <= x <= wide_ - 9 for x in marks)
        assert [number(text, "x") for text in of_kind(drawing, "text", "digit")] == marks
        lines = [place(line) for kind in ("at", "grid", "tick") for line in of_kind(drawing, "path", kind)]
        assert all(0 <= x <= wide_ for x in lines)
        segments(drawing, wide_, high, words=words)
        for text in drawing.iter("text"):
            assert 0 < number(text, "y") < high
            if words and (edge or text.text not in ticks(drawing)):
                assert number(text, "x") + width(text) <= wide_, text.text
        for sooner, later in pairwise(text for text in drawing.iter("text") if text.text in ticks(drawing)):
            assert number(sooner, "x") + width(sooner) <= number(later, "x"), "room for a date"


def segments(drawing: ET.Element, wide_: float, high: float, *, words: bool) -> None:
    """Check that the bars of each lane are in order, and that the text of each bar fits into the bar.

    The picture is `wide_` pixels wide and `high` pixels high. With `words`, no name may lie over a bar.
    """
    ends: dict[float, float] = {}
    rooms: dict[tuple[float, str], tuple[float, float]] = {}
    for group in drawing.iter("g"):
        for box in group.iter("rect"):
            x, y, long_, tall = (number(box, name) for name in ("x", "y", "width", "height"))
            assert x >= ends.get(y, 0) - 1.6, "a version that lasted no time is drawn a pixel and a half wide"
            assert long_ >= 1.5
            assert y + tall <= high
            ends[y] = x + long_
            assert ends[y] <= wide_ - _EDGE + 1.6
            period = (y, group.findtext("title") or "")
            rooms[period] = (min(x, rooms.get(period, (x, 0))[0]), ends[y])
    for text in of_kind(drawing, "text", "label"):
        left = number(text, "x")
        assert any(
            y < number(text, "y") < y + 24 and begin <= left and left + width(text) <= end
            for (y, _), (begin, end) in rooms.items()
        ), text.text
    if words:
        for text in of_kind(drawing, "text", "name"):
            beside = [begin for (y, _), (begin, _) in rooms.items() if y < number(text, "y") < y + 24]
            assert all(number(text, "x") + width(text) <= begin for begin in beside), "a name over a bar"
