"""Tests of the probe (the program that reads an environment): its output, and the variables and folders around it."""

import json
import subprocess
from pathlib import Path

import pytest
from environment_builder import Environment
from probing import wrong

from envparity.probe.assembly import probe_text
from envparity.snapshot.doors import Door, Look, open_door
from envparity.snapshot.types import SCHEMA


def test_two_runs_give_the_same_bytes(empty: Environment) -> None:
    for number in range(20):
        empty.add(f"dist-{number}", files={f"shared/{number}.py": "x", f"big/{number}.bin": b"x" * (600 << 10)})
    subprocess.run([empty.python, "-I", "-c", "import shared"], check=True)
    runs = {empty.snapshot_bytes() for _ in range(3)}
    assert len(runs) == 1
    (data,) = runs
    document = json.loads(data)
    assert document["schema"] == SCHEMA
    assert list(document["files"]) == sorted(document["files"])


def run(environment: Environment, redirection: str) -> subprocess.CompletedProcess[bytes]:
    """Run the probe in a shell. `redirection` says where its standard output goes, as in `> /dev/full`."""
    command = ["sh", "-c", f'exec "$0" -I -S - {redirection}', str(environment.python)]
    return subprocess.run(command, input=probe_text().encode(), capture_output=True, check=False, timeout=60)


@pytest.mark.parametrize(
    ("redirection", "said"),
    [
        (">&-", b"probe: expected standard output to be open, found it closed\n"),
        pytest.param(
            "> /dev/full",
            b"probe: expected to write the snapshot, found: No space left on device\n",
            marks=pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here; run on Linux"),
        ),
    ],
)
def test_output_that_cannot_be_written_is_an_error(empty: Environment, redirection: str, said: bytes) -> None:
    done = run(empty, redirection)
    assert (done.returncode, done.stdout, done.stderr) == (1, b"", said)


def test_a_reader_that_closes_the_pipe_is_an_error(empty: Environment) -> None:
    empty.add("alpha", files={f"alpha/{number}.py": "" for number in range(3000)})
    done = run(empty, "| head -c 10")
    assert done.stderr == b"probe: expected to write the snapshot, found: Broken pipe\n"


def test_the_probe_runs_without_home_path_and_locale(empty: Environment) -> None:
    empty.add("alpha")
    assert empty.probe(environ={}).files == empty.probe().files


def test_the_probe_does_not_import_from_the_current_folder_or_pythonpath(empty: Environment, tmp_path: Path) -> None:
    empty.add("alpha")
    trap = tmp_path / "trap"
    trap.mkdir()
    for name in ("json", "hashlib", "csv", "_ssl", "alpha", "sitecustomize", "usercustomize"):
        (trap / f"{name}.py").write_text("raise SystemExit('trapped')\n", encoding="ascii")
    snapshot = empty.probe(environ={"PYTHONPATH": str(trap), "PYTHONSTARTUP": str(trap / "json.py")}, cwd=trap)
    assert snapshot.located.hidden == {"PYTHONPATH": str(trap)}
    assert wrong(snapshot) == {"path-hidden"}


def test_output_at_the_start_of_python_is_ignored(empty: Environment) -> None:
    """A .pth file may print text before the probe starts."""
    (empty.site / "noise.pth").write_text("import sys; sys.stdout.write('noise\\n')\n", encoding="ascii")
    door = Door("noisy", (str(empty.python),))
    snapshot = open_door(door, empty.config, None, Look(behaviour=False))
    assert snapshot.files["site/noise.pth"].pth == "code"
