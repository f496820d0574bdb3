"""Tests of findings (errors and notes) about Python, and about variables that add modules, such as PYTHONPATH."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from environment_builder import Environment
from judging import at_patch, beside, codes, declaring, edited, of, only, subject
from wheels import wheel_bytes

from envparity.judge.interpreter import check
from envparity.judge.rules import Severity
from envparity.project.config import Config, Tool
from envparity.snapshot.types import Snapshot


def expecting(versions: str | None) -> Config:
    return Config(root=Path(), tools={"python": Tool("python", versions)})


def test_a_python_in_its_range_is_no_finding(clean: bytes) -> None:
    assert list(check(subject(edited(clean), config=expecting(">=3.8")))) == []
    assert list(check(subject(edited(clean), config=expecting(None)))) == []
    assert list(check(subject(edited(clean)))) == []


def test_a_python_outside_its_range_is_an_error(clean: bytes) -> None:
    (found,) = check(subject(edited(clean), config=expecting("<3")))
    assert found.code == "interpreter-series"
    for version in ("3.12.0rc1", "no version", "1" * 5000):
        python = edited(clean, at_patch(version))
        assert codes(check(subject(python, config=expecting("~=3.11.0")))) == {"interpreter-series"}
    early = edited(clean, at_patch("3.11.1rc1"))
    assert list(check(subject(early, config=expecting("~=3.11.0")))) == [], (
        "what it runs on is a pre-release of the range"
    )


def test_variables_that_add_modules_are_notes(empty: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/some/where:/\x1b[2J")
    found = of("path-hidden", check(subject(empty.snapshot())))
    assert [one.message for one in found] == [
        "PYTHONPATH is '/some/where:/\\x1b[2J': Python imports modules from there, unless it starts with -I"
    ]
    monkeypatch.delenv("PYTHONPATH")
    assert of("path-hidden", check(subject(empty.snapshot()))) == []


def test_another_series_is_always_an_error(clean: bytes) -> None:
    def older(document: dict[str, Any]) -> None:
        document["interpreter"]["version"] = "3.10.9"
        document["interpreter"]["markers"] |= {"python_version": "3.10", "python_full_version": "3.10.9"}

    found = beside(edited(clean), edited(clean, older), config=declaring("python"))
    assert codes(found) == {"interpreter-series"}
    assert found[0].severity is Severity.ERROR
    assert "there cpython 3.10 linux" in found[0].message


@pytest.mark.parametrize(
    ("here", "there", "found"),
    [
        ("cpython-313-x86_64-linux-gnu", "cpython-313t-x86_64-linux-gnu", {"interpreter-series"}),
        ("cp313-win_amd64", "cp313t-win_amd64", {"interpreter-series"}),
        ("cpython-311-x86_64-linux-gnu", "cpython-311-x86_64-linux-musl", set()),
        ("cpython-313t-x86_64-linux-gnu", None, set()),
    ],
)
def test_a_free_threaded_python_is_another_series(clean: bytes, here: str, there: str | None, found: set[str]) -> None:
    def with_abi(abi: str | None) -> Snapshot:
        def change(document: dict[str, Any]) -> None:
            document["interpreter"]["abi"] = abi

        return edited(clean, change)

    assert codes(beside(with_abi(here), with_abi(there), config=declaring("python"))) & {"interpreter-series"} == found


SCRIPTS = {
    "scripted/__init__.py": "run = print\n",
    "scripted-1.0.dist-info/entry_points.txt": "[console_scripts]\nscripted = scripted:run\n",
    # pip and uv install these two unchanged, because their first lines are not `#!python`.
    "scripted-1.0.data/scripts/old": "#!/no/such/bin/python2.7\nprint(1)\n",
    "scripted-1.0.data/scripts/any": "#!/usr/bin/env python\nprint(1)\n",
}


def scripted(environment: Environment, installer: str, wheels: Path) -> None:
    """Install a distribution with scripts into an environment, with pip or with uv."""
    (wheels / "scripted-1.0-py3-none-any.whl").write_bytes(wheel_bytes("scripted", "1.0", SCRIPTS))
    uv = [str(Path(sys.executable).with_name("uv")), "pip", "install", "-q", "--python", str(environment.python)]
    pip = [sys.executable, "-I", "-m", "pip", "--python", str(environment.python), "install", "-q"]
    subprocess.run([*(uv if installer == "uv" else pip), "scripted"], check=True, capture_output=True)


@pytest.mark.parametrize("installer", ["pip", "uv"])
@pytest.mark.parametrize("name", ["environment", "an environment", "long" * 40])
def test_scripts_of_a_moved_environment(installer: str, name: str, tmp_path: Path, wheels: Path) -> None:
    made = Environment(tmp_path / name)
    scripted(made, installer, wheels)
    assert of("script-elsewhere", check(subject(made.snapshot()))) == []

    copied = Environment(tmp_path / "copy")
    shutil.rmtree(copied.folder)
    shutil.copytree(made.folder, copied.folder, symlinks=True)
    copy = only("script-elsewhere", check(subject(copied.snapshot())))
    assert (copy.paths, copy.distributions) == (("scripts/activate", "scripts/scripted"), ("scripted",))
    assert copy.message.startswith(f"scripts/scripted starts {made.folder}/bin/python")
    assert copy.message.endswith(", which is not in this environment")

    shutil.rmtree(made.folder)
    moved = only("script-elsewhere", check(subject(copied.snapshot())))
    assert (moved.severity, moved.paths) == (Severity.ERROR, copy.paths)
    assert moved.message.endswith(", which does not exist")

    made.folder.symlink_to(copied.folder)
    assert of("script-elsewhere", check(subject(copied.snapshot()))) == []
    assert of("script-elsewhere", check(subject(made.snapshot()))) == []


def test_an_activation_script_of_another_environment(empty: Environment) -> None:
    moved = empty.folder.with_name("moved")
    empty.folder.rename(moved)
    empty.folder, empty.python = moved, moved / "bin" / "python"
    found = only("script-elsewhere", check(subject(empty.probe())))
    old = moved.with_name("environment")
    assert found.message == f"scripts/activate activates {old}, which does not exist"
