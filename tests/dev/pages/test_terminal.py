"""Tests of the pictures of a terminal: they show the recorded commands, and no line is lost without a sign."""

import re
from xml.etree import ElementTree

import pytest

from dev.evidence.runs import FOLDER
from dev.evidence.terminal import Printed, read_terminal
from dev.lockenv.project import Project
from dev.pages.registry import PAGES, render_page
from dev.pages.terminal import render, shown

NAMES = [module.partition(":")[2] for module in PAGES.values() if ":" in module]


def words(svg: str) -> str:
    """Return the text of a picture, without blanks, because the picture places each word on its own."""
    root = ElementTree.fromstring(svg)  # noqa: S314 - our own file
    return re.sub(
        r"\s", "", "".join(text for one in root.iter() if one.tag.endswith("text") for text in one.itertext())
    )


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_each_command_and_the_end_of_its_output(project: Project, name: str) -> None:
    recording = read_terminal(FOLDER / "terminal.json")[name]
    svg = render(project, name)
    assert render_page(f"pictures/{name}.svg", project) == svg
    for printed in recording:
        assert re.sub(r"\s", "", f"$ {printed.command}") in words(svg)
    last = shown(name, recording)[-1].plain or shown(name, recording)[-2].plain
    assert re.sub(r"\s", "", last) in words(svg)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_names_no_host(project: Project, name: str) -> None:
    text = render(project, name).replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert re.findall(r"https?:|//|@import|@font-face|url\((?!#)", text) == []


def test_lines_that_are_left_out_leave_a_sign_and_blank_lines_leave_none() -> None:
    printed = Printed("x", ("track v0.4", "", "equal  the same in each door", "note a", "  [b] c", "pass: 0 errors"))
    lines = [line.plain for line in shown("four-doors", (printed,))]
    assert lines == ["$ x", "track v0.4", "", "equal  the same in each door", "…", "pass: 0 errors"]
