"""Tests of `envparity init`, which writes settings with comments into pyproject.toml."""

from pathlib import Path

import pytest

from envparity.cli.init import settings_for
from envparity.cli.main import main
from envparity.project.config import find_config


def test_the_settings_name_the_environment_and_the_lock_of_the_project(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("")
    (tmp_path / "requirements.txt").write_text("alpha==1\n")
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "shop"')
    assert main(["--project", str(tmp_path), "init"]) == 0
    text = (tmp_path / "pyproject.toml").read_text()
    assert text.startswith('[project]\nname = "shop"\n\n[tool.envparity]\n')
    config = find_config(tmp_path)
    assert (config.locks, config.doors) == ("requirements.txt", {"venv": ".venv/bin/python"})
    lock = config.lock(None)
    assert lock is not None
    assert list(lock.for_environment({})) == ["alpha"]


def test_a_project_without_anything_gets_settings_that_are_comments(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    assert main(["--project", str(tmp_path), "init"]) == 0
    config = find_config(tmp_path)
    assert (config.file, config.locks, config.doors) == (tmp_path / "pyproject.toml", None, {})


def test_every_commented_setting_is_valid(tmp_path: Path) -> None:
    lines = settings_for(tmp_path, tmp_path).splitlines()
    text = "\n".join(
        line[2:] if line.startswith("# ") and (" = " in line or "[[" in line) and "With `" not in line else line
        for line in lines
    )
    (tmp_path / "pyproject.toml").write_text(text)
    config = find_config(tmp_path)
    assert set(config.doors) == {"venv", "image"}
    assert len(config.behaviour) == len(config.accept) == 1


def test_settings_that_are_there_are_not_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool.envparity]\n")
    assert main(["--project", str(tmp_path), "init"]) == 2
    assert (tmp_path / "pyproject.toml").read_text() == "[tool.envparity]\n"
    assert "expected no [tool.envparity], found one; edit it" in capsys.readouterr().err
