"""The docker build parity check: the image against the venv, and against the image of the old recipe."""

import json
import subprocess
from typing import Any

import pytest

from dev.lockenv.project import Project

pytestmark = [pytest.mark.docker, pytest.mark.timeout(600)]


def parity(project: Project, *arguments: str) -> tuple[int, dict[str, Any]]:
    command = [str(project.root / "scripts" / "parity"), *arguments, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


@pytest.mark.usefixtures("images")
@pytest.mark.parametrize("track", ["v0.4", "v0.8"])
def test_the_image_is_the_venv(project: Project, track: str) -> None:
    status, report = parity(project, "venv", "docker", "--track", track)
    assert [one for one in report["findings"] if one["severity"] == "error"] == []
    assert status == 0
    assert [door["name"] for door in report["doors"]] == ["venv", "docker"]
    assert len({door["python"] for door in report["doors"]}) == 1
    assert {versions[0] == versions[1] for versions in report["rows"].values()} == {True}
    # What was compiled in either place is the same, byte for byte: it is not even a note.
    assert [one for one in report["findings"] if any(".so" in path for path in one.get("paths", ()))] == []


def errors(report: dict[str, Any]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one in report["findings"]:
        if one["severity"] == "error":
            found.setdefault(one["code"], []).append(one["message"])
    return found


@pytest.mark.network
@pytest.mark.usefixtures("images")
def test_the_old_image_before_its_uninstall_step(project: Project, old_images: dict[str, str]) -> None:
    door = f"old=docker run --rm -i --entrypoint python {old_images['installed']}"
    status, report = parity(project, "docker", door)
    found = errors(report)
    assert status == 1
    (contested,) = found["path-contested"]
    assert contested.startswith("py-multihash 2.0.1 and pymultihash 0.8.2 both claim site/multihash/__init__.py, ")
    assert any("multihash" in line for line in found["behaviour-failed"])
    assert report["rows"]["multiaddr"] == ["0.0.12", "0.1.0"]
    assert report["rows"]["py-multihash"] == [None, "2.0.1"]
    (why,) = [one for one in report["why"] if one["distribution"] == "py-multihash"]
    assert why["door"] == "old"
    assert any(step["target"] == "py-multihash" and step["source"] == "multiaddr" for step in why["paths"][0])


@pytest.mark.network
@pytest.mark.usefixtures("images")
def test_the_old_image_after_its_uninstall_step(project: Project, old_images: dict[str, str]) -> None:
    door = f"old=docker run --rm -i --entrypoint python {old_images['worked-around']}"
    status, report = parity(project, "docker", door)
    found = errors(report)
    assert status == 1
    assert "path-contested" not in found
    assert found["requirement-unmet"] == ["multiaddr 0.1.0 requires py-multihash, which is not installed"]
    assert report["rows"]["multiaddr"] == ["0.0.12", "0.1.0"]
    assert "behaviour-failed" not in found
