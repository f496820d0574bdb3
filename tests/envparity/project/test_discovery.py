"""Tests of how envparity finds the environment and the lock of a project without settings."""

from pathlib import Path

import pytest
from project_folders import environment

from envparity.errors import EnvparityError
from envparity.project.discovery import Found, find_environment, find_lock


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


def test_the_environment_of_envparity_alone_is_not_that_of_the_project(project: Path) -> None:
    own, nearest = environment(project / ".envparity"), environment(project / ".venv")
    for name, requires in {
        "envparity": ["rich>=13", "httpx; extra == 'x'"],
        "rich": ["Pygments"],
        "pygments": [],
    }.items():
        info = own / "lib" / "python3.11" / "site-packages" / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(
            f"Name: {name}\nVersion: 1.0\n" + "".join(f"Requires-Dist: {one}\n" for one in requires)
        )
    assert find_environment(project, {"VIRTUAL_ENV": str(own)}, own).path == nearest
    more = own / "lib" / "python3.11" / "site-packages" / "flask-1.0.dist-info"
    more.mkdir()
    (more / "METADATA").write_text("Name: Flask\nVersion: 1.0\n")
    assert find_environment(project, {"VIRTUAL_ENV": str(own)}, own).path == own


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


def test_no_folder_above_the_home_folder_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    (tmp_path / "requirements.txt").write_text("alpha==1.0\n")
    environment(tmp_path / ".venv")
    assert find_lock(home) is None
    with pytest.raises(EnvparityError, match=r"^environment: expected an active environment"):
        find_environment(home, {}, tmp_path / "own")


def test_the_base_environment_of_conda_is_the_last_choice(project: Path, tmp_path: Path) -> None:
    conda, own = tmp_path / "conda", tmp_path / "own"
    (conda / "conda-meta").mkdir(parents=True)
    variables = {"CONDA_PREFIX": str(conda), "CONDA_DEFAULT_ENV": "base"}
    assert find_environment(project, variables, own) == Found(conda, "active: CONDA_PREFIX")
    nearest = environment(project / ".venv")
    assert find_environment(project, variables, own).path == nearest
    assert find_environment(project, variables | {"CONDA_DEFAULT_ENV": "web"}, own).path == conda
    active = environment(tmp_path / "active")
    assert find_environment(project, variables | {"VIRTUAL_ENV": str(active)}, own).path == active


def test_the_variable_of_uv_may_name_a_folder_anywhere(project: Path, tmp_path: Path) -> None:
    environment(project / ".venv")
    elsewhere, own = environment(tmp_path / "elsewhere"), tmp_path / "own"
    found = find_environment(project, {"UV_PROJECT_ENVIRONMENT": str(elsewhere)}, own)
    assert found == Found(elsewhere, "UV_PROJECT_ENVIRONMENT names it")
    gone = {"UV_PROJECT_ENVIRONMENT": str(tmp_path / "gone")}
    assert find_environment(project, gone, own).path == project / ".venv"


def test_dot_venv_may_be_a_file_or_a_link(project: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    real = environment(tmp_path / "homes" / "shop-abc")
    (project / ".venv").write_text(f"{real}\n")
    assert find_environment(project, {}, own) == Found(real, "the file .venv names it")
    (project / ".venv").write_text("../homes/shop-abc\n")
    assert find_environment(project, {}, own).path.resolve() == real
    (project / ".venv").write_text("shop-abc")
    assert find_environment(project, {"WORKON_HOME": str(tmp_path / "homes")}, own).path == real
    for content in (b"", b"\xff\xfe", b"/nonexistent", b"x" * 20_000):
        (project / ".venv").write_bytes(content)
        with pytest.raises(EnvparityError, match=r"^environment: expected an active environment"):
            find_environment(project, {"WORKON_HOME": str(tmp_path / "homes")}, own)
    (project / ".venv").unlink()
    (project / ".venv").symlink_to(real)
    assert find_environment(project, {}, own) == Found(project / ".venv", "the nearest environment")
    (project / ".venv").unlink()
    (project / ".venv").symlink_to(tmp_path / "gone")
    other = environment(project / "env")
    assert find_environment(project, {}, own).path == other


def test_the_nearest_lock_is_found_and_the_order_in_one_folder_is_fixed(project: Path, tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text("")  # outside the repository
    assert find_lock(project / "src") is None
    (project / "requirements.txt").write_text("alpha>=1\n")
    assert find_lock(project / "src") is None
    (project / "requirements.txt").write_text("alpha==1\n")
    assert find_lock(project / "src") == Found(project / "requirements.txt", "the nearest lock")
    (project / "requirements-dev.txt").write_text("tester==1\n")
    without = "the nearest lock, without requirements-dev.txt"
    assert find_lock(project) == Found(project / "requirements.txt", without)
    (project / "poetry.lock").write_text("")
    why = "the nearest lock, before requirements.txt"
    assert find_lock(project / "src") == Found(project / "poetry.lock", why)
    (project / "src" / "pylock.toml").write_text("")
    found = find_lock(project / "src" / "deep")
    assert found is not None
    assert found.describe(project) == "src/pylock.toml (the nearest lock)"


def test_a_broken_requirements_file_is_an_error_and_is_not_skipped(project: Path) -> None:
    (project / "requirements.txt").write_text("!!!\n")
    with pytest.raises(EnvparityError, match=r"requirements.txt, line 1: expected NAME==VERSION"):
        find_lock(project)


def test_a_folder_without_a_usual_name_may_have_one_whole_lock(project: Path) -> None:
    hashed = f"alpha==1 --hash=sha256:{'a' * 64}\n"
    (project / "requirements").mkdir()
    (project / "requirements" / "dev.txt").write_text(hashed)
    (project / "requirements-docs.txt").write_text("sphinx==7\n")  # nothing says that this is a whole lock
    (project / "requirements-broken.txt").write_text("!!!\n")
    assert find_lock(project) == Found(project / "requirements" / "dev.txt", "the only lock here")
    (project / "dev-requirements.txt").write_text("# This file is autogenerated by pip-compile\nalpha==1\n")
    with pytest.raises(EnvparityError, match=r"found dev-requirements.txt, requirements/dev.txt; name the lock"):
        find_lock(project)
    (project / "requirements.txt").write_text("alpha\n")  # the project's own list, which is no lock
    assert find_lock(project) is None
    (project / "requirements.lock").write_text(hashed)
    assert find_lock(project) == Found(project / "requirements.lock", "the only lock here")
    (project / "pylock.toml").write_text("")
    assert find_lock(project) == Found(project / "pylock.toml", "the nearest lock")
