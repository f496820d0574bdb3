"""Tests of the strip plots of the measured times: a plot has a lane for each dialer, and a dot for each test.

Each dot is inside the picture, and no two dots overlap.
"""

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from statistics import median

import pytest
from matrix_samples import IMPLEMENTATIONS, sample

from dev.matrix.endings import Ending, PingOutcome
from dev.matrix.maps import Cell, cells
from dev.matrix.plan import every_test
from dev.matrix.strips import readable, strips
from pingtest.report import Latency

NAMES = [one.name for one in IMPLEMENTATIONS]


def plot(every: list[Cell], names: list[str]) -> ET.Element:
    drawing = strips(every, names, "ping_rtt", lambda latency: latency.ping_rtt)
    return ET.fromstring(str(drawing))  # noqa: S314 - we wrote this text


def those(*figures: float) -> list[Cell]:
    test = next(every_test("a", "b"))
    return cells([PingOutcome(test, Ending.PASS, 0, 1, Latency(figure, figure)) for figure in figures])


def dots(drawing: ET.Element) -> list[tuple[float, float]]:
    return [(float(one.attrib["cx"]), float(one.attrib["cy"])) for one in drawing.iter("circle")]


def test_each_measured_test_has_a_dot_inside_the_picture() -> None:
    every = cells(sample().outcomes)
    drawing = plot(every, NAMES)
    _, _, width, height = map(float, drawing.attrib["viewBox"].split())
    found = dots(drawing)
    assert len(found) == sum(cell.outcome.latency is not None for cell in every)
    assert all(0 < x < width and 0 < y < height for x, y in found)
    numbers = [int(one.attrib["data-test"]) for one in drawing.iter("g")]
    assert sorted(numbers) == [cell.number for cell in every if cell.outcome.latency]


def test_a_lane_names_its_median_and_its_number_of_tests() -> None:
    every = cells(sample().outcomes)
    figures = [
        cell.outcome.latency.ping_rtt for cell in every if cell.outcome.latency and cell.outcome.test.dialer == "go"
    ]
    words = f"go: median {readable(median(figures))} ms, {len(figures)} tests"
    assert words in plot(every, NAMES).attrib["aria-label"]


def test_the_scale_is_logarithmic() -> None:
    places = [x for x, _ in dots(plot(those(1, 10, 100, 1000), ["a"]))]
    steps = [after - before for before, after in pairwise(places)]
    assert max(steps) - min(steps) < 0.3


def test_dots_that_would_touch_are_stacked() -> None:
    found = dots(plot(those(*[5.0] * 7), ["a"]))
    assert len(set(found)) == 7
    assert {x for x, _ in found} == {found[0][0]}


@pytest.mark.parametrize("figures", [[1.0], [10.0], [0.001, 5e7], [1e-300, 1e300], [9.99, 9.991], [2.0, 2.0]])
def test_any_range_has_a_scale_whose_labels_do_not_touch(figures: list[float]) -> None:
    drawing = plot(those(*figures), ["a"])
    assert all(0 <= x <= 420 for x, _ in dots(drawing))
    ends = 0.0
    labels = [one for one in drawing.iter("text") if one.attrib["class"] == "tick"]
    assert labels
    for one in sorted(labels, key=lambda one: float(one.attrib["x"])):
        half = len(one.text or "") * 3.4
        assert float(one.attrib["x"]) - half >= ends - 1
        ends = float(one.attrib["x"]) + half


def test_without_measured_tests_the_picture_is_empty() -> None:
    assert strips(those(float("nan"), 0.0, -1.0, float("inf")), ["a"], "x", lambda latency: latency.ping_rtt) == ""


@pytest.mark.parametrize(
    ("figure", "shown"), [(0.1234, "0.12"), (9.996, "10.0"), (99.96, "100"), (1234.5, "1,234"), (float("nan"), "nan")]
)
def test_figures_have_three_significant_digits(figure: float, shown: str) -> None:
    assert readable(figure) == shown


def test_the_same_cells_make_the_same_picture() -> None:
    every = cells(sample().outcomes)
    once, again = (strips(every, NAMES, "x", lambda latency: latency.ping_rtt) for _ in range(2))
    assert once == again
    assert not re.search(r"nan|inf", once)
