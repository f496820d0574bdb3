"""Tests of the drawing of requirement paths: it has every step, nothing overlaps, and no text becomes markup.

A requirement path is the chain of requirements that brought a distribution into an environment.
"""

import re
import xml.etree.ElementTree as ET

from report_samples import ATTACKS, any_report, fuzzed, mapped, sample

from envparity.judge.report import Report, Step, Why
from envparity.render.drawing import drawn
from envparity.render.words import printable


def parsed(why: Why) -> ET.Element:
    # HTML can contain U+FFFE and U+FFFF, XML cannot.
    text = str(drawn(why, 1)).translate({0xFFFE: "?", 0xFFFF: "?"})
    return ET.fromstring(text)  # noqa: S314 - it was made here


def texts(drawing: ET.Element, kind: str) -> list[str | None]:
    return [text.text for text in drawing.iter("text") if text.get("class") == kind]


def test_each_step_has_its_version_and_the_text_of_its_requirement() -> None:
    drawing = parsed(sample().why[0])
    assert texts(drawing, "name") == ["libp2p", "multiaddr", "py-multihash", "libp2p", "multiaddr"]
    assert texts(drawing, "version") == ["0.1.0", "2.0.1", "0.1.0"]
    assert texts(drawing, "label") == [
        "multiaddr>=0.0.9",
        "py-multihash>=2",
        '; python_version < "4"',
        "multiaddr>=0.0.9",
    ]


def test_the_drawing_has_a_title() -> None:
    drawing = parsed(sample().why[0])
    title = drawing.find("title")
    assert title is not None
    assert drawing.get("aria-labelledby") == title.get("id")
    assert (title.text or "").startswith("How py-multihash came in: libp2p -> multiaddr>=0.0.9 (0.1.0) -> py-multihash")


def test_a_missing_distribution_is_drawn_as_absent() -> None:
    drawing = parsed(Why("venv", "b", ((Step("a", "b>=1", "b", None),),)))
    assert texts(drawing, "version") == ["not installed"]
    assert [group.get("class") for group in drawing.iter("g")] == ["root", "edge", "last absent"]


def test_a_long_name_is_cut_in_the_box_and_whole_in_the_tooltip() -> None:
    name = "long-" * 40 + "end"
    drawing = parsed(Why("venv", name, ((Step("a", f"{name}>=1", name, "1"),),)))
    (_, shown_name) = texts(drawing, "name")
    assert shown_name is not None
    assert len(shown_name) <= 34
    assert shown_name.endswith("end")
    assert f"{name} 1" in [title.text for title in drawing.iter("title")]


def test_each_path_has_a_row_of_boxes_that_do_not_overlap() -> None:
    check(sample())
    assert len({box.get("y") for box in parsed(sample().why[0]).iter("rect")}) == 2


def test_attacks_are_drawn_as_text() -> None:
    for attack in ATTACKS:
        check(mapped(sample(), lambda text, attack=attack: f"{text}{attack}"))


@fuzzed
@any_report
def test_hostile_text_is_drawn_as_text(report: Report) -> None:
    check(report)


def check(report: Report) -> None:
    for why in printable(report).why:
        drawing = parsed(why)
        assert {element.tag for element in drawing.iter()} <= {"svg", "title", "g", "rect", "path", "text"}
        width, height = float(drawing.get("width", "")), float(drawing.get("height", ""))
        ends: dict[float, float] = {}
        for box in drawing.iter("rect"):
            x, y, wide, high = (float(box.get(name, "")) for name in ("x", "y", "width", "height"))
            assert x >= ends.get(y, 0) + 60 * (y in ends), "room for an arrow"
            ends[y] = x + wide
            assert ends[y] <= width
            assert y + high <= height
        for arrow in drawing.iter("path"):
            assert re.fullmatch(r"M[\d.]+ [\d.]+(H[\d.]+|l-7 -4v8z)", arrow.get("d", ""))
