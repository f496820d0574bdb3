"""Tests of the project's own command that builds wheels again for a door."""

import sys
from pathlib import Path

import pytest

from envparity.artefacts.rebuild import rebuild
from envparity.errors import EnvparityError
from envparity.project.config import Config

TOUCH = "import pathlib, sys; pathlib.Path(sys.argv[1], sys.argv[2] + '.whl').touch()"


def project(folder: Path, command: str) -> Config:
    return Config(root=folder, rebuild={"venv": command})


def test_the_command_writes_into_a_folder_of_its_door_and_track(tmp_path: Path) -> None:
    root = tmp_path / "my project"
    root.mkdir()
    config = project(root, f'{sys.executable} -c "{TOUCH}" {{folder}} {{track}}')
    found = rebuild(config, "venv", "one", root / ".cache", 60)
    assert found == root / ".cache" / "built" / "one" / "venv"
    assert [path.name for path in found.iterdir()] == ["one.whl"]
    assert rebuild(config, "docker", "one", root / ".cache", 60) is None


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("sh -c 'echo no; echo no compiler >&2; exit 3'", "exit 3' ended with exit status 3: no compiler"),
        ("false", "false ended with exit status 1"),
        ("sh -c 'sleep 60'", "sleep 60': expected wheels in 0.2 s, found none; allow more time with --timeout"),
        ("no-such-program {folder}", "expected to run no-such-program, found: No such file or directory"),
    ],
)
def test_a_failed_build_is_one_line(tmp_path: Path, command: str, says: str) -> None:
    with pytest.raises(EnvparityError) as caught:
        rebuild(project(tmp_path, command), "venv", "one", tmp_path / "cache", 0.2)
    assert str(caught.value).startswith("[tool.envparity.rebuild] venv: ")
    assert str(caught.value).endswith(says)


def test_a_cache_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file")
    with pytest.raises(EnvparityError, match=r"rebuild\] venv: expected to make .*, found: Not a directory$"):
        rebuild(project(tmp_path, "true"), "venv", None, tmp_path / "cache", 60)
