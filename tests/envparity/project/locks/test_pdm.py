"""Tests of pdm.lock, with and without the groups of each package."""

from pathlib import Path

import pytest
from lock_pins import pins_in

from envparity.errors import EnvparityError
from envparity.project.locks.lock import Choice

LINUX = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.2"}
PROJECT = """
[project]
name = "shop"
dependencies = ["alpha[fast]>=1", "colour; sys_platform == 'win32'"]
[project.optional-dependencies]
more = ["wanted"]
[dependency-groups]
dev = ["tester"]
"""
GROUPED = """
[metadata]
groups = ["default", "dev", "more"]
strategy = ["inherit_metadata"]
lock_version = "4.5.0"
[[package]]
name = "alpha"
version = "1.5"
groups = ["default"]
dependencies = ["beta"]
files = [{ file = "alpha-1.5.tar.gz", hash = "sha256:aa" }]
[[package]]
name = "alpha"
version = "1.5"
extras = ["fast"]
groups = ["default"]
dependencies = ["alpha==1.5", "speedups"]
[[package]]
name = "colour"
version = "1.0"
groups = ["default"]
marker = "sys_platform == 'win32'"
[[package]]
name = "beta"
version = "2.0"
groups = ["default"]
[[package]]
name = "speedups"
groups = ["default"]
git = "https://example.com/s.git"
revision = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
[[package]]
name = "wanted"
version = "4.0"
groups = ["more"]
[[package]]
name = "tester"
version = "8.0"
groups = ["dev"]
"""


def pins(folder: Path, text: str, choice: Choice | None = None, project: str = PROJECT) -> dict[str, str | None]:
    (folder / "pyproject.toml").write_text(project)
    (folder / "pdm.lock").write_text(text)
    return pins_in(folder / "pdm.lock", LINUX, choice)


@pytest.mark.parametrize("grouped", [True, False])
def test_groups_come_from_the_lock_or_from_a_walk_over_its_edges(grouped: bool, tmp_path: Path) -> None:
    text = (
        GROUPED
        if grouped
        else "".join(
            line + "\n" for line in GROUPED.splitlines() if not (line.startswith("groups = ") and '", "' not in line)
        )
    )
    speedups = "git+https://example.com/s.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    usual = {"shop": "local", "alpha": "1.5", "beta": "2.0", "speedups": speedups, "tester": "8.0"}
    every = usual | {"wanted": "4.0"}
    assert pins(tmp_path, text) == every  # PDM installs each group of the lock, and calls an extra a group too
    assert pins(tmp_path, text, Choice(no_groups=("more",))) == usual
    assert pins(tmp_path, text, Choice(groups=("dev",))) == every
    assert pins(tmp_path, text, Choice(extras=("more",), no_groups=("dev",))) == {
        name: value for name, value in every.items() if name != "tester"
    }
    without = PROJECT.replace("more = ", "other = ")
    assert pins(tmp_path, text, project=without) == usual  # the project no longer has the extra `more`
    assert pins(tmp_path, text, Choice(only_groups=("dev",))) == {"tester": "8.0"}
    application = PROJECT + "[tool.pdm]\ndistribution = false\n"
    assert "shop" not in pins(tmp_path, text, project=application)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[metadata]\nlock_version = '3.0'\n", "expected lock_version 4, found 3.0; export the lock with"),
        ("[metadata]\n", "lock_version: expected a string, found none"),
        ("[metadata]\nlock_version = '4.5'\n[[package]]\nname = 'x'\n", "line 3: package: version: expected a string"),
        ("= 1", "expected TOML, found: .*line 1"),
    ],
)
def test_a_broken_lock_is_one_line_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=said) as caught:
        pins(tmp_path, text)
    assert "\n" not in str(caught.value)


def test_a_lock_without_groups_needs_the_project(tmp_path: Path) -> None:
    text = (
        GROUPED.replace('groups = ["default"]\n', "")
        .replace('groups = ["more"]\n', "")
        .replace('groups = ["dev"]\n', "")
    )
    with pytest.raises(EnvparityError, match=r"expected a pyproject.toml next to this lock, .*found none; copy"):
        pins(tmp_path, text, project="")


@pytest.mark.parametrize("grouped", [True, False])
def test_the_lock_may_spell_a_group_in_another_way_than_the_project(grouped: bool, tmp_path: Path) -> None:
    text = GROUPED.replace('"dev"', '"the-dev"').replace('"more"', '"the-more"')
    if not grouped:
        text = "\n".join(line for line in text.splitlines() if not line.startswith("groups = ") or '", "' in line)
    project = PROJECT.replace("dev = ", "The_Dev = ").replace("more = ", "The_More = ")
    assert pins(tmp_path, text, project=project) == pins(tmp_path, GROUPED)
    assert pins(tmp_path, text, Choice(extras=("The_More",)), project) == pins(tmp_path, GROUPED)
