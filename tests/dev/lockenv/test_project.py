"""Tests of reading the project's settings; a missing or wrong setting is an error of one line.

A track is one pinned version of libp2p, such as v0.4.
"""

import shutil
import tomllib
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.project import Project, read_project, this_project
from envparity.project.config import find_config


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    (tmp_path / "locks").mkdir()
    for name in ("pyproject.toml", "locks/toolchain.toml"):
        shutil.copy(project.root / name, tmp_path / name)
    return tmp_path


def test_each_track_has_its_library(project: Project) -> None:
    assert project.tracks == ("v0.4", "v0.4-git", "v0.8", "v0.8-py313")
    assert project.default_track == "v0.4"
    assert list(project.git_libraries) == ["v0.4-git"]
    assert project.git_libraries["v0.4-git"].endswith("@30c6686026d8f9bbb9d32768b477b9e243eaf4c7")


def test_every_list_of_the_tracks_names_them_all(project: Project) -> None:
    """uv needs its list to refuse a combination of two tracks that have different locks."""
    with (project.root / "pyproject.toml").open("rb") as file:
        tool = tomllib.load(file)["tool"]
    (conflicts,) = tool["uv"]["conflicts"]
    assert [one["group"] for one in conflicts] == list(project.locked_tracks)
    assert list(tool["envparity"]["tracks"]) == list(project.tracks) == list(find_config(project.root).tracks)


def test_each_track_has_its_python(project: Project) -> None:
    for track, python in project.pythons.items():
        toolchain = project.toolchain_of(track)
        assert toolchain.python_series == python
        assert toolchain.interpreters == (f"/usr/bin/python{python}", f"python{python}", "python3")
        assert toolchain.packages["headers"]["apt"] == f"python{python}-dev"


def test_a_track_can_have_the_lock_of_another(copy: Path) -> None:
    path = copy / "pyproject.toml"
    heading = "[tool.envparity.tracks]\n"
    line = '"newer" = { python = "3.13", lock = "v0.8" }\n'
    path.write_text(path.read_text().replace(heading, heading + line))
    found = read_project(copy)
    assert found.tracks[0] == "newer"
    assert "newer" not in found.locked_tracks
    assert found.lock("newer") == found.lock("v0.8")
    assert found.toolchain_of("newer").python_series == "3.13"
    assert found.pythons_of("v0.4") == (found.pythons["v0.4"],)
    assert found.pythons_of("v0.8") == tuple(dict.fromkeys([found.pythons["v0.8"], "3.13"]))
    assert set(found.pythons_of("tools")) == set(found.pythons.values())


@pytest.mark.parametrize("table", ['tracks = ["v0.4"]', 'tracks = { "v0.4" = "3.11" }', "tracks = { }"])
def test_tracks_without_pythons_are_an_error(copy: Path, table: str) -> None:
    path = copy / "pyproject.toml"
    text = path.read_text()
    start, end = text.index("[tool.envparity.tracks]"), text.index("[tool.envparity]\n")
    path.write_text(f"{text[:start]}[tool.envparity]\n{table}\n{text[end + len('[tool.envparity]') :]}")
    with pytest.raises(CommandError, match=r"pyproject\.toml: expected "):
        read_project(copy)


def test_an_unknown_track_is_an_error(project: Project) -> None:
    with pytest.raises(CommandError, match=r"expected one of v0\.4, v0\.4-git, v0\.8, v0\.8-py313 .* found 'v1'"):
        project.check_track("v1")


@pytest.mark.parametrize("name", ["pyproject.toml", "locks/toolchain.toml"])
@pytest.mark.parametrize("content", [None, "= no TOML", "[project]\n"])
def test_a_missing_or_wrong_file_is_one_line(copy: Path, name: str, content: str | None) -> None:
    (copy / name).unlink() if content is None else (copy / name).write_text(content)
    with pytest.raises(CommandError, match=f"{name}: expected ") as caught:
        read_project(copy)
    assert "\n" not in str(caught.value)


def test_build_flags_are_the_same_for_every_door(project: Project) -> None:
    assert project.toolchain.build_environment == {
        "CFLAGS": "-g0",
        "SKIP_CYTHON": "1",
        "SOURCE_DATE_EPOCH": "1762370100",
    }


def test_environments_can_be_outside_of_the_checkout(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The devcontainer and the Nix shell need this, because they share the checkout with this machine."""
    monkeypatch.setenv("LOCKENV_HOME", str(tmp_path))
    found = this_project()
    assert (found.environment("v0.4"), found.cache) == (tmp_path / ".venv-v0.4", tmp_path / ".cache")
    assert found.lock("v0.4") == found.root / "locks" / "v0.4.txt"
    monkeypatch.setenv("LOCKENV_HOME", "elsewhere")
    with pytest.raises(CommandError, match=r"^LOCKENV_HOME: expected an absolute path, found 'elsewhere'"):
        this_project()
