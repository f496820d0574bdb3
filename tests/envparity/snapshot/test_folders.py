"""Tests of the messages about a path that is no environment, or an environment whose Python is gone."""

import re
import shlex
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

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


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (
            b"PK\x03\x04",
            "a zip archive with a program, as pex, shiv and zipapp make it; check the",
        ),
        (b"#!/usr/bin/env python3.11\nPK\x03\x04", "a zip archive with a program, as pex, shiv and zipapp make it"),
        (
            b"#!/usr/bin/env python3\nimport sys\n",
            "a program that a Python runs; check the environment",
        ),
    ],
)
def test_a_program_is_not_started_as_a_python(start: bytes, words: str, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(start)
    program.chmod(0o755)
    assert refusal(str(program), tmp_path).startswith(f"{program}: expected a Python, found {words}")


@pytest.mark.parametrize("name", ["six-1.17.0-py2.py3-none-any.whl", "program.pyz"])
def test_a_zip_archive_is_no_snapshot(name: str, tmp_path: Path) -> None:
    archive = tmp_path / name
    with ZipFile(archive, "w") as file:
        file.writestr("__main__.py", "")
    text = refusal(str(archive), tmp_path)
    assert text.startswith(f"{archive}: expected an environment or a saved snapshot, found a zip archive")


def test_the_message_about_a_script_names_its_environment(sound: Environment, tmp_path: Path) -> None:
    script = sound.folder / "bin" / "alpha"
    script.chmod(0o755)
    text = refusal(str(script), tmp_path)
    assert text.endswith(f"check the environment that it belongs to, {sound.folder}")


def test_a_wrapper_of_a_python_is_a_python(sound: Environment, tmp_path: Path) -> None:
    wrapper = tmp_path / "wrapper"
    wrapper.write_text(f'#!/bin/sh\nexec {sound.python} "$@"\n')
    wrapper.chmod(0o755)
    door = find_door(str(wrapper), Config(root=tmp_path), None)
    found = open_door(door, Config(root=tmp_path), None, Look(behaviour=False, timeout=60))
    assert len(found.distributions) == 2


def test_an_environment_of_an_old_virtualenv_is_read_from_outside(sound: Environment, tmp_path: Path) -> None:
    """virtualenv before 20.0 copied a part of the standard library, and its module `site` added the rest."""
    (sound.site.parent / "orig-prefix.txt").write_text(sys.base_prefix)
    sound.python.unlink()
    sound.python.write_text("#!/bin/sh\necho 'No module named sysconfig' >&2; exit 1\n")
    sound.python.chmod(0o755)
    text = refusal(str(sound.folder), tmp_path)
    assert text.endswith(
        "exit status 1: No module named sysconfig; a virtualenv before 20.0 made the environment, and such a Python "
        f"does not start with -S; read its files instead: envparity check {sound.folder} --no-run"
    )


def test_a_folder_of_pip_prefix_is_named_with_the_command_that_checks_it(sound: Environment, tmp_path: Path) -> None:
    (sound.folder / "pyvenv.cfg").unlink()
    for path in (sound.folder / "bin").glob("python*"):
        path.unlink()
    version = sound.site.parent.name.removeprefix("python")
    text = refusal(str(sound.folder), tmp_path)
    assert text.endswith(f"check them with: envparity check {sound.site} --python {version}")
    command = shlex.split(text.rpartition("check them with: ")[2])
    found = subprocess.run([sys.executable, "-m", *command, "--no-lock"], check=False, capture_output=True, text=True)
    assert (found.returncode, "pass: 0 errors" in found.stdout) == (0, True)
    refused = subprocess.run(
        [sys.executable, "-m", "envparity", "check", sound.folder, "--no-run"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert f"for the distributions in {sound.site}, name this folder" in refused.stderr


@pytest.mark.parametrize("name", ["requirements.txt", "uv.lock", "pylock.toml"])
def test_a_lock_is_no_environment(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text("alpha==1.0\n")
    assert refusal(str(tmp_path / name), tmp_path).endswith(f"write: envparity check FOLDER --lock {tmp_path / name}")
