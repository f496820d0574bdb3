"""The probe under scripts/coverage and scripts/mutants says what it says without them."""

import ast
import os
import subprocess
from pathlib import Path

import coverage
import pytest
from environment_builder import Environment
from judging import fill

from dev.quality import measured, remembered
from envparity.probe import assembly
from envparity.project.config import Config
from envparity.snapshot import doors
from envparity.snapshot.doors import Door, Look


@pytest.fixture
def sound(tmp_path: Path) -> Environment:
    """An environment with two sound distributions."""
    return fill(Environment(tmp_path / "environment"))


@pytest.fixture(scope="module")
def unmeasured() -> str:
    """The probe as it is fed without coverage, whatever this process feeds."""
    return "\n".join(["from __future__ import annotations", *map(assembly.section_text, assembly.SECTIONS)])


def said(environment: Environment, program: str) -> bytes:
    command = [str(environment.python), "-I", "-"]
    done = subprocess.run(command, input=program.encode(), capture_output=True, check=True, timeout=60)
    assert done.stderr == b""
    return done.stdout


def configuration(folder: Path) -> str:
    run = coverage.Coverage(
        data_file=str(folder / "data"),
        data_suffix=True,
        branch=True,
        source=[str(Path(assembly.__file__).parent)],
        config_file=False,
    )
    return run.config.serialize()


def test_the_measured_probe_says_the_same(sound: Environment, tmp_path: Path, unmeasured: str) -> None:
    (tmp_path / "data").mkdir()
    program = measured.program(configuration(tmp_path / "data"))
    assert said(sound, program) == said(sound, unmeasured)
    (written,) = (tmp_path / "data").iterdir()
    data = coverage.CoverageData(str(written))
    data.read()
    # All of it, from its own first lines on: not where it was fed.
    measured_files = {file for file in data.measured_files() if data.lines(file)}
    assert measured_files == {str(assembly.section_path(name)) for name in assembly.SECTIONS}
    assert sum(len(data.lines(file) or []) for file in measured_files) > 500
    for file in measured_files:
        imports = {one.lineno for one in ast.parse(Path(file).read_text()).body if isinstance(one, ast.Import)}
        assert imports <= set(data.lines(file) or [])


def test_where_it_cannot_be_measured_it_says_the_same(sound: Environment, tmp_path: Path, unmeasured: str) -> None:
    program = measured.program(configuration(tmp_path / "nowhere"))
    (tmp_path / "nowhere").touch()  # no folder: nothing can be written there
    assert said(sound, program) == said(sound, unmeasured)


def test_what_is_remembered_is_what_was_there(sound: Environment) -> None:
    def at(environment: Environment) -> tuple[Door, Config, None, Look]:
        return (Door("test", (str(environment.python),)), environment.config, None, Look(behaviour=False))

    told = remembered.snapshot_once(*at(sound))
    assert told == doors.snapshot_bytes(*at(sound))
    assert remembered.snapshot_once(*at(sound)) == told
    # A file that has changed is seen.
    (sound.site / "beta.py").write_text("changed\n")
    changed = remembered.snapshot_once(*at(sound))
    assert changed == doors.snapshot_bytes(*at(sound))
    assert changed != told


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME"])
def test_what_the_process_adds_is_not_forgotten(name: str, sound: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(name, raising=False)
    here = (Door("test", (str(sound.python),)), sound.config, None, Look(behaviour=False))
    without = remembered.snapshot_once(*here)
    monkeypatch.setenv(name, "/some/where")
    assert os.environ[name] in remembered.snapshot_once(*here).decode()
    assert "/some/where" not in without.decode()
