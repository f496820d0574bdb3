"""Tests of how envparity chooses the format of a history, and writes histories to files.

A history lists, for a past period, each change of the releases that uv chooses for some requirements.
"""

import json
import pty
from pathlib import Path

import pytest
from history_samples import attacked, sample

from envparity.cli.options import HISTORY_FORMATS
from envparity.errors import EnvparityError
from envparity.render.history.page import as_html
from envparity.render.history.prose import as_markdown
from envparity.render.history.timeline import as_svg
from envparity.render.history.write import as_json, form_of, render, write_reports

ENDINGS = {"html": "html", "json": "json", "md": "markdown", "svg": "svg", "txt": "terminal"}


def test_each_format_is_made_by_its_renderer() -> None:
    made = {form: render(sample(), form, everything=True) for form in HISTORY_FORMATS}
    assert made["json"] == as_json(sample())
    assert made["markdown"] == as_markdown(sample(), everything=True)
    assert made["html"] == as_html(sample())
    assert made["svg"] == as_svg(sample())
    assert made["terminal"].startswith("libp2p==0.3.0, Python 3.11")
    assert {text[-1] for text in made.values()} == {"\n"}


@pytest.mark.parametrize("form", ["terminal", "markdown"])
def test_with_everything_the_output_is_longer(form: str) -> None:
    assert "trio" not in render(sample(), form, everything=False)
    assert "trio" in render(sample(), form, everything=True)


def test_only_a_terminal_gets_colours(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with open(ours, "rb", buffering=0), open(theirs, "w", encoding="utf-8") as terminal:  # noqa: PTH123 - descriptors
        assert "\x1b[" in render(sample(), "terminal", everything=True, stream=terminal)
    with (tmp_path / "log").open("w", encoding="utf-8") as file:
        assert "\x1b" not in render(sample(), "terminal", everything=True, stream=file)


def test_the_ending_of_the_file_name_decides_the_format() -> None:
    assert {ending: form_of(f"a.b/c.{ending}") for ending in ENDINGS} == ENDINGS


@pytest.mark.parametrize("name", ["a.pdf", "a", "a.html.gz", "svg", ".svg", "", "a.", "x.md/y", "a.\n\x1b[31m"])
def test_an_unknown_ending_gives_a_one_line_error(name: str) -> None:
    with pytest.raises(EnvparityError) as refused:
        form_of(name)
    said = str(refused.value)
    assert said.startswith("--report: expected a file ending in .html, .json, .md, .svg, .txt, found '")
    assert said.isprintable()


def test_each_ending_has_its_format(tmp_path: Path) -> None:
    names = {ending: tmp_path / f"history.{ending}" for ending in ENDINGS}
    write_reports(sample(), [str(path) for path in names.values()], everything=False)
    for ending, path in names.items():
        assert path.read_text(encoding="utf-8") == render(sample(), ENDINGS[ending], everything=False)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(path.name for path in names.values())
    assert names["json"].read_text() == as_json(sample())


def test_an_ending_without_a_format_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=r"found '.*b\.pdf'$"):
        write_reports(sample(), [str(tmp_path / "a.json"), str(tmp_path / "b.pdf")], everything=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/history.html", "file/history.svg", "folder.json"])
def test_a_file_that_cannot_be_written_gives_a_one_line_error_and_leaves_nothing(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(EnvparityError, match=r"--report: expected to write .*, found: "):
        write_reports(sample(), [str(tmp_path / place)], everything=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.json"]


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text("old" * 100_000, encoding="utf-8")
    write_reports(sample(), [str(path)], everything=True)
    assert path.read_text(encoding="utf-8") == as_json(sample())


@pytest.mark.parametrize("ending", ENDINGS)
def test_text_that_utf_8_cannot_encode_is_escaped(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"history.{ending}"
    write_reports(attacked(sample(), "\udcff"), [str(path)], everything=True)
    said = path.read_text(encoding="utf-8")
    assert ("&#92;udcff" if ending == "md" else "\\udcff") in (json.loads(said)["python"] if ending == "json" else said)
