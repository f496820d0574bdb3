"""Tests that the probe prints the same under `scripts/quality coverage` and `scripts/quality mutants` as otherwise."""

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
    """Return the text of the probe without coverage, even if this process measures it."""
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


def test_the_measured_probe_prints_the_same_snapshot(sound: Environment, tmp_path: Path, unmeasured: str) -> None:
    (tmp_path / "data").mkdir()
    program = measured.program(configuration(tmp_path / "data"))
    assert said(sound, program) == said(sound, unmeasured)
    (written,) = (tmp_path / "data").iterdir()
    data = coverage.CoverageData(str(written))
    data.read()
    # Coverage must count every section from its first line, under the path of its module.
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
    (tmp_path / "nowhere").touch()  # a file in the place of the folder, so that coverage cannot write there
    assert said(sound, program) == said(sound, unmeasured)


def test_a_remembered_snapshot_equals_the_real_one(sound: Environment) -> None:
    def at(environment: Environment) -> tuple[Door, Config, None, Look]:
        return (Door("test", (str(environment.python),)), environment.config, None, Look(behaviour=False))

    told = remembered.snapshot_once(*at(sound))
    assert told == doors.snapshot_bytes(*at(sound))
    assert remembered.snapshot_once(*at(sound)) == told
    # A changed file must lead to another snapshot.
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
