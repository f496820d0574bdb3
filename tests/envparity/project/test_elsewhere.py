"""Tests of the environments that pdm, poetry and pipenv keep for a project."""

import base64
import hashlib
import os
from pathlib import Path

from project_folders import environment

from envparity.project.discovery import Found, find_environment


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
    newer = environment(elsewhere / f"{poetry_name(project)}-py3.13")
    os.utime(newer, (2e9, 2e9))
    assert find_environment(project, {"POETRY_VIRTUALENVS_PATH": str(elsewhere)}, own).path == newer
    # `poetry env use 3.11` writes this file.
    (elsewhere / "envs.toml").write_text(f'[{poetry_name(project)}]\nminor = "3.11"\npatch = "3.11.2"\n')
    assert find_environment(project, {"POETRY_VIRTUALENVS_PATH": str(elsewhere)}, own).path == poetry
    # Poetry takes the canonical name of the project.
    canonical = environment(elsewhere / f"{poetry_name(project)}-py3.11".replace("my_", "my-"))
    (project / "pyproject.toml").write_text('[project]\nname = "My_Shop"\n[tool.poetry]\n')
    assert find_environment(project, {"POETRY_VIRTUALENVS_PATH": str(elsewhere)}, own).path == canonical
    (project / "pyproject.toml").write_text('[tool.poetry]\nname = "My Shop"\n')
    (project / "poetry.toml").write_text('[virtualenvs]\npath = "{project-dir}/../elsewhere"\n')
    assert find_environment(project, {}, own).path.resolve() == poetry


def test_the_python_that_pdm_chose_counts_before_dot_venv_in_a_project_of_pdm(project: Path, tmp_path: Path) -> None:
    own, chosen, nearest = tmp_path / "own", environment(tmp_path / "chosen"), environment(project / ".venv")
    (project / ".pdm-python").write_text(f"{chosen}/bin/python")
    assert find_environment(project, {}, own).path == nearest  # the project has no lock of pdm
    (project / "pdm.lock").write_text("")
    assert find_environment(project, {}, own).path == chosen
    (project / ".pdm-python").write_text("/usr/bin/python3")
    assert find_environment(project, {}, own).path == nearest


def poetry_name(folder: Path) -> str:
    digest = hashlib.sha256(os.path.realpath(folder).encode()).digest()
    return "my_shop-" + base64.urlsafe_b64encode(digest).decode()[:8]
