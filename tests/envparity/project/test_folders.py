"""Tests of the folder in which envparity keeps answers: in the project, or else the user's cache folder."""

from pathlib import Path

import pytest

from envparity.project.config import Config
from envparity.project.folders import cache_folder


def test_a_project_has_its_own_cache(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").touch()
    assert cache_folder(Config(root=tmp_path)) == tmp_path / ".cache" / "envparity"


def test_outside_a_project_the_users_cache_folder_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert cache_folder(Config(root=tmp_path)).name == "envparity"
    assert tmp_path / ".cache" not in cache_folder(Config(root=tmp_path)).parents
