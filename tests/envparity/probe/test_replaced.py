"""Tests of virtual environments whose Python was replaced by another version."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environment_builder import Environment
from judging import codes, lock_of, of, only, subject
from probing import wrong
from pythons import other_pythons

from envparity.judge.judgement import check
from envparity.judge.rules import Severity
from envparity.project.config import Config
from envparity.snapshot.doors import Door, Look, open_door

OWN_SITES = "include-system-site-packages = false\n"
SERIES = "{}.{}".format(*sys.version_info[:2])


@pytest.fixture(scope="module")
def other() -> tuple[str, str]:
    """Return the path and the series of a Python of another minor version.

    Skip the test if this machine has no such Python.
    """
    for python in other_pythons():
        code = "import sys; assert sys.version_info >= (3, 8); print('%d.%d' % sys.version_info[:2])"
        said = subprocess.run([python, "-I", "-c", code], capture_output=True, text=True, check=False)
        if said.returncode == 0 and said.stdout.strip() != SERIES:
            return python, said.stdout.strip()
    pytest.skip(f"no Python of another minor version than {SERIES}; install one, for example with pyenv")


def replace_python(environment: Environment, python: str) -> None:
    for path in (environment.folder / "bin").glob("python*"):
        path.unlink()
    environment.python.symlink_to(python)


def test_another_python_that_imports_nothing_is_one_error(sound: Environment, other: tuple[str, str]) -> None:
    replace_python(sound, other[0])
    findings = check(subject(sound.snapshot(), lock_of(sound)))
    found = only("interpreter-replaced", findings)
    assert found.severity is Severity.ERROR
    assert found.message.startswith(
        f"the environment was made with Python {SERIES}, and bin/python is now Python {other[1]}."
    )
    assert found.message.endswith(f", which imports nothing from lib/python{SERIES}/site-packages")
    assert codes(findings) == {"interpreter-replaced"}


@pytest.mark.parametrize("line", ["version_info = 3.2.1.final.0", "version = 3.2.1", "version_info = 3.2"])
def test_an_empty_environment_of_another_python(line: str, empty: Environment) -> None:
    (empty.folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n{line}\n{OWN_SITES}")
    found = only("interpreter-replaced", check(subject(empty.probe())))
    assert "was made with Python 3.2, and" in found.message


def test_distributions_from_before_an_upgrade_are_reported(sound: Environment) -> None:
    """`python -m venv --upgrade` writes the new version into pyvenv.cfg, and keeps the old site folder."""
    shutil.move(sound.site, sound.folder / "lib/python3.1/site-packages")
    sound.site.mkdir()
    assert only("interpreter-replaced", check(subject(sound.probe()))).severity is Severity.ERROR
    sound.add("pip")
    assert only("interpreter-replaced", check(subject(sound.probe()))).severity is Severity.ERROR
    sound.add("gamma")
    assert only("interpreter-replaced", check(subject(sound.probe()))).severity is Severity.NOTE


def test_another_patch_level_or_an_old_pyvenv_is_no_finding(sound: Environment) -> None:
    for line in (f"version = {SERIES}.99", "version = 3.2.1", ""):
        (sound.folder / "pyvenv.cfg").write_text(f"home = {Path(sys.executable).parent}\n{line}\n{OWN_SITES}")
        (sound.folder / "lib" / "python3.1" / "site-packages").mkdir(parents=True, exist_ok=True)
        assert wrong(sound.probe()) == set()


def test_nothing_installed_is_no_pass(empty: Environment, tmp_path: Path) -> None:
    found = only("nothing-installed", check(subject(empty.probe())))
    assert found.message == f"expected installed distributions, found none in {empty.site}"
    base = open_door(Door("base", (sys.executable,)), Config(root=tmp_path), None, Look(behaviour=False))
    assert of("nothing-installed", check(subject(base))) == []
