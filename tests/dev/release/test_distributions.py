"""Tests of the sdist and the wheel: every build gives the same bytes, and they contain envparity and nothing else."""

import re
import tarfile
import tomllib
import zipfile
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import envparity
from dev.command.errors import CommandError
from dev.lockenv.project import Project, read_project
from dev.pages.installed import FOLDER, installed
from dev.release.distributions import build_distributions, copied


@pytest.fixture(scope="module")
def built(project: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return the sdist and the wheel, which two builds from different folders have confirmed."""
    sdist, wheel = build_distributions(project, tmp_path_factory.mktemp("dist"))
    return sdist, wheel


def metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as archive:
        return message_from_bytes(archive.read(f"envparity-{envparity.__version__}.dist-info/METADATA"))


def test_a_later_build_in_another_checkout_gives_the_same_bytes(
    built: tuple[Path, Path], project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = read_project(copied(project, tmp_path / "a copy", 0o077, age=100_000))
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "86400000")
    again = build_distributions(other, tmp_path / "dist")
    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in built]


def test_builds_that_differ_are_an_error(project: Project, tmp_path: Path) -> None:
    other = copied(project, tmp_path / "copy", 0o022)
    pyproject = other / "pyproject.toml"
    text = re.sub(r'(?s)requires = \["flit_core.*?buildapi"', "", pyproject.read_text())
    pyproject.write_text(text.replace('name = "envparity"', 'name = "no such module"', 1))
    with pytest.raises(CommandError, match="release: expected flit_core to build the sdist of envparity, found: "):
        build_distributions(read_project(other), tmp_path / "dist")


def test_the_wheel_contains_only_envparity(built: tuple[Path, Path], project: Project) -> None:
    with zipfile.ZipFile(built[1]) as wheel:
        names = wheel.namelist()
    own = f"envparity-{envparity.__version__}"
    assert {name.partition("/")[0] for name in names} == {"envparity", f"{own}.dist-info", f"{own}.data"}
    shared = {f"{own}.data/data/{path.removeprefix(f'{FOLDER}/')}" for path in installed()}
    assert {name for name in names if name.startswith(f"{own}.data/")} == shared
    sources = {path.relative_to(project.root).as_posix() for path in (project.root / "envparity").rglob("*.*")}
    packed = {name for name in names if name.startswith("envparity/")}
    assert packed == {name for name in sources if "__pycache__" not in name and (project.root / name).is_file()}
    with tarfile.open(built[0]) as sdist:
        kept = {name.partition("/")[2].partition("/")[0] for name in sdist.getnames()}
    assert kept == {"LICENSE", "PKG-INFO", "docs", "envparity", "pyproject.toml"}


def test_the_metadata_that_a_project_page_shows(built: tuple[Path, Path], project: Project) -> None:
    found = metadata(built[1])
    declared = tomllib.loads((project.root / "pyproject.toml").read_text())["project"]
    assert (found["Name"], found["Version"], found["License-Expression"]) == ("envparity", "0.1.0", "MIT")
    assert declared["version"] == envparity.__version__
    assert found["Description-Content-Type"] == "text/markdown"
    classifiers = found.get_all("Classifier")
    assert classifiers == sorted(classifiers or [])
    needed = {Requirement(text).name for text in found.get_all("Requires-Dist") or [] if "extra" not in text}
    assert needed == {Requirement(text).name for text in declared["dependencies"]}
    page = str(found.get_payload())
    assert re.findall(r"\]\((?!https://)", page) == []  # a project page resolves no relative link
    assert page.startswith("# envparity\n")
