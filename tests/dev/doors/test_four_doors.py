"""All doors of the project, opened for real: no difference, and one byte that is changed is found where it is."""

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dev.doors.devcontainer import is_up
from dev.doors.engine import find_engine
from dev.lockenv.project import Project

pytestmark = [pytest.mark.docker, pytest.mark.network, pytest.mark.nix, pytest.mark.timeout(600)]


@pytest.fixture(autouse=True, scope="module")
def _down(project: Project) -> Iterator[None]:
    """Nothing runs on that did not run before."""
    was_up = is_up(find_engine(), project, "v0.4")
    yield
    if not was_up:
        subprocess.run([project.root / "scripts" / "devcontainer", "down"], check=True)


def parity(project: Project, *arguments: str, status: int) -> Any:
    command: list[str | Path] = [project.root / "scripts" / "parity", *arguments, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stderr + done.stdout[-2000:]
    return json.loads(done.stdout)


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_four_doors(project: Project, track: str, tmp_path: Path) -> None:
    page = tmp_path / "doors.html"
    report = parity(project, "--strict", "--track", track, "--report", str(page), status=0)
    assert [door["name"] for door in report["doors"]] == ["venv", "docker", "devcontainer", "nix"]
    assert [one for one in report["findings"] if one["severity"] == "error"] == []
    # What parts them is where each was made and what was said by each installer, and nothing else.
    assert {one["code"] for one in report["findings"] if len(one["doors"]) > 1 and one["code"].startswith("transform")}
    assert all(name in page.read_text() for name in ("venv", "docker", "devcontainer", "nix"))


def test_a_byte_in_one_door(project: Project) -> None:
    """Changed in the container that runs: the door that is named is that one."""
    path = "/home/dev/environments/.venv-v0.4/lib/python3.11/site-packages/multihash/multihash.py"
    inside: list[str | Path] = [project.root / "scripts" / "devcontainer", "exec"]
    parity(project, "venv", "devcontainer", status=0)
    kept = "/home/dev/kept"
    subprocess.run([*inside, "sh", "-c", f"cp -p {path} {kept} && echo '# one byte more' >> {path}"], check=True)
    try:
        report = parity(project, "--strict", status=1)
    finally:
        subprocess.run([*inside, "cp", "-p", kept, path], check=True)
    errors = [one for one in report["findings"] if one["severity"] == "error"]
    assert {path for one in errors for path in one["paths"]} == {"site/multihash/multihash.py"}
    assert ["devcontainer"] in [one["doors"] for one in errors]
    parting = [one for one in errors if one["doors"] == ["venv", "docker", "devcontainer", "nix"]]
    assert ["venv and docker and nix | devcontainer" in one["message"] for one in parting] == [True]
