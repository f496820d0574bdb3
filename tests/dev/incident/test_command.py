"""Tests of `scripts/incident`, which makes the broken environment of 2025-11-08 again, as a person calls it."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from progress_lines import without_progress

from dev.lockenv.project import Project

NOBODY = {"UV_DEFAULT_INDEX": "https://127.0.0.1:1/simple", "UV_HTTP_RETRIES": "0"}


def incident(project: Project, cwd: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [project.root / "scripts" / "incident", *arguments],
        cwd=cwd,
        env=dict(os.environ) | {"TMPDIR": str(cwd)} | environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--runs", "0"], "expected a whole number from 1 to 999999, found '0'"),
        (["--runs", "٣"], "expected a whole number from 1 to 999999"),
        (["surprise"], "unrecognized arguments: surprise"),
        (["--into", "full"], "--into: expected a new or an empty folder, found"),
        (["--into", "full/file"], "--into: expected a new or an empty folder, found"),
        (["--into", "absent/folder"], "/absent to exist, found none"),
        (["--json", "full"], "--json: expected a file, found the folder"),
        (["--json", "absent/file.json"], "--json: expected the folder"),
    ],
)
def test_a_wrong_command_line_exits_with_2(project: Project, tmp_path: Path, arguments: list[str], says: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    done = incident(project, tmp_path, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_an_environment_that_cannot_be_made_is_one_line(project: Project, tmp_path: Path) -> None:
    done = incident(project, tmp_path, **NOBODY)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/incident: expected `uv pip compile --exclude-newer 2025-11-08T00:00:00Z`")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []  # The command deleted its temporary folder.


def test_help_names_the_exit_statuses(project: Project, tmp_path: Path) -> None:
    done = incident(project, tmp_path, "--help")
    assert done.returncode == 0
    assert "Exit status: 0 the incident was reproduced, with every expected fact; 1" in " ".join(done.stdout.split())


@pytest.mark.network
def test_a_stopped_run_leaves_no_folder(project: Project, tmp_path: Path) -> None:
    script = project.root / "scripts" / "incident"
    with subprocess.Popen([script], env=dict(os.environ) | {"TMPDIR": str(tmp_path)}, stdin=subprocess.DEVNULL) as run:
        while not list(tmp_path.glob("incident-*/pip")) and run.poll() is None:
            time.sleep(0.1)
        time.sleep(3)
        run.send_signal(signal.SIGTERM)
        assert run.wait(60) == 128 + signal.SIGTERM
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.timeout(600)
def test_the_incident_can_be_observed(project: Project, tmp_path: Path) -> None:
    done = incident(project, tmp_path, "--into", "left", "--json", "record.json", "--runs", "2")
    assert (done.returncode, without_progress(done.stderr)) == (0, "")
    assert "AttributeError: module 'multihash' has no attribute 'Func'" in done.stdout
    assert "reproduced" in done.stdout
    text = (tmp_path / "record.json").read_text()
    for machine in (str(tmp_path), str(project.root), "://"):
        assert machine not in text
    record = json.loads(text)
    assert record["schema"] == "incident-1"
    assert [stray["name"] for stray in record["workaround"]["strays"]] == ["=0.8.2"]
    assert [race["at_once"] for race in record["races"]] == [1, 2, 8, 32]

    left = tmp_path / "left"
    assert f"scripts/parity {left}/pip --no-lock" in done.stdout
    parity: list[str | Path] = [project.root / "scripts" / "parity", left / "pip", "--no-lock", "--format", "json"]
    judged = subprocess.run(parity, capture_output=True, text=True, check=False)
    assert judged.returncode == 1
    contested = [one for one in json.loads(judged.stdout)["findings"] if one["code"] == "path-contested"]
    assert contested[0]["paths"] == ["site/multihash/__init__.py", "site/multihash/multihash.py"]
    assert all("the bytes of py-multihash 2.0.1" in line for line in contested[0]["details"])
