"""Tests of the recorded commands of the pictures: they are those that the pages show, and they print the same."""

import json
import re
import tomllib
from pathlib import Path

import pytest
from console import Shown, blocks, missing_line
from rich.text import Text

from dev.command.errors import CommandError
from dev.evidence.runs import FOLDER, write_run
from dev.evidence.terminal import Printed, collision, read_terminal, run_recorded
from dev.lockenv.project import Project

FILE = FOLDER / "terminal.json"


def plain(printed: Printed) -> str:
    return "".join(f"{Text.from_ansi(line).plain}\n" for line in printed.lines)


def test_the_readme_of_envparity_shows_the_same_collision(project: Project) -> None:
    recorded = read_terminal(FILE)["collision"]
    text = (project.root / "envparity" / "README.md").read_text(encoding="utf-8")
    shown = [one for block in blocks(text) for one in block]
    assert [one.command for one in recorded] == [one.command for one in shown] == collision(project)
    for printed, one in zip(recorded, shown, strict=True):
        assert missing_line(one, plain(printed), exact=False) is None, one.command


def test_the_first_page_shows_the_same_ping(project: Project) -> None:
    (recorded,) = read_terminal(FILE)["first-ping"]
    (shown,) = blocks((project.root / "docs" / "start.md").read_text(encoding="utf-8"))[0]
    assert recorded.command == shown.command
    assert missing_line(shown, plain(recorded), exact=False) is None


def test_the_comparison_has_every_door_read_from_outside(project: Project) -> None:
    (recorded,) = read_terminal(FILE)["four-doors"]
    doors = tomllib.loads((project.root / "pyproject.toml").read_text())["tool"]["envparity"]["doors"]
    rows = re.findall(r"(?m)^ (\w+) +cpython .* outside$", plain(recorded))
    assert rows == list(doors)
    assert plain(recorded).splitlines()[-1].startswith("pass: 0 errors")


def test_a_recording_names_no_path_of_a_machine() -> None:
    kept = FILE.read_text(encoding="utf-8")
    assert set(re.findall(r"(?<![\w.])/(?:home|root|tmp|work|Users)\b/?\w*", kept)) <= {"/home/you", "/home/dev"}


@pytest.mark.processes
def test_a_command_is_recorded_with_its_colours_and_without_its_progress(project: Project, tmp_path: Path) -> None:
    tools = project.environment("tools") / "bin"
    printed = run_recorded("scripts/ping", project.root, tools, lambda _: None)
    (kept,) = read_terminal(FILE)["first-ping"]
    assert missing_line(Shown(kept.command, tuple(plain(kept).splitlines())), plain(printed), exact=False) is None
    assert any("\x1b[32mpass" in line for line in printed.lines)
    with pytest.raises(CommandError, match=r"^exit 3: expected status 0 or 1, found 3"):
        run_recorded("exit 3", tmp_path, tools, lambda _: None)


def test_a_path_of_the_recording_machine_is_replaced(project: Project, tmp_path: Path) -> None:
    tools = project.environment("tools") / "bin"
    printed = run_recorded("say one", tmp_path, tools, lambda _: None, {"say one": "pwd; echo two >&2"}, home=tmp_path)
    assert printed == Printed("say one", ("two", "/home/you"))


def test_a_missing_or_changed_recording_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"^expected terminal\.json as scripts/docs writes it, found: "):
        read_terminal(tmp_path / "terminal.json")
    write_run("terminal", {"a": [{"command": 1}]}, tmp_path)
    with pytest.raises(CommandError, match=r"record it again with: scripts/docs --record terminal$"):
        read_terminal(tmp_path / "terminal.json")
    assert json.loads(FILE.read_text(encoding="utf-8"))
