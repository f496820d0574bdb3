"""Tests of the messages about a path that is no environment, or an environment whose Python is gone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment

from envparity.errors import EnvparityError
from envparity.project.config import Config
from envparity.snapshot.doors import Look, find_door, open_door


def refusal(text: str, folder: Path, **doors: str) -> str:
    """Return the message of the error that opening a door gives, in a project at `folder`."""
    config = Config(root=folder, doors=doors)
    with pytest.raises(EnvparityError) as caught:
        open_door(find_door(text, config, None), config, None, Look(behaviour=False, timeout=60))
    assert str(caught.value).isprintable()
    return str(caught.value)


def test_a_python_that_is_gone_is_named(empty: Environment, tmp_path: Path) -> None:
    """bin/python leads to bin/python3, which leads to a Python that was uninstalled."""
    for path in (empty.folder / "bin").glob("python*"):
        path.unlink()
    (empty.folder / "bin" / "python").symlink_to("python3")
    (empty.folder / "bin" / "python3").symlink_to("/no/such/bin/python3.9")
    wanted = (
        f"{empty.folder}/bin/python: expected a Python, found a link to /no/such/bin/python3.9, which does not exist; "
        f"make the environment again, for example with: python3 -m venv --clear {empty.folder}; then install from the "
        "lock"
    )
    for text in (str(empty.folder), f"{empty.folder}/", f"{empty.folder}/bin/python", f"mine={empty.folder}"):
        assert refusal(text, tmp_path) == wanted
    assert refusal("venv", tmp_path, venv=f"{empty.folder}/bin/python") == wanted
    assert refusal("venv", empty.folder, venv="bin/python").startswith("bin/python: expected a Python, found a link to")
    command = re.search(r"python3 (-m venv --clear .*?);", wanted)
    assert command is not None
    subprocess.run([sys.executable, *command[1].split(), "--without-pip"], check=True)
    assert find_door(str(empty.folder), Config(root=tmp_path), None).command == (str(empty.python),)


def test_a_python_whose_home_is_gone_is_named(tmp_path: Path) -> None:
    """A copied Python starts, but does not find its own modules."""
    python = tmp_path / "env" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text("#!/bin/sh\necho \"No module named 'encodings'\" >&2\nexit 1\n")
    python.chmod(0o755)
    (tmp_path / "env" / "pyvenv.cfg").write_text("home = /no/such/bin\nversion = 3.9.2\n")
    said = refusal(str(tmp_path / "env"), tmp_path)
    assert "ended with exit status 1: No module named 'encodings'; pyvenv.cfg names the Python in /no/such/bin" in said
    (tmp_path / "env" / "pyvenv.cfg").write_text(f"home = {tmp_path}\n")
    assert refusal(str(tmp_path / "env"), tmp_path).endswith("No module named 'encodings'")


def test_a_folder_without_a_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "project").mkdir()
    begin = "project: expected an environment with bin/python in it, found none"
    end = "; for a folder of `pip install --target` add --python VERSION, for a root file system write root:FOLDER"
    assert refusal("project", tmp_path) == f"{begin}; make an environment with: python3 -m venv project{end}"
    inner = Environment(tmp_path / "project" / ".venv")
    assert refusal("project", tmp_path) == f"{begin}; there is an environment in project/.venv{end}"
    for path in (inner.folder / "bin").glob("python*"):
        path.unlink()
    assert refusal("project/.venv", tmp_path).startswith(
        "project/.venv: expected an environment with bin/python in it, found pyvenv.cfg and no bin/python; make the "
    )


def test_a_path_at_which_there_is_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    end = "found '.venv', and there is no file or folder of this name"
    assert refusal(".venv", tmp_path).endswith(f"{end}; make an environment with: python3 -m venv .venv")
    Environment(tmp_path / "env")
    assert refusal(".venv", tmp_path).endswith(f"{end}; there is an environment in {tmp_path}/env")


def test_bin_python3_is_enough(empty: Environment, tmp_path: Path) -> None:
    empty.python.unlink()
    assert find_door(str(empty.folder), Config(root=tmp_path), None).command == (f"{empty.folder}/bin/python3",)
