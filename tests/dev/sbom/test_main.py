"""`scripts/sbom` and `scripts/licences` as a person calls them."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from dev.lockenv.project import Project


def call(root: Path, script: str, *arguments: str, cwd: Path = Path("/")) -> "subprocess.CompletedProcess[str]":
    command = [str(root / "scripts" / script), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False, timeout=110)


@pytest.fixture
def copy(project: Project, tmp_path: Path) -> Path:
    """The repository without its environments, which are linked to."""
    made = tmp_path / "copy"
    ignored = shutil.ignore_patterns(".venv*", ".nix-environments", ".cache", ".git", "__pycache__", "node_modules")
    shutil.copytree(project.root, made, ignore=ignored)
    for path in (*project.root.glob(".venv*"), project.cache):
        (made / path.name).symlink_to(path)
    return made


def test_0_a_document_of_each_track_in_the_callers_folder(project: Project, tmp_path: Path) -> None:
    done = call(project.root, "sbom", "--output", "out", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "out/v0.4.cdx.json\nout/v0.8.cdx.json\n"
    first = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {json.loads(text)["specVersion"] for text in first.values()} == {"1.6"}
    done = call(project.root, "sbom", "--output", "again", "--track", "v0.8", cwd=tmp_path)
    assert done.stdout == "again/v0.8.cdx.json\n"
    assert (tmp_path / "again" / "v0.8.cdx.json").read_bytes() == first["v0.8.cdx.json"]


def test_0_where_the_licences_are_up_to_date(project: Project) -> None:
    done = call(project.root, "licences", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_1_where_they_are_not_and_then_they_are_written_again(copy: Path) -> None:
    path = copy / "docs" / "licences.md"
    kept = path.read_text()
    path.write_text(kept.replace("LGPL-2.1-or-later", "MIT"))
    done = call(copy, "licences", "--check")
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == (
        "scripts/licences: docs/licences.md: expected what the environments say, found another text; "
        "run scripts/licences\n"
    )
    done = call(copy, "licences")
    assert (done.returncode, done.stdout) == (0, "docs/licences.md\n")
    assert path.read_text() == kept


@pytest.mark.parametrize(
    ("script", "arguments", "said"),
    [
        ("sbom", ["--track", "v9"], "invalid choice: 'v9'"),
        ("sbom", ["surprise"], "unrecognized arguments: surprise"),
        ("licences", ["surprise"], "unrecognized arguments: surprise"),
    ],
)
def test_2_where_the_command_line_is_wrong(project: Project, script: str, arguments: list[str], said: str) -> None:
    done = call(project.root, script, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.startswith(f"usage: scripts/{script} ")


def test_3_where_it_cannot_be_written(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = call(project.root, "sbom", "--output", "file", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("scripts/sbom: expected to write what was made, found: ")
    assert done.stderr.count("\n") == 1


def test_3_where_an_environment_is_not_there(copy: Path) -> None:
    (copy / ".venv-v0.4-git").unlink(missing_ok=True)
    done = call(copy, "sbom", "--track", "v0.4-git")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("found none; make it with scripts/ping --track v0.4-git\n")
    assert done.stderr.count("\n") == 1
