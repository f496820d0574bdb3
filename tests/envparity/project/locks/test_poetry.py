"""Tests of poetry.lock, before version 2.1 of the format and from this version on."""

from pathlib import Path

import pytest
from lock_pins import pins_in

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice

LINUX = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.2"}
PROJECT = """
[tool.poetry]
name = "shop"
[tool.poetry.dependencies]
python = "^3.9"
alpha = "^1.0"
forked = [{ version = "^1.0", python = "<3.10" }, { version = "^2.0", python = ">=3.10" }]
wanted = { version = "*", optional = true }
[tool.poetry.extras]
more = ["wanted"]
[tool.poetry.group.dev.dependencies]
tester = { version = "*", markers = "sys_platform == 'linux'" }
[tool.poetry.group.docs]
optional = true
[tool.poetry.group.docs.dependencies]
writer = "*"
"""
OLD = """
[[package]]
name = "alpha"
version = "1.5"
[package.dependencies]
beta = { version = ">=1", optional = true, markers = "extra == 'fast'" }
colour = { version = "*", markers = "sys_platform == 'win32'" }
gamma = ">=1,<2"
[package.extras]
fast = ["beta (>=1)"]
[[package]]
name = "beta"
version = "1.0"
[[package]]
name = "colour"
version = "1.0"
[[package]]
name = "gamma"
version = "1.1"
[package.source]
type = "git"
url = "https://example.com/g.git"
reference = "main"
resolved_reference = "30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
[[package]]
name = "forked"
version = "1.0"
[[package]]
name = "forked"
version = "2.0"
[[package]]
name = "wanted"
version = "4.0"
optional = true
[[package]]
name = "tester"
version = "8.0"
[[package]]
name = "writer"
version = "9.0"
[extras]
more = ["wanted"]
[metadata]
lock-version = "1.1"
[metadata.files]
alpha = [{ file = "alpha-1.5.tar.gz", hash = "sha256:aa" }]
"""
NEW = """
[[package]]
name = "alpha"
version = "1.5"
groups = ["main", "dev"]
files = [{ file = "alpha-1.5.tar.gz", hash = "sha256:aa" }]
[[package]]
name = "colour"
version = "1.0"
groups = ["main"]
markers = "sys_platform == 'win32'"
[[package]]
name = "wanted"
version = "4.0"
optional = true
groups = ["main"]
markers = 'extra == "more"'
[[package]]
name = "tester"
version = "8.0"
groups = ["dev", "docs"]
markers = { dev = "python_version < '3.10'" }
[extras]
more = ["wanted"]
[metadata]
lock-version = "2.1"
"""


def pins(folder: Path, text: str, choice: Choice | None = None, project: str = PROJECT) -> dict[str, str | None]:
    (folder / "pyproject.toml").write_text(project)
    (folder / "poetry.lock").write_text(text)
    return pins_in(folder / "poetry.lock", LINUX, choice)


def test_a_lock_without_groups_is_walked_from_the_project(tmp_path: Path) -> None:
    gamma = "git+https://example.com/g.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    usual = {"shop": "local", "alpha": "1.5", "gamma": gamma, "forked": "2.0", "tester": "8.0"}
    assert pins(tmp_path, OLD) == usual
    assert pins(tmp_path, OLD, Choice(extras=("more",), groups=("docs",))) == usual | {"wanted": "4.0", "writer": "9.0"}
    assert pins(tmp_path, OLD, Choice(only_groups=("docs",))) == {"shop": "local", "writer": "9.0"}
    bare = {name: one for name, one in usual.items() if name != "tester"}
    assert pins(tmp_path, OLD, Choice(no_default_groups=True)) == bare
    fast = PROJECT.replace('alpha = "^1.0"', 'alpha = { version = "^1.0", extras = ["fast"] }')
    assert pins(tmp_path, OLD, project=fast)["beta"] == "1.0"
    library = PROJECT.replace('name = "shop"', "package-mode = false")
    assert "shop" not in pins(tmp_path, OLD, project=library)
    lock = read_lock(tmp_path / "poetry.lock").for_environment(LINUX)
    assert lock["alpha"].hashes == {"sha256:aa"}


def test_a_lock_with_groups_needs_no_walk(tmp_path: Path) -> None:
    assert pins(tmp_path, NEW) == {"shop": "local", "alpha": "1.5"}
    assert pins(tmp_path, NEW, Choice(no_default_groups=True)) == {"shop": "local", "alpha": "1.5"}
    assert pins(tmp_path, NEW, Choice(groups=("docs",)))["tester"] == "8.0"
    assert pins(tmp_path, NEW, Choice(all_extras=True))["wanted"] == "4.0"
    assert "alpha" not in pins(tmp_path, NEW, Choice(only_groups=("docs",)))


@pytest.mark.parametrize(
    ("text", "project", "said"),
    [
        (OLD, "", r"expected a pyproject.toml next to this lock, .*; found none; copy"),
        (
            OLD.replace('"1.1"\n[metadata.files]', '"9.0"\n[metadata.files]'),
            PROJECT,
            r"expected lock-version 1.0, .*, found 9.0",
        ),
        ("[metadata]\n", PROJECT, r"\[metadata\]: lock-version: expected a string, found none"),
        (
            "[[package]]\nname = 'x'\n[metadata]\nlock-version = '2.1'\n",
            PROJECT,
            "line 1: package: version: expected a string",
        ),
        ("{", PROJECT, "expected TOML, found: .*line 1"),
    ],
)
def test_a_broken_lock_is_one_line_with_its_place(text: str, project: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=said) as caught:
        pins(tmp_path, text, project=project)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", [OLD, NEW.replace('"docs"', '"my-docs"')])
def test_a_group_has_its_canonical_name_as_in_the_lock(text: str, tmp_path: Path) -> None:
    project = PROJECT.replace("group.docs", "group.My_Docs")
    assert pins(tmp_path, text, project=project) == pins(tmp_path, OLD if text == OLD else NEW)
    for name in ("My_Docs", "my-docs"):
        chosen = pins(tmp_path, text, Choice(groups=(name,)), project)
        assert chosen == pins(tmp_path, OLD if text == OLD else NEW, Choice(groups=("docs",)))


def test_an_extra_may_have_entries_that_are_no_text(tmp_path: Path) -> None:
    text = OLD.replace('more = ["wanted"]', 'more = ["wanted", { name = "x" }]')
    assert pins(tmp_path, text, Choice(extras=("more",)))["wanted"] == "4.0"
