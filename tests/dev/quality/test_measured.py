"""Tests that `scripts/quality coverage` and `scripts/quality mutants` do not change what the probe prints.

The probe is the program of envparity that runs in an environment and prints a snapshot: its distributions, files
and hashes.
"""

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
    """Return an environment with two intact distributions."""
    return fill(Environment(tmp_path / "environment"))


@pytest.fixture(scope="module")
def unmeasured() -> str:
    """Return the probe's program without coverage, even if coverage measures this process."""
    return "\n".join(["from __future__ import annotations", *map(assembly.section_text, assembly.SECTIONS)])


def said(environment: Environment, program: str) -> bytes:
    command = [str(environment.python), "-I", "-S", "-"]
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


def test_the_measured_probe_prints_the_same_snapshot(sound: Environment, tmp_path: Path, unmeasured: str) -> None:
    (tmp_path / "data").mkdir()
    program = measured.program(configuration(tmp_path / "data"))
    assert said(sound, program) == said(sound, unmeasured)
    (written,) = (tmp_path / "data").iterdir()
    data = coverage.CoverageData(str(written))
    data.read()
    # The probe is put together from sections, each from a module. Coverage must count the lines of every section under
    # the path of its module, beginning with the first line.
    measured_files = {file for file in data.measured_files() if data.lines(file)}
    assert measured_files == {str(assembly.section_path(name)) for name in assembly.SECTIONS}
    assert sum(len(data.lines(file) or []) for file in measured_files) > 500
    for file in measured_files:
        imports = {one.lineno for one in ast.parse(Path(file).read_text()).body if isinstance(one, ast.Import)}
        assert imports <= set(data.lines(file) or [])


def test_a_probe_that_cannot_be_measured_prints_the_same_snapshot(
    sound: Environment, tmp_path: Path, unmeasured: str
) -> None:
    program = measured.program(configuration(tmp_path / "nowhere"))
    (tmp_path / "nowhere").touch()  # Coverage cannot write there: it needs a folder.
    assert said(sound, program) == said(sound, unmeasured)


def test_a_remembered_snapshot_equals_the_real_one(sound: Environment) -> None:
    def at(environment: Environment) -> tuple[Door, Config, None, Look]:
        return (Door("test", (str(environment.python),)), environment.config, None, Look(behaviour=False))

    told = remembered.snapshot_once(*at(sound))
    assert told == doors.snapshot_bytes(*at(sound))
    assert remembered.snapshot_once(*at(sound)) == told
    # After a change of a file, the function must take a new snapshot.
    (sound.site / "beta.py").write_text("changed\n")
    changed = remembered.snapshot_once(*at(sound))
    assert changed == doors.snapshot_bytes(*at(sound))
    assert changed != told


@pytest.mark.parametrize("name", ["PYTHONPATH", "PYTHONHOME"])
def test_a_remembered_snapshot_depends_on_the_variables_of_the_process(
    name: str, sound: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(name, raising=False)
    here = (Door("test", (str(sound.python),)), sound.config, None, Look(behaviour=False))
    without = remembered.snapshot_once(*here)
    monkeypatch.setenv(name, "/some/where")
    assert os.environ[name] in remembered.snapshot_once(*here).decode()
    assert "/some/where" not in without.decode()
