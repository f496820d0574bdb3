"""Tests of uv.lock: its forks, markers, groups, extras, workspaces and sources."""

from pathlib import Path

import pytest
from lock_pins import pins_in

from envparity.errors import EnvparityError
from envparity.project.locks import read_lock
from envparity.project.locks.lock import Choice

LINUX = {"sys_platform": "linux", "python_version": "3.11", "python_full_version": "3.11.2", "os_name": "posix"}
WINDOWS = LINUX | {"sys_platform": "win32", "os_name": "nt"}
HEAD = 'version = 1\nrevision = 3\nrequires-python = ">=3.9"\n'
PROJECT = (
    HEAD
    + """
conflicts = [[{ package = "shop", extra = "cpu" }, { package = "shop", extra = "gpu" }]]

[[package]]
name = "shop"
version = "1.0"
source = { editable = "." }
dependencies = [
    { name = "alpha", extra = ["fast"] },
    { name = "colour", marker = "sys_platform == 'win32'" },
    { name = "forked", version = "1.0", source = { registry = "R" }, marker = "sys_platform != 'win32'" },
    { name = "forked", version = "2.0", source = { registry = "R" }, marker = "sys_platform == 'win32'" },
]
[package.optional-dependencies]
cpu = [{ name = "engine", version = "1.0", source = { registry = "R" }, marker = "extra == 'extra-4-shop-cpu'" }]
gpu = [{ name = "engine", version = "2.0", source = { registry = "R" } }]
[package.dev-dependencies]
dev = [{ name = "tester" }]
docs = [{ name = "writer" }]

[[package]]
name = "alpha"
version = "1.1"
source = { registry = "R" }
sdist = { url = "U", hash = "sha256:AA", size = 1 }
wheels = [{ url = "U", hash = "sha256:bb", size = 1 }]
[package.optional-dependencies]
fast = [{ name = "speedups" }]

[[package]]
name = "colour"
version = "0.4"
source = { registry = "R" }
[[package]]
name = "speedups"
source = { git = "https://example.com/s.git?rev=main#30c6686026d8f9bbb9d32768b477b9e243eaf4c7" }
version = "0"
[[package]]
name = "forked"
version = "1.0"
source = { registry = "R" }
resolution-markers = ["sys_platform != 'win32'"]
[[package]]
name = "forked"
version = "2.0"
source = { registry = "R" }
resolution-markers = ["sys_platform == 'win32'"]
[[package]]
name = "engine"
version = "1.0"
source = { registry = "R" }
[[package]]
name = "engine"
version = "2.0"
source = { registry = "R" }
[[package]]
name = "tester"
version = "8.0"
source = { url = "https://example.com/tester-8.0-py3-none-any.whl" }
[[package]]
name = "writer"
version = "9.0"
source = { path = "wheels/writer-9.0-py3-none-any.whl" }
"""
)
WORKSPACE = (
    HEAD
    + """
[manifest]
members = ["left", "right"]
[manifest.dependency-groups]
dev = [{ name = "tester" }]
[[package]]
name = "left"
source = { virtual = "packages/left" }
dependencies = [{ name = "alpha" }]
[[package]]
name = "right"
version = "1"
source = { editable = "packages/right" }
dependencies = [{ name = "left" }, { name = "beta" }]
[[package]]
name = "alpha"
version = "1"
source = { registry = "R" }
[[package]]
name = "beta"
version = "2"
source = { registry = "R" }
[[package]]
name = "tester"
version = "3"
source = { registry = "R" }
"""
)


def pins(
    folder: Path, text: str = PROJECT, environment: dict[str, str] = LINUX, choice: Choice | None = None
) -> dict[str, str | None]:
    (folder / "uv.lock").write_text(text)
    return pins_in(folder / "uv.lock", environment, choice)


def test_the_default_is_what_uv_sync_installs(tmp_path: Path) -> None:
    found = pins(tmp_path)
    commit = "git+https://example.com/s.git@30c6686026d8f9bbb9d32768b477b9e243eaf4c7"
    assert found == {
        "shop": "local",
        "alpha": "1.1",
        "speedups": commit,
        "forked": "1.0",
        "tester": "https://example.com/tester-8.0-py3-none-any.whl",
    }
    assert pins(tmp_path, environment=WINDOWS)["forked"] == "2.0"
    assert pins(tmp_path, environment=WINDOWS)["colour"] == "0.4"
    lock = read_lock(tmp_path / "uv.lock").for_environment(LINUX)
    assert lock["alpha"].hashes == {"sha256:aa", "sha256:bb"}


def test_groups_extras_and_conflicts(tmp_path: Path) -> None:
    assert pins(tmp_path, choice=Choice(extras=("cpu",)))["engine"] == "1.0"
    assert pins(tmp_path, choice=Choice(extras=("gpu",)))["engine"] == "2.0"
    assert pins(tmp_path, choice=Choice(only_groups=("docs",))) == {"writer": "local"}
    assert "tester" not in pins(tmp_path, choice=Choice(no_groups=("dev",)))
    assert "shop" not in pins(tmp_path, choice=Choice(no_project=True))
    bare = pins(tmp_path, choice=Choice(no_default_groups=True))
    assert bare == pins(tmp_path, choice=Choice(no_groups=("dev",)))
    lock = read_lock(tmp_path / "uv.lock")
    assert lock.without_groups is not None
    assert {one.name for one in lock.without_groups(LINUX)} == bare.keys()
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\ndefault-groups = ["docs"]\n')
    assert "tester" not in pins(tmp_path)
    assert "writer" in pins(tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.uv]\ndefault-groups = "all"\n')
    assert {"tester", "writer"} <= pins(tmp_path).keys()


def test_the_current_folder_chooses_the_member_of_a_workspace_or_all_members(tmp_path: Path) -> None:
    assert pins(tmp_path, WORKSPACE) == {"alpha": "1", "right": "local", "beta": "2", "tester": "3"}
    inside = tmp_path / "packages" / "left" / "src"
    inside.mkdir(parents=True)
    assert pins(tmp_path, WORKSPACE, choice=Choice(folder=inside.resolve())) == {"alpha": "1"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2\n", r"expected version = 1 of uv.lock, found 2; export it with `uv export"),
        ("version = 1\nx = = 1\n", r"expected TOML, found: .*line 2"),
        (HEAD + "[[package]]\nname = 3\n", r"uv.lock, line 4: package: source: expected a table with one of registry"),
        (
            HEAD + "[[package]]\nsource = { virtual = '.' }\nname = 3\n",
            r"line 4: package: name: expected a string, found 3",
        ),
        (
            HEAD + "[[package]]\nname = 'a'\nsource = { registry = 'R' }\nwheels = 3\n",
            "line 4: package: wheels: expected",
        ),
        (
            HEAD + "[[package]]\nname = 'a'\nversion = '1'\nsource = { registry = 'R' }\nwheels = [{ hash = 'x' }]\n",
            "line 4: package: expected a hash such as sha256:…, found 'x'",
        ),
        ("version = 1\npackage = 3\n", "expected .*package.* tables, found 3"),
        (
            PROJECT.replace(
                'sys_platform == \'win32\'" },\n    { name = "forked", version = "1.0"',
                '?" },\n    { name = "forked", version = "1.0"',
            ),
            r"expected a marker, found '\?'",
        ),
    ],
)
def test_a_broken_lock_is_one_line_with_its_place(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(EnvparityError, match=said) as caught:
        pins(tmp_path, text)
    assert "\n" not in str(caught.value)
    assert "uv.lock" in str(caught.value)


def test_options_choose_members_of_a_workspace(tmp_path: Path) -> None:
    everything = {"right": "local", "alpha": "1", "beta": "2", "tester": "3"}
    assert pins(tmp_path, WORKSPACE, choice=Choice(all_packages=True)) == everything
    assert pins(tmp_path, WORKSPACE, choice=Choice(packages=("Left",))) == {"alpha": "1"}
    assert pins(tmp_path, WORKSPACE, choice=Choice(packages=("right",), folder=tmp_path / "packages" / "left")) == {
        name: version for name, version in everything.items() if name != "tester"
    }
    without = Choice(all_packages=True, no_workspace=True)
    assert pins(tmp_path, WORKSPACE, choice=without) == {"alpha": "1", "beta": "2", "tester": "3"}
    with pytest.raises(EnvparityError, match=r"^--package: expected .*uv.lock \(left, right\), found 'gone'"):
        pins(tmp_path, WORKSPACE, choice=Choice(packages=("gone",)))


@pytest.mark.parametrize("line", ["revision = 3\n", ""])
def test_a_lock_of_a_script_may_have_any_name(line: str, tmp_path: Path) -> None:
    """uv wrote no revision into locks until 2025."""
    row = '[[package]]\nname = "alpha"\nversion = "1.0"\nsource = { registry = "https://example.com/simple" }\n'
    head = f'version = 1\n{line}requires-python = ">=3.11"\n[manifest]\nrequirements = [{{ name = "alpha" }}]\n'
    (tmp_path / "job.py.lock").write_text(head + row)
    assert pins_in(tmp_path / "job.py.lock", LINUX) == {"alpha": "1.0"}
