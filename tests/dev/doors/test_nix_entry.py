"""Tests of the program that each shell of flake.nix runs first: it makes the environment and prints the variables."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.doors.nix_entry import enter, main
from dev.lockenv.environments import EnvironmentMaker
from dev.lockenv.project import Project
from dev.lockenv.source import Source


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Project, str]]:
    """Return the list of the requested environments, which are recorded and not made.

    Each entry has the project and the track (a version of libp2p, such as v0.4).
    """
    asked: list[tuple[Project, str]] = []

    def make(maker: EnvironmentMaker, track: str, _source: Source | None = None) -> Path:
        asked.append((maker.project, track))
        return maker.project.environment(track) / "bin" / "python"

    monkeypatch.setattr(EnvironmentMaker, "track", make)
    return asked


def test_the_environment_is_first_on_path(
    project: Project, made: list[tuple[Project, str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/one:/two")
    found = enter(project.root, "v0.8")
    home = Path(found["LOCKENV_HOME"])
    assert home != project.root
    assert found["VIRTUAL_ENV"] == str(home / ".venv-v0.8")
    assert found["PATH"] == f"{home}/.venv-v0.8/bin:/one:/two"
    ((asked, track),) = made
    assert (asked.root, asked.home, track) == (project.root, home, "v0.8")


def test_an_unknown_track_ends_the_shell(project: Project) -> None:
    with pytest.raises(CommandError, match=r"^track: expected one of v0\.4, .*found 'v9'$"):
        enter(project.root, "v9")


def test_a_folder_that_cannot_be_written_ends_the_shell(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(EnvironmentMaker, "track", full)
    with pytest.raises(CommandError, match=r"expected to make the environment of v0\.4 there, found: .*No space left"):
        enter(project.root, "v0.4")


def test_the_variables_are_quoted_for_the_shell(
    made: list[tuple[Project, str]], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/a folder")
    assert main(["v0.4"]) == 0
    assert [track for _, track in made] == ["v0.4"]
    said = capsys.readouterr().out.splitlines()
    assert [line.partition("=")[0] for line in said] == ["export LOCKENV_HOME", "export PATH", "export VIRTUAL_ENV"]
    assert said[1].endswith("/bin:/a folder'")


def test_an_environment_that_cannot_be_made_ends_the_shell(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["v9"]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("nix: track: expected one of v0.4, ")
    assert told.err.count("\n") == 1
