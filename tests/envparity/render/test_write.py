"""Tests of how envparity writes reports to files: the ending of a file's name decides the format."""

import json
from pathlib import Path

import pytest
from report_samples import mapped, sample

from envparity.errors import EnvparityError
from envparity.render.write import form_of, render, write_reports

ENDINGS = {
    "html": "html",
    "json": "json",
    "md": "markdown",
    "sarif": "sarif",
    "txt": "terminal",
    "gitlab.json": "gitlab",
    "xml": "junit",
    "junit.xml": "junit",
}


def test_each_ending_has_its_format(tmp_path: Path) -> None:
    names = {ending: tmp_path / f"report.{ending}" for ending in ENDINGS}
    write_reports(sample(), [str(path) for path in names.values()])
    for ending, path in names.items():
        assert path.read_text(encoding="utf-8") == render(sample(), ENDINGS[ending])
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in names.values())


def test_text_that_utf_8_cannot_encode_is_escaped(tmp_path: Path) -> None:
    report = mapped(sample(), lambda text: f"{text}\udcff")
    write_reports(report, [str(tmp_path / f"report.{ending}") for ending in ENDINGS])
    assert "\\udcff" in json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))["track"]


def test_an_ending_without_a_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"expected a file ending in \.gitlab\.json, \.html, .*, \.xml, found"):
        write_reports(sample(), [str(tmp_path / "a.json"), str(tmp_path / "b.pdf")])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", [".json", "folder/.xml", ".gitlab.json", "json", "a.JSON", ""])
def test_a_name_that_is_only_an_ending_has_no_format(name: str) -> None:
    with pytest.raises(EnvparityError, match="expected a file ending in"):
        form_of(name)


@pytest.mark.parametrize("place", ["missing/report.html", "file/report.html", "folder.html"])
def test_a_file_that_cannot_be_written_gives_a_one_line_error_and_leaves_nothing(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(EnvparityError, match=r"--report: expected to write .*, found: "):
        write_reports(sample(), [str(tmp_path / place)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.html"]


def test_an_older_report_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")
    write_reports(sample(), [str(path)])
    assert path.read_text(encoding="utf-8") == render(sample(), "json")
