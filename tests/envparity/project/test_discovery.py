"""Tests of how envparity finds the environment and the lock of a project without settings."""

import base64
import hashlib
import os
from pathlib import Path

import pytest

from envparity.errors import EnvparityError
from envparity.project.discovery import Found, find_environment, find_lock


def environment(path: Path) -> Path:
    path.mkdir(parents=True)
    (path / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return path


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src" / "deep").mkdir(parents=True)
    (folder / ".git").mkdir()
    return folder


def test_the_active_environment_comes_first_but_never_envparitys_own(project: Path, tmp_path: Path) -> None:
    active, own = environment(tmp_path / "active"), environment(tmp_path / "own")
    nearest = environment(project / "venv")
    assert find_environment(project, {"VIRTUAL_ENV": str(active)}, own).path == active
    assert find_environment(project, {"VIRTUAL_ENV": str(own)}, own).path == nearest
    assert find_environment(project, {"VIRTUAL_ENV": str(tmp_path / "gone")}, own).path == nearest
    inside = environment(project / ".venv")  # the person has installed envparity into the project's environment
    assert find_environment(project, {"VIRTUAL_ENV": str(inside)}, inside) == Found(inside, "active: VIRTUAL_ENV")
    conda = tmp_path / "conda"
    (conda / "conda-meta").mkdir(parents=True)
    assert find_environment(project, {"CONDA_PREFIX": str(conda)}, own).path == conda


def test_the_nearest_folder_comes_next_up_to_the_root_of_the_repository(project: Path, tmp_path: Path) -> None:
    environment(tmp_path / ".venv")
    own = tmp_path / "own"
    with pytest.raises(EnvparityError, match=r"^environment: expected an active environment, or .venv, venv, env in"):
        find_environment(project / "src" / "deep", {}, own)
    outer = environment(project / "env")
    assert find_environment(project / "src" / "deep", {}, own) == Found(outer, "the nearest environment")
    inner = environment(project / "src" / "venv")
    assert find_environment(project / "src" / "deep", {}, own).path == inner
    named = environment(project / "src" / "made-by-uv")
    assert find_environment(project / "src", {"UV_PROJECT_ENVIRONMENT": "made-by-uv"}, own).path == named


def test_the_environment_that_a_tool_keeps_elsewhere_is_found(project: Path, tmp_path: Path) -> None:
    own, elsewhere = tmp_path / "own", tmp_path / "elsewhere"
    pdm = environment(elsewhere / "by-pdm")
    (project / ".pdm-python").write_text(f"{pdm}/bin/python\n")
    found = find_environment(project, {}, own)
    assert found == Found(pdm, "the environment that pdm keeps for this project")
    (project / ".pdm-python").unlink()

    pipenv = environment(elsewhere / "shop-abc")
    (pipenv / ".project").write_text(str(project))
    environment(elsewhere / "other-abc")
    (project / "Pipfile").write_text("")
    assert find_environment(project, {"WORKON_HOME": str(elsewhere)}, own).path == pipenv
    (project / "Pipfile").unlink()

    (project / "pyproject.toml").write_text('[tool.poetry]\nname = "My Shop"\n')
    # Poetry 2.5.1 gives this name to the environment of a project in this folder.
    assert poetry_name(Path("/nonexistent/shop")) == "my_shop-bJ7QGCuw"
    poetry = environment(elsewhere / f"{poetry_name(project)}-py3.11")
    environment(elsewhere / "my_shop-00000000-py3.11")
    assert find_environment(project, {"POETRY_VIRTUALENVS_PATH": str(elsewhere)}, own).path == poetry


def poetry_name(folder: Path) -> str:
    digest = hashlib.sha256(os.path.realpath(folder).encode()).digest()
    return "my_shop-" + base64.urlsafe_b64encode(digest).decode()[:8]


def test_the_nearest_lock_is_found_and_the_order_in_one_folder_is_fixed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("")  # outside the repository
    assert find_lock(project / "src") is None
    (project / "requirements.txt").write_text("alpha>=1\n")
    assert find_lock(project / "src") is None
    (project / "requirements.txt").write_text("alpha==1\n")
    assert find_lock(project / "src") == Found(project / "requirements.txt", "the nearest lock")
    (project / "poetry.lock").write_text("")
    why = "the nearest lock, before requirements.txt"
    assert find_lock(project / "src") == Found(project / "poetry.lock", why)
    (project / "src" / "pylock.toml").write_text("")
    found = find_lock(project / "src" / "deep")
    assert found is not None
    assert found.describe(project) == "src/pylock.toml (the nearest lock)"


def test_a_broken_requirements_file_is_an_error_and_not_passed_by(project: Path) -> None:
    (project / "requirements.txt").write_text("!!!\n")
    with pytest.raises(EnvparityError, match=r"requirements.txt, line 1: expected NAME==VERSION"):
        find_lock(project)
