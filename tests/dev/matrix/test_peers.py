"""Tests of `scripts/matrix --build`, which builds peers, the programs for the ping test in Go, Rust and JavaScript.

The command reports a wrong name before it builds anything.
"""

from dataclasses import replace
from pathlib import Path

import pytest

from dev.lockenv.project import Project
from dev.matrix import command
from dev.matrix.command import main


@pytest.fixture
def folder(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make the folder `peers` of a fake project, and return its path.

    The peers `mine` and `other` can be built, the build of `half` fails, and `__pycache__` is no peer.
    """
    monkeypatch.setattr(command, "this_project", lambda: replace(project, root=tmp_path))
    for name, text in (("mine", "echo mine"), ("other", "echo other"), ("half", "exit 1")):
        build = tmp_path / "peers" / name / "build"
        build.parent.mkdir(parents=True)
        build.write_text(f"#!/bin/sh\n{text}\n")
        build.chmod(0o755)
    (tmp_path / "peers" / "__pycache__").mkdir()
    return tmp_path / "peers"


def test_peers_are_built_in_the_order_of_their_names_or_as_given(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--build", "other", "mine"]) == 0
    assert capfd.readouterr() == ("other\nmine\n", "")
    assert main(["--build", "other", "half", "mine"]) == 3
    assert capfd.readouterr() == ("other\n", "")
    (folder / "half" / "build").unlink()
    assert main(["--build"]) == 0
    assert capfd.readouterr() == ("mine\nother\n", "")


@pytest.mark.parametrize("wrong", ["nobody", "../peers/mine", "", ".", "__pycache__"])
def test_a_wrong_name_is_reported_before_anything_is_built(
    folder: Path, wrong: str, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["--build", "mine", wrong]) == 2
    assert capfd.readouterr() == ("", f"scripts/matrix: expected one of half mine other, found {wrong}\n")
    assert folder.exists()


def test_a_build_that_cannot_run_is_reported_before_anything_is_built(
    folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "half" / "build").chmod(0o644)
    assert main(["--build", "mine", "half"]) == 3
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("scripts/matrix: peers/half/build: expected an executable file, found none; ")
