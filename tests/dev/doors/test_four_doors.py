"""Tests that compare the environments behind the four doors: they are equal, and one changed byte is found.

A door is one way into the project's environment: venv, docker, devcontainer or nix.
"""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from compared import compare

from dev.doors.devcontainer import is_up
from dev.doors.engines import find_engine
from dev.lockenv.project import Project

pytestmark = [
    pytest.mark.slow,
    pytest.mark.devcontainer,
    pytest.mark.docker,
    pytest.mark.network,
    pytest.mark.nix,
    pytest.mark.timeout(600),
]


@pytest.fixture(autouse=True, scope="module")
def _down(project: Project) -> Iterator[None]:
    """Stop the devcontainer after the tests, unless it was running before them."""
    was_up = is_up(find_engine(), project, "v0.4")
    yield
    if not was_up:
        subprocess.run([project.root / "scripts" / "devcontainer", "down"], check=True)


DOORS = ["venv", "docker", "devcontainer", "nix"]


@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_the_four_doors_are_equal(project: Project, track: str, tmp_path: Path) -> None:
    page = tmp_path / "doors.html"
    found = compare(project, "--strict", "--track", track, "--report", str(page))
    assert (found.status, found.errors) == (0, []), found.complaints
    assert found.doors == DOORS
    # The doors differ only in the folder of the environment and in the files that each installer wrote. The report
    # lists these differences under codes that begin with `transform`.
    between = [one["code"] for one in found.report["findings"] if len(one["doors"]) > 1]
    assert [code for code in between if code.startswith("transform")]
    assert all(name in page.read_text() for name in DOORS)


def test_every_installed_file_is_traced_to_the_lock(project: Project) -> None:
    """No program of an environment is started, and what the lock builds from source is built again."""
    found = compare(project, "--strict", "--no-run", "--artefacts", "--bytecode")
    assert (found.status, found.errors) == (0, []), found.complaints
    assert found.doors == DOORS
    assert [one["code"] for one in found.report["findings"] if one["code"].startswith("artefact-")] == []
    for door in found.report["doors"]:
        trust = door["trust"]
        assert (door["level"], trust["artefacts"]) == ("outside", True)
        assert set(trust["judged"]) - {"compiled"} == {"lock", "built", "installer"}, "nothing only with RECORD"
        # Another release of Python 3.11 than that of the door may compile a source differently.
        assert set(trust["unjudged"]) - {"bytecode header"} == {"made with the environment"}
        assert trust["judged"]["built"]["files"] > 90


def test_a_changed_byte_is_found_in_its_door(project: Project) -> None:
    """The test changes a byte in the running devcontainer, so the report must name the door devcontainer."""
    path = "/home/dev/environments/.venv-v0.4/lib/python3.11/site-packages/multihash/multihash.py"
    inside: list[str | Path] = [project.root / "scripts" / "devcontainer", "exec"]
    assert compare(project, "venv", "devcontainer").status == 0
    kept = "/home/dev/kept"
    subprocess.run([*inside, "sh", "-c", f"cp -p {path} {kept} && echo '# one byte more' >> {path}"], check=True)
    try:
        found = compare(project, "--strict")
    finally:
        subprocess.run([*inside, "cp", "-p", kept, path], check=True)
    assert found.status == 1, found.complaints
    assert {path for one in found.errors for path in one["paths"]} == {"site/multihash/multihash.py"}
    assert ["devcontainer"] in [one["doors"] for one in found.errors]
    (differs,) = [one for one in found.errors if one["doors"] == DOORS]
    assert "different bytes in: venv and docker and nix; devcontainer" in differs["message"]
