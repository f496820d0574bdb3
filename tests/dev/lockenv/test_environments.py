"""Tests of environments: they are made once, and again after a change of their locks or an interruption.

Each environment has the distributions of a lock file. A track is one pinned version of libp2p, such as v0.4.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.command import run
from dev.lockenv.environments import EnvironmentMaker, was_made
from dev.lockenv.installer import bootstrap
from dev.lockenv.interpreter import Interpreter, describe
from dev.lockenv.lockfile import read_lock
from dev.lockenv.project import Project, read_project
from dev.lockenv.source import read_source

pytestmark = pytest.mark.network


@pytest.fixture
def small(project: Project, tmp_path: Path) -> Project:
    """Return a project with the track `one`, whose lock has only idna; it uses the uv of the real project."""
    pins = read_lock(project.lock("v0.4")).pins
    (tmp_path / "locks").mkdir()
    for name in ("tools", "build"):
        shutil.copy(project.lock(name), tmp_path / "locks")
    shutil.copy(project.root / "locks" / "toolchain.toml", tmp_path / "locks")
    (tmp_path / "locks" / "one.txt").write_text(f"--only-binary :all:\n{pins['idna'].text}\n")
    (tmp_path / "pyproject.toml").write_text(
        '[dependency-groups]\none = ["idna"]\n[tool.lockenv]\ndefault-track = "one"\n'
        '[tool.envparity.tracks]\none = { python = "3.11" }\n'
    )
    (tmp_path / ".cache").symlink_to(project.cache)
    return read_project(tmp_path)


def make_one(project: Project) -> Path:
    """Make the environment of the track `one`, as a new command would; return the path of its Python."""
    return EnvironmentMaker(project).track("one")


def mark(python: Path) -> Path:
    """Put a file into the environment and return its path; the file disappears if the environment is made again."""
    path = python.parents[1] / "mark"
    path.touch()
    return path


def installed(python: Path) -> set[str]:
    return {path.name for path in python.parents[1].glob("lib/*/site-packages/*")}


def test_the_environment_contains_exactly_the_lock(small: Project) -> None:
    python = make_one(small)
    version = read_lock(small.lock("one")).pins["idna"].version
    assert installed(python) == {"idna", f"idna-{version}.dist-info"}
    assert list(python.parents[1].glob("lib/*/site-packages/idna/__pycache__/core.*.pyc"))


def test_the_default_tracks_environment_is_linked(small: Project) -> None:
    make_one(small)
    assert (small.root / ".venv").readlink() == Path(".venv-one")


def test_a_folder_in_the_place_of_the_link_stays(small: Project) -> None:
    (small.root / ".venv").mkdir()
    make_one(small)
    assert not (small.root / ".venv").is_symlink()


def test_a_second_call_makes_nothing(small: Project) -> None:
    kept = mark(make_one(small))
    make_one(small)
    assert kept.exists()


@pytest.mark.parametrize("change", ["lock", "build lock", "flags", "bytecode", "interrupted", "no python"])
def test_a_change_makes_the_environment_again(small: Project, change: str) -> None:
    python = make_one(small)
    kept = mark(python)
    if change.endswith("lock"):
        with small.lock("one" if change == "lock" else "build").open("a") as file:
            file.write("# changed\n")
    elif change in ("flags", "bytecode"):
        flags = {"CFLAGS": "-g1"} if change == "flags" else small.toolchain.build_environment
        bytecode = "timestamp" if change == "bytecode" else small.toolchain.bytecode
        small = replace(small, toolchain=replace(small.toolchain, build_environment=flags, bytecode=bytecode))
    elif change == "interrupted":
        config = python.parents[1] / "pyvenv.cfg"
        config.write_text(config.read_text().replace("lockenv = ", "other = "))
    else:
        python.unlink()
    assert make_one(small) == python
    assert not kept.exists()


def test_an_environment_that_was_moved_is_made_again(small: Project, tmp_path_factory: pytest.TempPathFactory) -> None:
    """After a move of the checkout, for example, each script would still start the Python at the old path."""
    mark(make_one(small))
    moved = tmp_path_factory.mktemp("moved") / "checkout"
    shutil.copytree(small.root, moved, symlinks=True)
    assert was_made(small, "one")
    assert not was_made(read_project(moved), "one")
    python = make_one(read_project(moved))
    assert python == moved / ".venv-one" / "bin" / "python"
    assert not (moved / ".venv-one" / "mark").exists()
    assert (python.parent / "idna").read_text().startswith(f"#!{python}\n")


def test_a_link_to_an_environment_elsewhere_is_not_followed(small: Project, tmp_path: Path) -> None:
    python = make_one(small)
    elsewhere = tmp_path / "elsewhere"
    (small.root / ".venv-one").rename(elsewhere)
    (elsewhere / "mark").touch()
    (small.root / ".venv-one").symlink_to(elsewhere)
    assert make_one(small) == python
    assert not (small.root / ".venv-one").is_symlink()
    assert (elsewhere / "mark").exists()


def test_environments_share_no_files(small: Project) -> None:
    python = make_one(small)
    assert all(path.stat().st_nlink == 1 for path in python.parents[1].rglob("*.py"))


def test_another_library_has_its_own_environment(
    small: Project, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    checkout = tmp_path_factory.mktemp("checkout")
    (checkout / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n'
        '[project]\nname = "libp2p"\nversion = "9.9"\ndependencies = ["idna", "trio>=99"]\n'
    )
    (checkout / "libp2p.py").write_text("WHO = 'mine'\n")
    python = EnvironmentMaker(small).track("one", read_source(str(checkout)))
    assert python.parents[1].name.startswith(".venv-one-from-")
    assert run([python, "-c", "import libp2p; print(libp2p.WHO)"], purpose="testing") == "mine\n"
    assert "requires `trio>=99`" in capsys.readouterr().err
    EnvironmentMaker(small).track("one", read_source(str(checkout)))
    assert "requires `trio>=99`" in capsys.readouterr().err, "each time that it is used"
    assert not (small.root / ".venv-one").exists()


def test_an_unknown_track_is_an_error(small: Project) -> None:
    with pytest.raises(CommandError, match="expected one of one"):
        EnvironmentMaker(small).track("two")


def test_two_commands_at_once_make_the_environment_once(small: Project, project: Project) -> None:
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\nfrom dev.lockenv.environments import EnvironmentMaker\n"
        "from dev.lockenv.project import read_project\n"
        "print(EnvironmentMaker(read_project(Path(sys.argv[2]))).track('one').stat().st_ino)"
    )
    python = str(project.environment("tools") / "bin" / "python")
    command = [python, "-c", script, str(project.root), str(small.root)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ)) for _ in range(2)]
    answers = {process.communicate(timeout=60)[0] for process in both}
    assert [process.returncode for process in both] == [0, 0]
    assert len(answers) == 1


def test_environments_can_be_outside_of_the_checkout(small: Project, tmp_path: Path) -> None:
    """The checkout gets no environment, only the folder `home` does."""
    home = tmp_path / "elsewhere"
    home.mkdir()
    (home / ".cache").symlink_to(small.cache)
    elsewhere = replace(small, home=home)
    assert make_one(elsewhere) == home / ".venv-one" / "bin" / "python"
    assert not (small.root / ".venv").exists()
    assert not (small.root / ".venv-one").exists()


def test_a_door_can_have_its_own_installer(small: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = tmp_path / "uv"
    own.write_text(f'#!/bin/sh\necho "$1 $2" >> {tmp_path}/asked\nexec {bootstrap(small, describe_here())} "$@"\n')
    own.chmod(0o755)
    monkeypatch.setenv("LOCKENV_UV", str(own))
    make_one(read_project(small.root))
    assert (tmp_path / "asked").read_text() == "pip sync\n"


def describe_here() -> Interpreter:
    return describe(Path(sys.executable))
