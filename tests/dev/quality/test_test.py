"""`scripts/test`: what it passes to pytest, and what it leaves out on a machine that lacks something."""

from pathlib import Path

import pytest

from dev.command.errors import CommandError
from dev.lockenv.environments import EnvironmentMaker
from dev.quality import test as command

LEFT_OUT = """\
test: left out: what needs redis-server; get it with: apt-get install -y redis-server
test: left out: what needs chromium; get it with: apt-get install -y chromium
test: left out: what needs a Docker engine; get it with: scripts/offline engine && scripts/offline images
test: left out: what needs Nix; get it with: scripts/nix
test: left out: what needs the peers of other implementations; get them with: scripts/matrix --build
test: left out: what needs network namespaces: expected root, found another user
test: left out: what needs an address other than loopback; get one by joining a network
"""
NETWORK = "test: left out: what reaches the package registries; run it with: scripts/test --strict\n"
COMMIT = "test: left out: what compares with the commit of v0.4-git; get it with: scripts/ping --track v0.4-git\n"
# A Python of the tests, which writes down what pytest is asked.
_PYTHON = """#!/bin/sh
case "$*" in
  *netrelay*) echo "netrelay: expected root, found another user"; exit {lacks} ;;
  -c*) exit {lacks} ;;
esac
printf '%s|' "${{0##*/}}" "$@" >> {folder}/asked
echo >> {folder}/asked
exit {status}
"""


class Machine:
    """A machine on which everything is missing, or nothing; its pytest ends with `status`."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.patch = monkeypatch

    def set(self, *, lacks: bool, commit: bool = True, status: int = 0) -> None:
        def find(*_arguments: object) -> object:
            if lacks:
                raise CommandError("engine: expected Docker, found none")
            return object()

        for name in ("v0.4", "v0.8"):
            text = _PYTHON.format(lacks=int(lacks), folder=self.folder, status=status)
            (self.folder / name).write_text(text)
            (self.folder / name).chmod(0o755)
        self.patch.setattr(command, "find_engine", find)
        self.patch.setattr(command, "find_nix", find)
        self.patch.setattr("shutil.which", lambda name: None if lacks else f"/bin/{name}")
        self.patch.setattr("dev.lockenv.system.package_manager", lambda: "apt")
        self.patch.setattr(command, "_peers", find if lacks else lambda *_: None)
        self.patch.setattr(command, "was_made", lambda *_: commit)
        self.patch.setattr(EnvironmentMaker, "track", lambda *_: None)
        self.patch.setattr(EnvironmentMaker, "tools", lambda _: None)
        self.patch.setattr(EnvironmentMaker, "test", lambda _, track: self.folder / track)

    def asked(self) -> list[list[str]]:
        """What was run: the track, then the words of its Python."""
        path = self.folder / "asked"
        return [line.split("|")[:-1] for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    return Machine(tmp_path, monkeypatch)


def test_everything_runs_where_nothing_is_missing(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=False)
    assert command.main(["--strict"]) == 0
    within = ["v0.8", "-m", "pytest", "-m", "not processes", "tests/pingtest"]
    assert machine.asked() == [["v0.4", "-m", "pytest", "-m", ""], within]
    shown = capfd.readouterr()
    assert (shown.out, shown.err) == ("test: the in-process tests once more, on libp2p 0.8\n", "")


def test_what_the_machine_lacks_is_left_out_and_named(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=True, commit=False)
    assert command.main([]) == 0
    assert capfd.readouterr().err == LEFT_OUT + NETWORK + COMMIT
    marks = ["redis", "browser", "docker", "nix", "peers", "netns", "lan", "network", "commit"]
    expression = " and ".join(f"not {mark}" for mark in marks)
    assert [words[4] for words in machine.asked()] == [expression, f"{expression} and not processes"]


def test_a_strict_run_ends_where_something_is_missing(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=True)
    assert command.main(["--strict"]) == 3
    said = "expected redis-server on PATH, found none; install it with: apt-get install -y redis-server"
    assert capfd.readouterr().err == f"scripts/test: {said}\n"
    assert machine.asked() == []


def test_options_are_pytests_and_run_on_one_track(machine: Machine, capfd: pytest.CaptureFixture[str]) -> None:
    machine.set(lacks=False)
    options = ["tests/pingtest", "-k", "two words", "--strict", "--help"]
    assert command.main(options) == 0
    assert machine.asked() == [["v0.4", "-m", "pytest", "-m", "not network", *options]]
    assert capfd.readouterr().err == NETWORK
    assert command.main(["--strict", "-x"]) == 0
    assert machine.asked()[1:] == [["v0.4", "-m", "pytest", "-m", "", "-x"]]


@pytest.mark.parametrize("status", [1, 2, 4, 5])
def test_the_status_is_pytests(machine: Machine, status: int) -> None:
    machine.set(lacks=False, status=status)
    assert command.main([]) == status
    assert len(machine.asked()) == 1
