"""Tests of `scripts/sbom`, which writes a bill of materials for each track, a pinned version of libp2p."""

import json
from pathlib import Path

import pytest
from checkout import run_script

from dev.lockenv.project import Project


def test_the_document_of_each_track_is_written_into_the_callers_folder(project: Project, tmp_path: Path) -> None:
    done = run_script(project.root, "sbom", "--output", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{tmp_path}/out/v0.4.cdx.json\n{tmp_path}/out/v0.8.cdx.json\n"
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {json.loads(text)["specVersion"] for text in first.values()} == {"1.6"}
    done = run_script(project.root, "sbom", "--output", "again", "--track", "v0.8", cwd=tmp_path)
    assert done.stdout == f"{tmp_path}/again/v0.8.cdx.json\n"
    assert (tmp_path / "again" / "v0.8.cdx.json").read_bytes() == first["v0.8.cdx.json"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["--track", "v9"], "invalid choice: 'v9'"), (["surprise"], "unrecognized arguments: surprise")],
)
def test_a_wrong_command_line_exits_with_2(project: Project, arguments: list[str], said: str) -> None:
    done = run_script(project.root, "sbom", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith("usage: scripts/sbom ")


def test_a_document_that_cannot_be_written_exits_with_3(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = run_script(project.root, "sbom", "--output", "file", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/sbom: expected no error from the system, found: ")
    assert done.stderr.count("\n") == 1


def test_a_missing_environment_exits_with_3(checkout: Path) -> None:
    (checkout / ".venv-v0.4-git").unlink(missing_ok=True)
    done = run_script(checkout, "sbom", "--track", "v0.4-git")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("found none; make it with: scripts/ping --track v0.4-git\n")
    assert done.stderr.count("\n") == 1
