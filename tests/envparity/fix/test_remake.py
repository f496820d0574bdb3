"""Tests of the fixes that make an environment again: what they install, and when nobody knows what to install."""

from pathlib import Path
from typing import Any

import pytest
from judging import Change, edited, only, put, subject

from envparity.fix.fix import Fix
from envparity.fix.remake import without_python
from envparity.judge.judgement import check
from envparity.project.config import Config
from envparity.project.locks import read_lock


def moved(document: dict[str, Any]) -> None:
    """Change a snapshot as if the environment had been moved."""
    document["located"]["prefix"] = "/v"
    document["located"]["executable"] = "/v/bin/python"
    document["located"]["sites"] = {"site": "/v/lib/site"}
    document["located"]["interpreter"] = {"binary": "/usr/bin/python3.11"}
    document["located"]["scripts"]["scripts/activate"] = "/old"
    document["files"]["scripts/activate"] = {"role": "venv", "python": "gone"}
    document["interpreter"]["venv"] = True
    document["interpreter"]["home"] = "same"
    for one in document["distributions"]:
        one["installer"] = "pip"


def fix(clean: bytes, *changes: Change) -> tuple[Fix, ...]:
    return only("script-elsewhere", check(subject(edited(clean, moved, *changes)))).fixes


def test_without_a_lock_every_distribution_is_installed_in_its_version(clean: bytes) -> None:
    (one,) = fix(clean)
    made, installed = one.commands
    assert made == "/usr/bin/python3.11 -m venv --clear --without-pip /v"
    assert " install --no-deps alpha==1.0" in installed


def test_without_the_source_of_a_distribution_there_is_no_fix(clean: bytes) -> None:
    assert fix(clean, put(("distributions", 0, "direct_url"), {"url": "file:"})) == ()


def test_a_folder_is_installed_as_editable_again(clean: bytes) -> None:
    (one,) = fix(
        clean,
        put(("distributions", 0, "editable"), True),
        put(("distributions", 0, "source"), {"state": "there"}),
        put(("located", "projects"), {"alpha": "/my project"}),
    )
    assert "-e '/my project'" in one.commands[1]


def test_the_interpreter_of_the_environment_itself_makes_no_environment(clean: bytes) -> None:
    (one,) = fix(clean, put(("located", "interpreter"), {"binary": "/v/bin/python"}))
    assert one.commands[0].startswith("python3.")


@pytest.fixture
def torn(tmp_path: Path) -> Path:
    """Return the folder of an environment of uv, with a lock next to it, but without a Python."""
    environment = tmp_path / ".venv"
    info = environment / "lib" / "python3.12" / "site-packages" / "a-1.dist-info"
    info.mkdir(parents=True)
    (info / "INSTALLER").write_text("uv")
    (environment / "pyvenv.cfg").write_text("home = /nowhere\nuv = 0.13.9\nversion_info = 3.12.1\n")
    (tmp_path / "requirements.txt").write_text("a==1\n")
    return environment


def test_without_a_python_the_environment_gets_one_of_the_same_series(torn: Path) -> None:
    lock = read_lock(torn.parent / "requirements.txt")
    one = without_python(torn, Config(root=torn.parent), lock)
    assert one is not None
    assert one.commands == (
        f"uv venv --clear --python 3.12 {torn}",
        f"uv pip install --python {torn}/bin/python --link-mode copy --no-deps -r {lock.origin}",
    )
    (torn / "pyvenv.cfg").write_text("version = 3.11.2\ninclude-system-site-packages = true\n")
    for path in torn.rglob("INSTALLER"):
        path.write_text("pip\n")
    one = without_python(torn, Config(root=torn.parent), lock)
    assert one is not None
    assert one.commands[0] == f"python3.11 -m venv --clear --system-site-packages --without-pip {torn}"


def test_without_a_python_and_without_a_lock_there_is_no_fix(torn: Path) -> None:
    assert without_python(torn, Config(root=torn.parent), None) is None
