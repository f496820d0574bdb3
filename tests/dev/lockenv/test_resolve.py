"""Tests that locking again keeps the pins; test_future.py locks the groups of this project again."""

import shutil
from pathlib import Path

import pytest

from dev.lockenv.command import run
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project, read_project
from dev.lockenv.resolve import lock_all

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def uv(project: Project) -> Path:
    return bootstrap(project, find_interpreter(project.toolchain))


@pytest.fixture
def small(project: Project, uv: Path, tmp_path: Path) -> Project:
    """Return a project whose locks pin idna and certifi at their versions of 2024-06-01."""
    shutil.copytree(project.root / "locks", tmp_path / "locks", ignore=shutil.ignore_patterns("*.txt"))
    groups = "\n".join(f'{name} = ["idna", "certifi"]' for name in ("one", "tools", "build", "node", "site"))
    table = f'[dependency-groups]\n{groups}\n[tool.lockenv]\ndefault-track = "one"\n'
    table += '[tool.envparity.tracks]\none = { python = "3.11" }\n'
    head = '[project]\nname = "small"\nversion = "1"\nrequires-python = ">=3.11,<3.12"\n'
    (tmp_path / "pyproject.toml").write_text(head + table)
    (tmp_path / ".cache").mkdir()
    for name in ("one", "tools", "build", "node"):
        then = ["--exclude-newer", "2024-06-01", "--generate-hashes", "--universal", "--no-header", "-q"]
        what = ["--group", f"pyproject.toml:{name}", "-o", f"locks/{name}.txt"]
        run([uv, "pip", "compile", *then, *what], purpose="testing", cwd=tmp_path)
    return read_project(tmp_path)


def versions(project: Project, name: str = "one") -> dict[str, str]:
    return {pin.name: pin.version for pin in read_lock(project.lock(name)).pins.values()}


def test_pins_stay_after_a_new_release_until_they_are_upgraded(small: Project, uv: Path) -> None:
    then = versions(small)
    assert then == {"idna": "3.7", "certifi": "2024.2.2"}
    hashes = {name: pin.text for name, pin in read_lock(small.lock("one")).pins.items()}
    list(lock_all(small, uv, False))
    assert {name: pin.text for name, pin in read_lock(small.lock("one")).pins.items()} == hashes
    list(lock_all(small, uv, ("idna",)))
    assert versions(small)["certifi"] == then["certifi"]
    assert versions(small)["idna"] != then["idna"]
    list(lock_all(small, uv, True))
    assert versions(small)["certifi"] != then["certifi"]


def test_only_a_pin_that_its_group_no_longer_allows_moves(small: Project, uv: Path) -> None:
    path = small.root / "pyproject.toml"
    path.write_text(path.read_text().replace('one = ["idna", ', 'one = ["idna>=3.10", '))
    list(lock_all(small, uv, False))
    assert versions(small)["idna"] != "3.7"
    assert versions(small)["certifi"] == "2024.2.2"


def test_a_new_track_takes_the_pins_of_the_tools(small: Project, uv: Path) -> None:
    path = small.root / "pyproject.toml"
    text = path.read_text().replace("[dependency-groups]\n", '[dependency-groups]\ntwo = ["idna", "sniffio"]\n')
    path.write_text(text.replace("one = {", 'two = { python = "3.11" }\none = {'))
    added = read_project(small.root)
    assert list(lock_all(added, uv, False)) == ["two", "one", "tools", "build", "node", "site"]
    assert versions(added, "two")["idna"] == "3.7"
    assert versions(added, "two")["sniffio"]
    assert versions(added) == {"idna": "3.7", "certifi": "2024.2.2"}


def test_the_declared_requirements_of_a_commit_do_not_change_a_release(project: Project) -> None:
    assert read_lock(project.lock("v0.4")).pins["protobuf"].version.startswith("4.")
    assert read_lock(project.lock("v0.4-git")).pins["protobuf"].version.startswith("6.")


@pytest.mark.parametrize("track", ["v0.4", "v0.4-git", "v0.8"])
def test_pip_builds_the_distributions_that_a_lock_builds(project: Project, track: str) -> None:
    """pip applies options in their order, and `--only-binary :all:` cancels each `--no-binary` before it."""
    lock = project.lock(track)
    first, *others = (line for line in lock.read_text().splitlines() if line.startswith("--"))
    assert first == "--only-binary :all:"
    assert others == [f"--no-binary {name}" for name in read_lock(lock).built]
