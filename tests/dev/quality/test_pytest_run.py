"""Tests of the pytest plugin of `scripts/test`: real runs of pytest in a project with one file."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.quality.pytest_run import named_files, progress_line

# A file with one test of each kind that the plugin treats in its own way.
_FILE = """\
import pytest

def test_quick(): pass

@pytest.mark.slow
def test_slow(): pass

@pytest.mark.docker
@pytest.mark.xdist_group(name="docker")
def test_image(): pass

def test_without(): pytest.skip("no grpcio here; get it with: a wheel")

@pytest.mark.parametrize("number", range(3))
@pytest.mark.xdist_group(name="one")
def test_together(number, worker_id): print(f"@{worker_id}@")
"""


def test_the_progress_line_has_the_counts_the_time_and_the_running_tests() -> None:
    assert progress_line(1234, 3537, 0, 151.9, ["a.py::b"]) == "1,234 of 3,537 tests, 2,303 left, 2:31"
    assert progress_line(5, 7, 1, 5, ["a.py::b", "c.py::d"]) == (
        "5 of 7 tests, 2 left, 1 failed, 0:05; still running: b, d"
    )
    assert progress_line(7, 7, 0, 3601, []) == "7 of 7 tests, 0 left, 60:01"


def test_the_files_that_a_command_line_names_are_found(tmp_path: Path) -> None:
    (tmp_path / "test_a.py").touch()
    named = named_files([f"{tmp_path}/test_a.py::test_b", str(tmp_path), f"{tmp_path}/none.py"])
    assert named == {(tmp_path / "test_a.py").resolve()}


class Inner:
    """A project with one file of tests, in which pytest runs with the plugin, as in `scripts/test`."""

    def __init__(self, project: Project, folder: Path) -> None:
        self.folder = folder
        self.environ = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV_"))}
        self.environ |= {"PYTHONPATH": str(project.root), "COLUMNS": "100", "TERM": "dumb"}
        (folder / "tests").mkdir()
        (folder / "outcome").mkdir()
        (folder / "tests" / "test_some.py").write_text(_FILE)
        marks = "".join(f"  {mark}: of the command\n" for mark in ("slow", "docker"))
        (folder / "pytest.ini").write_text(f"[pytest]\ntestpaths = tests\nmarkers =\n{marks}")

    def run(self, *options: str) -> str:
        own = ["-p", "dev.quality.pytest_run", "--outcome=outcome", "-p", "no:randomly", "-rPfE"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", *own, *options],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def outcome(self, name: str) -> object:
        return json.loads((self.folder / "outcome" / name).read_text())


@pytest.fixture
def inner(project: Project, tmp_path: Path) -> Inner:
    return Inner(project, tmp_path)


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_records_the_tests_that_it_left_out_and_skipped(inner: Inner, workers: str) -> None:
    shown = inner.run("--leave-out", "slow,docker", "-n", workers, "--dist", "loadgroup")
    name = "tests/test_some.py"
    assert inner.outcome("left-out.json") == {"slow": [f"{name}::test_slow"], "docker": [f"{name}::test_image"]}
    assert inner.outcome("skipped.json") == {"no grpcio here; get it with: a wheel": [f"{name}::test_without"]}
    assert "4 passed, 1 skipped" in shown
    assert "..." not in shown
    assert len(set(re.findall("@(.+)@", shown))) == 1, "a group stays on one worker"


def test_the_bytecode_of_the_tests_is_kept_and_the_tests_do_not_notice(inner: Inner) -> None:
    inner.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    check = "import sys\n\ndef test_it(): assert (sys.dont_write_bytecode, sys.pycache_prefix) == (True, None)\n"
    (inner.folder / "tests" / "test_settings.py").write_text(check)
    assert "1 passed" in inner.run("-n", "0", "tests/test_settings.py")
    assert list((inner.folder / ".cache" / "test-bytecode").rglob("test_settings.*.pyc"))
    assert not list((inner.folder / "tests").rglob("*.pyc"))


def test_the_slow_tests_of_a_named_file_run(inner: Inner) -> None:
    assert "6 passed, 1 skipped" in inner.run("--leave-out", "slow", "-n", "0", "tests/test_some.py")
    assert "1 passed" in inner.run("--leave-out", "slow", "-n", "0", "tests/test_some.py::test_slow")
    assert "5 passed, 1 skipped" in inner.run("--leave-out", "slow", "-n", "0", "tests")
    assert "1 passed" in inner.run("--leave-out", "quick", "-n", "0", "tests/test_some.py")
