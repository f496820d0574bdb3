"""Tests of `scripts/lock`: the pinned versions that it upgrades, and the changed lock files that it prints."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from dev.command.errors import CommandError
from dev.doors import lock_command
from dev.lockenv import resolve
from dev.lockenv.project import Project

Upgrade = bool | tuple[str, ...]


@pytest.fixture
def upgrades(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Upgrade]:
    """Replace the resolver by a function that changes the lock `one` and keeps the lock `two`.

    Return the list of the values that the function gets as `upgrade`: True for all pins, False for none, or the names
    of the pins to upgrade.
    """

    def lock(name: str) -> Path:
        return tmp_path / "locks" / f"{name}.txt"

    project = SimpleNamespace(root=tmp_path, lock=lock, toolchain=None, settings=None)
    (tmp_path / "locks").mkdir()
    for name in ("one", "two"):
        project.lock(name).write_text(name)
    asked: list[Upgrade] = []

    def lock_all(_project: Project, _uv: Path, upgrade: Upgrade, _build: tuple[str, ...]) -> Iterator[str]:
        asked.append(upgrade)
        project.lock("one").write_text("moved")
        yield from ("one", "two")

    monkeypatch.setattr(lock_command, "this_project", lambda: project)
    monkeypatch.setattr(resolve, "bootstrap", lambda *_: Path("uv"))
    monkeypatch.setattr(resolve, "lock_all", lock_all)
    monkeypatch.setattr(resolve, "find_interpreter", lambda *_: None)
    return asked


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [([], False), (["--upgrade"], True), (["--upgrade", "trio", "toolchain"], ("trio", "toolchain"))],
)
def test_the_output_names_the_locks_that_changed(
    upgrades: list[Upgrade], capsys: pytest.CaptureFixture[str], arguments: list[str], asked: Upgrade
) -> None:
    assert lock_command.main(arguments) == 0
    assert upgrades == [asked]
    assert capsys.readouterr().out == "locks/one.txt\n"


def test_the_pins_of_debian_packages_are_moved(
    upgrades: list[Upgrade], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_command, "find_engine", lambda: "engine")
    monkeypatch.setattr(lock_command, "find_base", lambda *_: ("base", None))
    monkeypatch.setattr(lock_command, "move_pins", lambda *words: {words[2]: ("1", "2")})
    assert lock_command.main(["--upgrade", "toolchain"]) == 0
    assert capsys.readouterr().out == "base 1 -> 2\n"
    assert upgrades == []


def test_a_lock_that_cannot_be_compiled_is_one_line(
    upgrades: list[Upgrade], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> Iterator[str]:
        raise CommandError("locking one: no such release")

    monkeypatch.setattr(resolve, "lock_all", fail)
    assert lock_command.main([]) == 1
    assert capsys.readouterr().err == "scripts/lock: locking one: no such release\n"
    assert upgrades == []


def test_a_misspelt_option_moves_no_pin(upgrades: list[Upgrade], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        lock_command.main(["--upgrad"])
    assert caught.value.code == 2
    said = capsys.readouterr().err
    assert said.startswith("usage: scripts/lock ")
    assert said.endswith("scripts/lock: error: unrecognized arguments: --upgrad\n")
    assert upgrades == []
