"""Tests that a command describes the Python once, asks uv for its version once and opens each lock file once.

A track is one pinned version of libp2p, such as v0.4.
"""

import os
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from dev.lockenv.interpreter import find_interpreter
from dev.lockenv.project import Project

# This program makes every environment of a project, and prints the name of a lock for each time that it opens the lock.
_COMMAND = """
import sys
from pathlib import Path

opened = []
sys.addaudithook(lambda event, facts: opened.append(Path(str(facts[0]))) if event == "open" else None)
sys.path.insert(0, sys.argv[1])
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import read_project

maker = EnvironmentMaker(read_project(Path(sys.argv[2])))
maker.tools(), maker.node(), maker.track("one"), maker.test("one"), maker.track("two")
print(*(path.stem for path in opened if path.parent.name == "locks" and path.suffix == ".txt"))
"""
NAMES = ("build", "node", "one", "tools", "two")


def program(path: Path, body: str) -> Path:
    path.write_text(f'#!/bin/sh\necho "$*" >> {path}.asked\n{body}\n')
    path.chmod(0o755)
    return path


@pytest.fixture
def checkout(project: Project, tmp_path: Path) -> Path:
    """Return a project with two tracks, an interpreter that records its arguments, and a uv that installs nothing."""
    program(tmp_path / "python", f'exec {find_interpreter(project.toolchain).path} "$@"')
    version = "echo uv $(sed -n 's/^uv==\\([^ ]*\\).*/\\1/p' " + f"{project.lock('tools')})"
    program(tmp_path / "uv", f'[ "$1" != --version ] || {version}')
    root = tmp_path / "checkout"
    (root / "locks").mkdir(parents=True)
    for name in ("tools.txt", "build.txt", "toolchain.toml"):
        shutil.copy(project.root / "locks" / name, root / "locks")
    for name in ("one", "two", "node"):
        (root / "locks" / f"{name}.txt").write_text("--only-binary :all:\n")
    table = '[dependency-groups]\none = []\ntwo = []\n[tool.lockenv]\ndefault-track = "one"\n'
    table += '[tool.envparity.tracks]\none = { python = "3.11" }\ntwo = { python = "3.11" }\n'
    (root / "pyproject.toml").write_text(table)
    return root


def command(project: Project, checkout: Path) -> Counter[str]:
    """Run the program and return how often it opens each lock, by the lock's name."""
    folder = checkout.parent
    done = subprocess.run(
        [find_interpreter(project.toolchain).path, "-I", "-c", _COMMAND, project.root, checkout],
        env={"PATH": f"{folder}:{os.environ['PATH']}", "LOCKENV_PYTHON": str(folder / "python")},
        capture_output=True,
        text=True,
        check=True,
    )
    return Counter(done.stdout.split())


def asked(checkout: Path, name: str) -> str:
    """Return the recorded arguments of the fake program `name`, one line for each start."""
    return (checkout.parent / f"{name}.asked").read_text()


def test_making_all_environments_opens_each_lock_once(project: Project, checkout: Path) -> None:
    assert command(project, checkout) == Counter(NAMES)
    assert asked(checkout, "python").count("python_facts.py\n") == 1
    assert (asked(checkout, "uv").count("--version\n"), asked(checkout, "uv").count("pip sync ")) == (1, len(NAMES))


def test_existing_environments_need_each_lock_once(project: Project, checkout: Path) -> None:
    command(project, checkout)
    for path in checkout.parent.glob("*.asked"):
        path.unlink()
    assert command(project, checkout) == Counter(NAMES)
    (line,) = asked(checkout, "python").splitlines()
    assert line.endswith("/python_facts.py")
    assert not (checkout.parent / "uv.asked").exists()
